"""What Fly's JSON means, in the words of older and of newer versions of its program."""

import json
from typing import Any

import pytest

from machines.failures import Failure
from machines.fly import images, remote
from machines.fly.flyctl import Flyctl
from machines.fly.remote import Release

COMMIT = "0123456789abcdef0123456789abcdef01234567"
IMAGE = f"registry.fly.io/keyarc-keys:sha-{COMMIT}"


class Said(Flyctl):
    """The program at the edge: it says always the same."""

    def __init__(self, said: Any) -> None:
        super().__init__(dry=True)
        self._said = json.dumps(said)

    def ask(self, *_arguments: str, otherwise: Any) -> Any:
        return json.loads(self._said) or otherwise


@pytest.mark.parametrize(
    "said",
    [
        {"Version": 7, "Status": "complete", "ImageRef": IMAGE, "CreatedAt": "2026-11-22"},
        {"version": 7, "status": "complete", "image_ref": IMAGE, "created_at": "2026-11-22"},
    ],
    ids=["older", "newer"],
)
def test_a_release_is_read_in_either_style(said: dict[str, Any]) -> None:
    [release] = remote.releases(Said([said]), "keyarc-keys")

    assert release == Release(7, "complete", IMAGE, "2026-11-22")
    assert release.commit == COMMIT


def test_a_digest_after_a_tag_is_left_out() -> None:
    said = {"Version": 1, "Status": "complete", "ImageRef": f"{IMAGE}@sha256:ab", "CreatedAt": ""}

    [release] = remote.releases(Said([said]), "keyarc-keys")

    assert release.image == IMAGE


def test_what_serves_is_the_newest_release_that_came_to_serve() -> None:
    said = [
        {"Version": 3, "Status": "failed", "ImageRef": "c:3", "CreatedAt": ""},
        {"Version": 1, "Status": "complete", "ImageRef": "a:1", "CreatedAt": ""},
        {"Version": 2, "Status": "complete", "ImageRef": "b:2", "CreatedAt": ""},
    ]

    serving = remote.current(remote.releases(Said(said), "keyarc-keys"))

    assert serving is not None
    assert serving.version == 2


def test_an_image_of_uncommitted_files_has_no_commit() -> None:
    assert Release(1, "complete", "registry.fly.io/a:dirty-20261122-190000", "").commit is None


def served(*images_in_order: str) -> list[Release]:
    """Releases, the newest first, of these images from the oldest on."""
    listed = [Release(at, "complete", name, "") for at, name in enumerate(images_in_order, 1)]
    return listed[::-1]


def test_before_is_the_last_other_image() -> None:
    older = images.before(served("a", "b", "b"))

    assert older is not None
    assert older.image == "a"


def test_before_does_not_lead_back_to_what_was_taken_back() -> None:
    assert images.before(served("a", "b", "a")) is None


def test_going_back_twice_goes_two_images_back() -> None:
    older = images.before(served("a", "b", "c", "b"))

    assert older is not None
    assert older.image == "a"


def test_a_machine_sleeps_when_it_is_stopped_or_suspended() -> None:
    states = ("started", "stopped", "suspended", "failed")

    told = [remote.machine({"id": "4d89", "state": state}).sleep for state in states]

    assert told == ["awake", "asleep", "asleep", "failed"]


def test_machines_that_are_gone_are_not_listed() -> None:
    said = [{"id": "1", "state": "destroyed"}, {"id": "2", "state": "stopped"}]

    assert [each.id for each in remote.machines(Said(said), "keyarc-keys")] == ["2"]


@pytest.mark.parametrize("said", [None, [], {}], ids=["null", "empty", "object"])
def test_nothing_is_read_however_it_is_said(said: Any) -> None:
    fly = Said(said)

    assert not remote.releases(fly, "keyarc-keys")
    assert not remote.machines(fly, "keyarc-keys")
    assert not remote.secrets(fly, "keyarc-keys")
    assert not remote.addresses(fly, "keyarc-keys")
    assert not remote.names(fly)
    assert not remote.certificates(fly, "keyarc-keys")


@pytest.mark.parametrize(
    "said",
    [[None], ["text"], [{"Version": 3}], [{"id": "4d89"}], {"error": "x"}],
    ids=["null", "text", "few fields", "other fields", "an error"],
)
def test_an_answer_that_is_not_known_here_is_told(said: Any) -> None:
    for ask in (remote.releases, remote.machines, remote.addresses):
        with pytest.raises(Failure, match=r"answers otherwise .*: another version of flyctl"):
            ask(Said(said), "keyarc-keys")


def test_a_certificate_is_found_in_an_object_too() -> None:
    said = {"certificates": [{"Hostname": "keys.example.com"}]}

    assert remote.certificates(Said(said), "keyarc-frontend") == {"keys.example.com"}
