"""Overviews and details, as JSON inside their seals."""

import json
from typing import Any

import pytest

from shared.keyarc.encoding import Broken
from shared.keyarc.items import Details, Field, Overview

OVERVIEW: dict[str, Any] = {
    "name": "KEY",
    "kind": "api_key",
    "provider": "github",
    "path": "a/b",
    "tags": ["x"],
    "environment": None,
    "expires_at": "2030-01-31",
    "reminder": 7,
    "rotate_days": 90,
    "rotated_at": "1790000000000",
    "check": {"verdict": "works"},
    "fingerprints": ["f"],
    "updated_at": "1",
}
DETAILS: dict[str, Any] = {
    "fields": [{"name": "value", "value": "v", "concealed": True}],
    "notes": "",
    "check": None,
    "certificate": None,
}


def test_an_overview_comes_back_with_what_this_version_does_not_know() -> None:
    media = {**OVERVIEW, "later": {"than": ["this", 1]}}

    overview = Overview.decode(json.dumps(media).encode())

    assert overview.address == "a/b/KEY"
    assert json.loads(overview.encode()) == media


def test_details_come_back_with_what_this_version_does_not_know() -> None:
    fields = [{**DETAILS["fields"][0], "later": True}]
    media = {**DETAILS, "fields": fields, "later": 1}

    details = Details.decode(json.dumps(media).encode())

    assert details.value == "v"
    assert json.loads(details.encode()) == media


def test_a_value_is_not_shown_by_accident() -> None:
    details = Details((Field("name", "needle"),), notes="needle")

    assert "needle" not in repr(details)


@pytest.mark.parametrize("missing", OVERVIEW)
def test_an_overview_without_one_of_its_keys_is_broken(missing: str) -> None:
    media = {name: value for name, value in OVERVIEW.items() if name != missing}

    with pytest.raises(Broken):
        Overview.decode(json.dumps(media).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"check": []},
        {"expires_at": 5},
        {"name": None},
        {"reminder": 1.5},
        {"reminder": True},
        {"rotate_days": "90"},
        {"rotated_at": 1},
        {"tags": "x"},
        {"tags": [1]},
        {"updated_at": 1},
    ],
    ids=str,
)
def test_an_overview_with_a_key_of_another_kind_is_broken(change: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        Overview.decode(json.dumps(OVERVIEW | change).encode())


@pytest.mark.parametrize(
    "change",
    [{"fields": []}, {"fields": [None]}, {"fields": [{"name": "x"}]}, {"notes": None}],
    ids=str,
)
def test_details_without_a_field_or_with_half_of_one_are_broken(change: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        Details.decode(json.dumps(DETAILS | change).encode())


@pytest.mark.parametrize("plaintext", [b"", b"null", b"[]", b"\xff", b"7"])
def test_what_is_no_object_is_broken(plaintext: bytes) -> None:
    for item in (Overview, Details):
        with pytest.raises(Broken):
            item.decode(plaintext)
