"""Versions come and go while requests run: nothing is lost, and nobody is answered by a version that is not there."""

from __future__ import annotations

import shutil
import threading

import pytest

from course.serving import Model, ServingError, ask, load_test, rest_client, wait_until_available
from course.serving.server import Server

ONE = {"instances": [[1, 2]]}


def states(server: Server, name: str) -> dict[str, str]:
    told = ask(f"{server.url}/v1/models/{name}").json["model_version_status"]
    return {one["version"]: one["state"] for one in told}


def test_a_new_version_is_picked_up_while_requests_run(save_linear, tmp_path):
    save_linear(tmp_path / "m", 1, 3.0)
    with Server([Model("m", tmp_path / "m")], poll=0.05, grpc_port=None) as server:
        found = []
        done = threading.Event()

        def clients() -> None:
            while not done.is_set():
                found.append(load_test(rest_client(f"{server.url}/v1/models/m:predict"), [ONE] * 40, 4))

        asking = threading.Thread(target=clients)
        asking.start()
        try:
            for version, bias in ((2, 10.0), (10, 20.0)):
                save_linear(tmp_path / "m", version, bias)
                wait_until_available(server.url, "m", version)
        finally:
            done.set()
            asking.join()
        answers = [answer for load in found for answer in load.answers]
        assert [load.failed for load in found if load.failed] == []
        values = [answer["predictions"][0][0] for answer in answers]
        assert set(values) <= {3.0, 10.0, 20.0}
        assert values[0] == 3.0
        assert ask(f"{server.url}/v1/models/m:predict", ONE).json == {"predictions": [[20.0]]}
        assert states(server, "m") == {"10": "AVAILABLE", "2": "END", "1": "END"}
        assert ask(f"{server.url}/v1/models/m/versions/1:predict", ONE).status == 404


def test_a_label_moves_without_a_moment_in_between(store):
    folder = store / "linear"
    with Server([Model("m", folder, "all", labels={"stable": 1})], grpc_port=None) as server:
        url = f"{server.url}/v1/models/m/labels/stable:predict"
        assert ask(url, ONE).json == {"predictions": [[3.0]]}
        moving = threading.Thread(
            target=lambda: [
                server.configure([Model("m", folder, "all", labels={"stable": 1 + i % 2})]) for i in range(60)
            ]
        )
        moving.start()
        load = load_test(rest_client(url), [ONE] * 200, 3)
        moving.join()
        assert load.failed == []
        assert {answer["predictions"][0][0] for answer in load.answers} <= {3.0, 10.0}
        assert ask(url, ONE).json == {"predictions": [[10.0]]}


def test_a_folder_that_is_still_being_written_is_left_alone_and_a_broken_one_is_told(save_linear, tmp_path, eventually):
    save_linear(tmp_path / "m", 1)
    source = save_linear(tmp_path / "other", 1, 7.0)
    with Server([Model("m", tmp_path / "m")], poll=0.02, grpc_port=None) as server:
        half = tmp_path / "m" / "2"
        shutil.copytree(source / "variables", half / "variables")
        (tmp_path / "m" / "3").mkdir()
        (tmp_path / "m" / "3" / "saved_model.pb").write_bytes(b"no model at all")
        eventually(lambda: states(server, "m").get("3") == "END")
        told = ask(f"{server.url}/v1/models/m/versions/3").json["model_version_status"][0]["status"]
        assert told["error_code"] == "UNKNOWN"
        assert told["error_message"]
        assert "Traceback" not in told["error_message"]
        assert "2" not in states(server, "m")
        # The good one stays, though it is no longer the newest.
        assert ask(f"{server.url}/v1/models/m:predict", ONE).json == {"predictions": [[3.0]]}
        shutil.copy(source / "saved_model.pb", half / "saved_model.pb")
        shutil.rmtree(tmp_path / "m" / "3")
        wait_until_available(server.url, "m", 2)
        assert ask(f"{server.url}/v1/models/m:predict", ONE).json == {"predictions": [[7.0]]}


def test_an_emptied_folder_does_not_take_the_last_version_away(save_linear, tmp_path):
    save_linear(tmp_path / "m", 1)
    with Server([Model("m", tmp_path / "m")], grpc_port=None) as server:
        shutil.rmtree(tmp_path / "m")
        server._repository.look()
        assert ask(f"{server.url}/v1/models/m:predict", ONE).json == {"predictions": [[3.0]]}


def test_a_model_that_is_configured_away_is_gone(store):
    both = [Model("a", store / "linear"), Model("b", store / "words")]
    with Server(both, grpc_port=None) as server:
        server.configure(both[:1])
        assert ask(f"{server.url}/v1/models/b").status == 404
        assert ask(f"{server.url}/v1/models/a").status == 200
        # The same name over another folder is another model, though its version has the same number.
        server.configure([Model("a", store / "words")])
        assert ask(f"{server.url}/v1/models/a:predict", {"instances": ["x"]}).status == 200


def test_models_that_cannot_be_served_are_told_when_the_server_starts(tmp_path, save_linear):
    cases = {"nothing": "which holds nothing", "named": "which holds v1", "missing": "is not there"}
    (tmp_path / "nothing").mkdir()
    (tmp_path / "named" / "v1").mkdir(parents=True)
    broken = tmp_path / "broken" / "1"
    broken.mkdir(parents=True)
    (broken / "saved_model.pb").write_bytes(b"\xff")
    for name, says in {**cases, "broken": "can be loaded"}.items():
        with pytest.raises(ServingError, match=says):
            Server([Model(name, tmp_path / name)])
    with pytest.raises(ValueError, match="given to 2 models"):
        Server([Model("m", tmp_path), Model("m", tmp_path)])
