# Thirty Days of TensorFlow. Thin on purpose: an environment from exact versions, then `tf30 ...`.
# Runs with GNU make 3.81, the one that macOS has.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help lab test rare coverage spark lint env pin clean choice chromium FORCE

# Which TensorFlow: oldest (the oldest supported), pinned (the one the lessons were written with) or newest.
TF ?= pinned
# What pytest gets, as in: make test TESTS="tests/data/test_data.py -x". Which tests a worker takes together: tests/sharing.py
TESTS ?= -n 2 --no-loadscope-reorder
# Slow forms of what `make test` proves quickly: every wrong answer through stock nbgrader, Binder's environment by pip.
RARE ?= tests/nbgrader tests/setup/test_binder.py --every-answer --pip -n 2 --no-loadscope-reorder

ifeq ($(TF),pinned)
VENV := .venv
else
VENV := .venv-$(TF)
endif

PY := $(VENV)/bin/python
PINS := $(wildcard constraints/$(TF).txt)
HOW := $(if $(PINS),--constraint $(PINS),--upgrade --upgrade-strategy eager)
IN_RANGE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3.12 python3.11 python3.13 python3 python)
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable \
  "/Applications/Chromium.app/Contents/MacOS/Chromium" \
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

help:  ## this list
	@echo "Thirty Days of TensorFlow"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo "Choices: TF=oldest|pinned|newest (now $(TF)), PYTHON=path of a Python 3.11, 3.12 or 3.13"

lab: $(VENV)/.lab  ## set up and open JupyterLab on the start page
	@echo "Opening JupyterLab (Ctrl-C here stops it)"
	@$(VENV)/bin/tf30 lab

spark: $(VENV)/.dev  ## bring what day 30's Scala job needs (Java 17 and Maven; about 170 MB, once)
	@$(VENV)/bin/tf30 spark

test: chromium $(VENV)/.dev  ## set up and run every test
	@if command -v java >/dev/null 2>&1 && command -v mvn >/dev/null 2>&1; then $(VENV)/bin/tf30 spark; \
	else echo "Without Java 17 and Maven the tests of day 30's Scala job are left out."; fi
	@echo "== Style (ruff)"
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@echo "== Notebooks match their texts (tf30 build --check)"
	@$(VENV)/bin/tf30 build --check
	@echo "== Tests (pytest), with TensorFlow $(TF)"
	@$(PY) -m pytest $(TESTS)

rare: $(VENV)/.dev  ## run the slow tests that "make test" leaves out (half an hour and more)
	@$(PY) -m pytest $(RARE)

coverage: chromium $(VENV)/.dev  ## run the tests and tell which lines they run (takes half as long again)
	@$(PY) -m pytest --cov --cov-report=term $(TESTS)

lint: $(VENV)/.dev  ## put the code in order: ruff's fixes and format
	@$(VENV)/bin/ruff check --fix . && $(VENV)/bin/ruff format .

env: $(VENV)/.dev  ## only set up, with the test tools

pin: $(VENV)/.dev  ## resolve the exact versions in constraints/ again
	@echo "Resolving the newest versions for Python 3.11 to 3.13 on Linux, macOS and Windows"
	@for name in pinned oldest; do \
	  more=; [ ! -e constraints/$$name.in ] || more="--constraint constraints/$$name.in"; \
	  $(VENV)/bin/uv pip compile pyproject.toml --extra dev --extra gpu --universal --python-version 3.11 \
	    --fork-strategy fewest --upgrade --no-emit-package thirty-days-of-tensorflow --no-annotate --no-header \
	    --quiet $$more --output-file constraints/$$name.tmp \
	  && { echo "# Exact versions for Python 3.11 to 3.13, made by 'make pin'; do not edit."; \
	       cat constraints/$$name.tmp; } > constraints/$$name.txt \
	  && rm constraints/$$name.tmp && echo "  constraints/$$name.txt" \
	  || { rm -f constraints/$$name.tmp; \
	       echo "Could not resolve constraints/$$name.txt; the lines above say why." >&2; exit 1; }; \
	done

clean:  ## remove the environments and what tests leave (never a learner's notebooks)
	@echo "Removing .venv, .venv-oldest, .venv-newest, artifacts and caches"
	@rm -rf .venv .venv-oldest .venv-newest artifacts build dist .coverage .coverage.* .hypothesis .pytest_cache \
	  .ruff_cache

# --- The environment. Its stamps are older than pyproject.toml or the constraints only when pip must run again.

$(VENV)/.lab: pyproject.toml $(PINS) $(if $(PINS),,FORCE) | choice $(PY)
	$(call install,.,JupyterLab and TensorFlow)
	@touch $@

$(VENV)/.dev: pyproject.toml $(PINS) $(if $(PINS),,FORCE) | choice $(PY)
	$(call install,.[dev],JupyterLab with TensorFlow and the test tools)
	@touch $(VENV)/.lab $@

define install
	@$(PY) -c '$(IN_RANGE)' || { echo "$(VENV) was made with a Python that is not 3.11, 3.12 or 3.13:" \
	  "remove that folder and run make again." >&2; exit 1; }
	@echo "Installing $(2) into $(VENV) (the first time: about 1 GB, some minutes)"
	@$(PY) -m pip install --disable-pip-version-check --no-input $(HOW) --editable '$(1)' || { \
	  echo "pip could not install the course into $(VENV); its last lines above say why. Check the network" \
	  "connection (or proxy) and the free disk space (3 GB), then run the same make command again." >&2; exit 1; }
endef

$(PY): | choice
	@good=; bare=; for python in $(CANDIDATES); do \
	  $$python -c '$(IN_RANGE)' >/dev/null 2>&1 || continue; \
	  if $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then good=$$python; break; fi; \
	  bare=$${bare:-$$python}; \
	done; \
	if [ -z "$$good" ] && [ -n "$$bare" ]; then \
	  echo "$$bare has no venv module: install it (Debian, Ubuntu: sudo apt install" \
	    "python$$($$bare -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv) and run make again." >&2; exit 1; \
	elif [ -z "$$good" ]; then \
	  echo "No Python 3.11, 3.12 or 3.13 found (looked for: $(CANDIDATES)): install one (python.org, brew install" \
	    "python@3.12, or sudo apt install python3 python3-venv) and run make again." >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$good --version) ($$good)"; \
	$$good -m venv --clear $(VENV) || { echo "Could not create $(VENV): check that this folder is writable and the" \
	  "disk is not full, then run make again." >&2; exit 1; }

choice:
	@case "$(TF)" in oldest|pinned|newest) ;; \
	  *) echo "TF=$(TF) is not possible: write TF=oldest, TF=pinned or TF=newest." >&2; exit 1 ;; esac

chromium:
	@[ -z "$$CHROMIUM" ] || { [ -x "$$CHROMIUM" ] && exit 0; echo "CHROMIUM=$$CHROMIUM is not a program:" \
	  "correct it or leave it out." >&2; exit 1; }; \
	for browser in $(BROWSERS); do command -v "$$browser" >/dev/null 2>&1 && exit 0; done; \
	echo "The tests drive JupyterLab in Chromium and found none: install it (sudo apt install chromium," \
	  "or brew install --cask chromium) or name one with CHROMIUM=/path/to/it." >&2; exit 1

FORCE:
