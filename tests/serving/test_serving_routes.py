"""Addresses: those of TensorFlow Serving are understood, any other is refused with what would be right."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from course.serving.errors import ServingError
from course.serving.routes import Route, parse


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("POST", "/v1/models/m:predict", Route("predict", "m")),
        ("POST", "/v1/models/m/versions/12:classify", Route("classify", "m", 12)),
        ("POST", "/v1/models/m/labels/stable:regress", Route("regress", "m", None, "stable")),
        ("GET", "/v1/models/m", Route("status", "m")),
        ("GET", "/v1/models/m/versions/007", Route("status", "m", 7)),
        ("GET", "/v1/models/m/labels/stable/metadata", Route("metadata", "m", None, "stable")),
        ("POST", "/V1/Models/m:PREDICT", Route("predict", "m")),
        ("POST", "/v1/models/my%20model/labels/a%2Fb:predict", Route("predict", "my model", None, "a/b")),
    ],
)
def test_a_good_address_says_what_is_wanted(method, path, route):
    assert parse(method, path) == route


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/", 404, "begins with /v1/models"),
        ("GET", "/v2/models/m", 404, "begins with /v1/models"),
        ("GET", "/v1/models/m:predict", 400, "Malformed request: GET /v1/models/m:predict"),
        ("POST", "/v1/models/m", 400, "Malformed request: POST"),
        ("PUT", "/v1/models/m", 400, "Malformed request: PUT"),
        ("GET", "/v1/models", 400, "Missing model name"),
        ("POST", "/v1/models/m:guess", 400, "Malformed"),
        ("POST", "/v1/models/m/versions/x:predict", 400, "Malformed"),
        ("POST", "/v1/models/m/versions/1/labels/a:predict", 400, "Malformed"),
        ("GET", "/v1/models/m/", 400, "Malformed"),
        ("POST", f"/v1/models/m/versions/{2**63}:predict", 400, "Failed to convert version"),
        ("POST", f"/v1/models/m/versions/{'9' * 5000}:predict", 400, "Failed to convert version"),
    ],
)
def test_a_bad_address_is_refused(method, path, status, says):
    with pytest.raises(ServingError, match=says) as caught:
        parse(method, path)
    assert caught.value.status == status


@given(st.sampled_from(["GET", "POST", "PATCH"]), st.text("/v1models:pred%2Fabc 0", max_size=60).map("/v1/".__add__))
@settings(deadline=None)
def test_any_address_is_understood_or_refused(method, path):
    refused, route = 0, None
    try:
        route = parse(method, path)
    except ServingError as error:
        refused = error.status
    assert (refused == 400) == (route is None)
    assert route is None or (route.name and (route.version is None or route.label is None))
