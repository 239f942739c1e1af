"""The explorer of requests sends what stands in its fields, and shows what came back."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from course import explore


@dataclass
class Answer:
    status: int
    json: object


@pytest.fixture
def sent():
    return []


@pytest.fixture
def explorer(sent):
    def ask(url, body):
        sent.append((url, body))
        return Answer(200, {"predictions": [3.0]}) if b"[1" in body else Answer(400, {"error": "no rows é"})

    places = {"latest": "", "version 1": "/versions/1"}
    return explore.requests(ask, "http://here/v1/models/m", places, values="[[1, 2]]")


def test_the_first_request_stands_in_its_twin(explorer, sent):
    assert sent == [("http://here/v1/models/m:predict", b'{"instances": [[1, 2]]}')]
    assert "curl http://here/v1/models/m:predict \\ -d '{\"instances\": [[1, 2]]}'" in explorer.twin.alt
    assert "answer 200" in explorer.twin.alt


def test_a_move_sends_another_request(explorer, sent):
    explorer.set(form="inputs", version="/versions/1", values="it's")
    assert sent[-1] == ("http://here/v1/models/m/versions/1:predict", b'{"inputs": it\'s}')
    assert "no rows é" in explorer.picture.alt
    assert explorer.picture.note.startswith("HTTP 400.")


def test_a_signature_is_named_where_one_is_chosen(sent):
    def ask(url, body):
        sent.append(json.loads(body))
        return Answer(200, {})

    explorer = explore.requests(ask, "http://here", {"latest": ""}, signatures=["serve"], values="[[1]]")
    explorer.set(signature="serve")
    assert sent == [{"instances": [[1]]}, {"signature_name": "serve", "instances": [[1]]}]


def test_a_server_that_is_gone_is_said(sent):
    def ask(url, body):
        if sent:
            raise ConnectionError("nobody answers at http://here")
        sent.append(url)
        return Answer(200, "a page")

    explorer = explore.requests(ask, "http://here", {"latest": ""})
    assert "a page" in explorer.twin.alt
    assert explorer.set(values="[[2, 2]]").error == "nobody answers at http://here"
