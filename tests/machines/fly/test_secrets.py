"""``secrets`` holds Fly against the table, sets, and rotates while everything is in use."""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
import pytest

from shared.access_tokens import context_public_key
from tests.machines.fly.operator import Operator

CHECKERS = ("account", "keys")


def known_keys(operator: Operator) -> set[str]:
    """What the private services were told when they were started."""
    return {
        operator.apps[f"keyarc-{name}"]["environment"]["CONTEXT_PUBLIC_KEYS"] for name in CHECKERS
    }


def signing(operator: Operator) -> set[str]:
    """What the machines of auth and gateway have."""
    return {
        operator.apps[f"keyarc-{name}"]["environment"]["JWT_SECRET"] for name in ("auth", "gateway")
    }


def restarted(operator: Operator) -> list[str]:
    """The apps whose present image was deployed again, in order."""
    calls = [words for words in operator.calls("deploy") if "--image" in words]
    return [words[words.index("--app") + 1].removeprefix("keyarc-") for words in calls]


def age(operator: Operator, app: str, seconds: int) -> None:
    """Let the releases of *app* be older."""
    file = operator.fly / "state.json"
    state = json.loads(file.read_text())
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    for release in state["apps"][app]["releases"]:
        release["CreatedAt"] = at.isoformat().replace("+00:00", "Z")
    file.write_text(json.dumps(state))


def test_a_table_that_is_kept_is_printed_with_digests_only(operator: Operator) -> None:
    said = operator.done("secrets")

    assert "keyarc-frontend      has none, and needs none" in said
    for app in operator.apps.values():
        for value in app["secrets"].values():
            assert value not in said


def test_what_is_missing_and_what_is_superfluous_is_told(operator: Operator) -> None:
    file = operator.fly / "state.json"
    state = json.loads(file.read_text())
    del state["apps"]["keyarc-keys"]["secrets"]["DATABASE_URL"]
    state["apps"]["keyarc-frontend"]["secrets"]["JWT_SECRET"] = "hidden-word"
    file.write_text(json.dumps(state))

    said = operator.failed("secrets", "check")

    assert "keyarc-keys          DATABASE_URL           missing" in said
    assert "keyarc-frontend      JWT_SECRET             superfluous" in said
    assert "2 differ from the table" in said


def test_a_secret_is_set_where_it_belongs_and_the_app_starts_with_it(operator: Operator) -> None:
    operator.done("secrets", "set", "BACKUP_S3_BUCKET", given="hidden-word\n")

    assert operator.apps["keyarc-auth"]["environment"]["BACKUP_S3_BUCKET"] == "hidden-word"
    assert "hidden-word" not in json.dumps(operator.records())
    assert operator.done("secrets", "check")


def test_a_secret_can_be_left_for_the_next_deployment(operator: Operator) -> None:
    operator.done("secrets", "set", "BACKUP_S3_BUCKET", "--stage", given="hidden-word")

    assert operator.calls("deploy") == []
    assert "from the next deployment on" in operator.done("secrets")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("BACKUP_S3_BUCKET", "two\nlines", "must be one line"),
        ("BACKUP_S3_BUCKET", ' "quoted"', "must be one line without quotes"),
        ("JWT_SECRET", "short", "needs 32 characters"),
        ("DATABASE_URL", "postgresql://", "rotate DATABASE_URL"),
        ("OTHER", "x", "No app has a secret OTHER; there are "),
    ],
    ids=["lines", "quotes", "short", "database", "unknown"],
)
def test_what_cannot_be_a_secret_is_refused(
    clone: Operator, name: str, value: str, why: str
) -> None:
    ended = clone.run("secrets", "set", name, given=value)

    assert ended.returncode == 1
    assert why in ended.stderr
    assert value not in ended.stderr or name == "OTHER"
    assert clone.calls("secrets", "import") == []


def test_a_new_signing_secret_is_believed_before_it_signs_and_the_old_one_expires(
    operator: Operator, outside: str
) -> None:
    rotate = ("secrets", "rotate", "JWT_SECRET", "--probe", outside)
    [old] = signing(operator)

    said = operator.done(*rotate)
    [both] = signing(operator)
    new = both.removesuffix(f",{old}")
    believed = known_keys(operator)
    early = operator.failed(*rotate, "--finish")
    age(operator, "keyarc-auth", seconds=601)
    said += operator.done(*rotate, "--finish")

    assert restarted(operator)[:4] == ["account", "keys", "gateway", "auth"]
    assert believed == {f"{context_public_key(new)},{context_public_key(old)}"}
    assert "access tokens of the old secret live until then" in early
    assert restarted(operator)[4:] == ["gateway", "account", "keys", "auth"]
    assert signing(operator) == {new}
    assert known_keys(operator) == {context_public_key(new)}
    settings = tomllib.loads((operator.here / "machines" / "keys.toml").read_text())
    assert {settings["env"]["CONTEXT_PUBLIC_KEYS"]} == known_keys(operator)
    for secret in (old, new):
        assert secret not in said + json.dumps(operator.records())


def test_a_rotation_that_broke_off_is_begun_again_and_nobody_is_refused_meanwhile(
    operator: Operator, outside: str
) -> None:
    rotate = ("secrets", "rotate", "JWT_SECRET", "--probe", outside)
    operator.expect("deploy .*auth.toml", "unhealthy")
    operator.failed(*rotate)
    signs = operator.apps["keyarc-gateway"]["environment"]["JWT_SECRET"].partition(",")[0]

    operator.expect("deploy .*gateway.toml", "unhealthy")
    operator.failed(*rotate)
    [believed] = known_keys(operator)
    operator.done(*rotate)

    assert context_public_key(signs) in believed.split(",")
    assert len(signing(operator)) == 1


@pytest.mark.parametrize("app", ["gateway", "keys", "auth"])
def test_an_end_of_a_rotation_that_broke_off_can_be_run_again(
    operator: Operator, outside: str, app: str
) -> None:
    rotate = ("secrets", "rotate", "JWT_SECRET", "--probe", outside)
    operator.done(*rotate)
    [both] = signing(operator)
    age(operator, "keyarc-auth", seconds=601)
    operator.expect(f"deploy .*{app}.toml", "unhealthy")
    operator.failed(*rotate, "--finish")

    operator.done(*rotate, "--finish")

    assert signing(operator) == {both.partition(",")[0]}
    assert known_keys(operator) == {context_public_key(both.partition(",")[0])}


def test_the_role_of_each_service_gets_a_new_password(operator: Operator, owner: str) -> None:
    operator.done("secrets", "rotate", "DATABASE_URL", DIRECT_DATABASE_URL=owner)
    old = operator.apps["keyarc-keys"]["environment"]["DATABASE_URL"]

    said = operator.done("secrets", "rotate", "DATABASE_URL", DIRECT_DATABASE_URL=owner)

    new = operator.apps["keyarc-keys"]["environment"]["DATABASE_URL"]
    psycopg.connect(new).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(old)
    assert new not in said + json.dumps(operator.records())
    assert restarted(operator) == ["auth", "account", "keys"] * 2


def test_a_dry_run_of_a_rotation_prints_its_order(clone: Operator) -> None:
    said = clone.done("secrets", "rotate", "JWT_SECRET", "--dry-run", FLYCTL="")

    commands = [line for line in said.splitlines() if line.startswith("flyctl ")]
    assert commands[0] == (
        "flyctl ssh console --app keyarc-auth --quiet --command 'printenv JWT_SECRET'"
    )
    assert sum("secrets import --stage" in line for line in commands) == len(("gateway", "auth"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKUP_AGE_RECIPIENT", "AGE-SECRET-KEY-1HIDDEN"),
        ("BACKUP_S3_ENDPOINT", "s3.example.com/HIDDEN"),
        ("DIRECT_DATABASE_URL", "HIDDEN"),
    ],
)
def test_what_cannot_be_the_value_does_not_go_to_fly(
    operator: Operator, name: str, value: str
) -> None:
    ended = operator.run("secrets", "set", name, "--stage", given=value)

    assert ended.returncode == 1
    assert f"That is no {name}: one begins with " in ended.stderr
    assert "HIDDEN" not in ended.stdout + ended.stderr
    assert operator.records() == []


def test_the_end_of_a_line_is_no_part_of_a_value(operator: Operator) -> None:
    operator.done("secrets", "set", "BACKUP_S3_BUCKET", "--stage", given="bucket\r\n")

    assert (
        operator.records()[-1]["stdin_sha256"] == sha256(b"BACKUP_S3_BUCKET=bucket\n").hexdigest()
    )


def test_a_password_has_no_second_step(operator: Operator) -> None:
    said = operator.failed("secrets", "rotate", "DATABASE_URL", "--finish")

    assert said == "--finish belongs to JWT_SECRET: a new password is in force at once.\n"
