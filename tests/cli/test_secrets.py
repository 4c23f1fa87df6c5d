"""``set``, ``get``, ``ls`` and ``rm``, as the help says."""

import pytest

from tests.cli.keyarc import Keyarc


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"v", "v"),
        (b"v\n", "v"),
        (b"v\r\n", "v"),
        (b"v\n\n", "v\n"),
        (b" v ", " v "),
        ("🔑".encode(), "🔑"),
    ],
)
def test_a_value_comes_back_without_one_newline_at_its_end(
    keyarc: Keyarc, given: bytes, kept: str
) -> None:
    keyarc("set", "work/KEY", given=given)

    assert keyarc("get", "work/KEY").out == kept


def test_setting_again_makes_a_version_and_keeps_what_is_not_given(keyarc: Keyarc) -> None:
    keyarc("set", "work/a/b/KEY", "--tag", "x", "--tag", "y", "--environment", "prod", given=b"1")
    keyarc("set", "work/a/b/KEY", "--expires", "2030-01-31", "--kind", "password", given=b"2")

    secret = keyarc("get", "work/a/b/KEY", "--json").json

    assert secret["fields"] == [{"name": "value", "value": "2", "concealed": True}]
    assert (secret["version"], secret["path"], secret["name"]) == (2, "a/b", "KEY")
    assert (secret["tags"], secret["environment"]) == (["x", "y"], "prod")
    assert (secret["expires_at"], secret["kind"]) == ("2030-01-31", "password")


def test_the_list_shows_no_value(keyarc: Keyarc) -> None:
    keyarc("set", "work/db/KEY", given=b"needle-value")

    listed = keyarc("ls")
    as_json = keyarc("ls", "work", "--json")

    assert "work/db/KEY" in listed.out
    assert "needle" not in listed.out + listed.err + as_json.out


def test_a_secret_and_a_vault_can_be_given_by_id(keyarc: Keyarc) -> None:
    secret = keyarc("set", "work/KEY", "--json", given=b"v").json
    vault = keyarc("vault", "ls", "--json").json["vaults"][0]

    assert keyarc("get", f"{vault['id']}/{secret['id']}").out == "v"


def test_a_field_that_is_not_there_is_not_found_and_the_others_are_named(keyarc: Keyarc) -> None:
    keyarc("set", "work/KEY", given=b"v")

    assert keyarc("get", "work/KEY", "--field", "value").out == "v"
    assert "value" in keyarc("get", "work/KEY", "--field", "user", code=4).err


def test_what_is_not_there_is_not_found(keyarc: Keyarc) -> None:
    keyarc("get", "work/KEY", code=4)
    keyarc("rm", "work/KEY", code=4)
    keyarc("get", "other/KEY", code=4)
    keyarc("ls", "other", code=4)


@pytest.mark.parametrize("name", ["work", "work/", "/KEY", "work//KEY", "work/a//KEY", ""])
def test_a_name_that_is_none_is_wrong_use(keyarc: Keyarc, name: str) -> None:
    keyarc("get", name, code=2)


@pytest.mark.parametrize("date", ["2030-02-30", "tomorrow", "20300101", "2030-1-1"])
def test_a_date_that_is_none_is_wrong_use(keyarc: Keyarc, date: str) -> None:
    assert date in keyarc("set", "work/KEY", "--expires", date, given=b"v", code=2).err


@pytest.mark.parametrize("given", [b"", b"\n", b"\xff\xfe"])
def test_a_value_that_is_empty_or_no_text_is_wrong_use(keyarc: Keyarc, given: bytes) -> None:
    keyarc("set", "work/KEY", given=given, code=2)

    keyarc("get", "work/KEY", code=4)


def test_a_value_larger_than_a_secret_can_be_is_refused(keyarc: Keyarc) -> None:
    keyarc("set", "work/SMALL", given=b"x" * 60_000)

    assert "64 KiB" in keyarc("set", "work/LARGE", given=b"x" * 66_000, code=1).err
    assert len(keyarc("ls", "--json").json["secrets"]) == 1


def test_a_vault_is_made_once_and_has_no_slash(keyarc: Keyarc) -> None:
    keyarc("vault", "create", "work", code=5)
    keyarc("vault", "create", "a/b", code=2)
    keyarc("vault", "create", " ", code=2)

    assert [one["name"] for one in keyarc("vault", "ls", "--json").json["vaults"]] == ["work"]


def test_what_steers_a_terminal_is_not_printed(keyarc: Keyarc) -> None:
    keyarc("set", "work/\x1b[2Jclear", given=b"v")

    assert "\x1b" not in keyarc("ls").out
    assert "\x1b" not in keyarc("rm", "work/\x1b[2Jclear").err
