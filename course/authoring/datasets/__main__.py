"""python -m course.authoring.datasets NAME PACKAGE [--write]: compares a set's files with its package."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import sys
from pathlib import Path

from course.authoring.datasets.packing import same_content
from course.data import catalogue
from course.paths import bundled

NAMES = ("addresses", "fashion", "flights", "houses", "penguins", "riders")


def main(arguments: list[str] | None = None) -> int:
    """0 when every file is what the package gives, or was written; 1 when one differs. Prints a line for each file."""
    parser = argparse.ArgumentParser(prog="python -m course.authoring.datasets", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="the set: a folder in datasets/")
    parser.add_argument("package", type=Path, help="the package that its card names, as a downloaded file")
    parser.add_argument("--write", action="store_true", help="write the files, and print what their card has to say")
    given = parser.parse_args(arguments)
    made = importlib.import_module(f"course.authoring.datasets.{given.name}").make(given.package)
    if given.write:
        return _write(given.name, made)
    verdicts = [_compare(given.name, file, content) for file, content in made.items()]
    return 0 if all(verdicts) else 1


def _write(name: str, made: dict[str, bytes]) -> int:
    for file, content in made.items():
        path = bundled("datasets") / name / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        print(f"{path}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    return 0


def _compare(name: str, file: str, content: bytes) -> bool:
    shipped = catalogue.read(name, file)
    if content == shipped:
        print(f"{file}: the sha256 of the card")
        return True
    if same_content(content, shipped, file):
        print(f"{file}: the content of the shipped file, compressed by another version of zlib")
        return True
    print(f"{file}: differs from the shipped file")
    return False


if __name__ == "__main__":
    sys.exit(main())
