"""Which versions are served, and the same said in TensorFlow Serving's own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course.serving import Model, config_text
from course.serving.config import on_disk


def test_the_policies_choose_among_what_is_there():
    there = [9, 10, 2]
    assert Model("m", Path()).wanted(there) == [10]
    assert Model("m", Path(), latest=2).wanted(there) == [9, 10]
    assert Model("m", Path(), "all").wanted(there) == [2, 9, 10]
    assert Model("m", Path(), [2, 7]).wanted(there) == [2]
    assert Model("m", Path()).wanted([]) == []


def test_only_whole_numbers_with_a_model_inside_are_versions(tmp_path):
    for name in ("1", "007", "v3", "tmp", "12", "-4", "5", str(2**63)):
        (tmp_path / name).mkdir()
        if name != "5":  # still being written: saved_model.pb comes last
            (tmp_path / name / "saved_model.pb").touch()
    (tmp_path / "13").touch()
    assert sorted(on_disk(Model("m", tmp_path))) == [1, 7, 12]
    assert on_disk(Model("m", tmp_path / "missing")) == {}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": ""}, "name of a model"),
        ({"name": "a/b"}, "name of a model"),
        ({"versions": "newest"}, "'latest', 'all'"),
        ({"versions": ["1"]}, "a version is '1'"),
        ({"versions": [True]}, "a version is True"),
        ({"latest": 0}, "at least 1"),
        ({"labels": {"": 1}}, "a label is ''"),
        ({"labels": {"stable": -1}}, "a version is -1"),
    ],
)
def test_what_makes_no_sense_is_said_at_once(given, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        Model(**{"name": "m", "folder": Path(), **given})


def test_the_configuration_file_is_what_the_real_server_reads(tmp_path):
    models = [
        Model("a", tmp_path / 'od"d', [1, 2], labels={"stable": 1, "canary": 2}),
        Model("b", tmp_path, "all"),
        Model("c", tmp_path, latest=3),
    ]
    config = pytest.importorskip("tensorflow_serving.config.model_server_config_pb2")
    from google.protobuf import text_format

    read = text_format.Parse(config_text(models), config.ModelServerConfig()).model_config_list.config
    assert [one.name for one in read] == ["a", "b", "c"]
    assert read[0].base_path == str(tmp_path / 'od"d')
    assert list(read[0].model_version_policy.specific.versions) == [1, 2]
    assert dict(read[0].version_labels) == {"stable": 1, "canary": 2}
    assert read[1].model_version_policy.WhichOneof("policy_choice") == "all"
    assert read[2].model_version_policy.latest.num_versions == 3
    assert {one.model_platform for one in read} == {"tensorflow"}
    assert not text_format.Parse(config_text([]), config.ModelServerConfig()).model_config_list.config
