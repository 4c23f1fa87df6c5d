"""``create`` makes an installation out of nothing, or what it lacks, and knows no secret after."""

import json
import tomllib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import conninfo

from shared.access_tokens import context_public_key
from tests.machines.fly.operator import Operator

PRIVATE = ("auth", "account", "keys", "gateway")
SERVICES = ("auth", "account", "keys")
CHANGES = {"create", "allocate-v4", "allocate-v6", "add", "import", "deploy", "run"}


def settings(operator: Operator, app: str) -> dict[str, Any]:
    return tomllib.loads((operator.here / "machines" / f"{app}.toml").read_text())


def user(app: dict[str, Any]) -> str:
    """As whom the service reaches the migrated database."""
    with psycopg.connect(app["secrets"]["DATABASE_URL"]) as conn:
        [(name, migrated)] = conn.execute(
            "SELECT current_user, to_regclass('alembic_version') IS NOT NULL"
        ).fetchall()
    assert migrated
    return str(name)


def test_only_the_page_has_addresses_for_the_world(created: Operator) -> None:
    apps = created.apps

    assert [apps[f"keyarc-{name}"]["ips"] for name in PRIVATE] == [["private_v6"]] * 4
    assert sorted(apps["keyarc-frontend"]["ips"]) == ["shared_v4", "v6"]
    assert apps["keyarc-frontend"]["certs"] == ["keys.example.com"]


def test_every_app_has_the_secrets_of_the_table_and_no_other(created: Operator) -> None:
    secrets = {name: sorted(app["secrets"]) for name, app in created.apps.items()}

    assert secrets == {
        "keyarc-auth": ["DATABASE_URL", "DIRECT_DATABASE_URL", "JWT_SECRET"],
        "keyarc-account": ["DATABASE_URL"],
        "keyarc-keys": ["DATABASE_URL"],
        "keyarc-gateway": ["JWT_SECRET"],
        "keyarc-frontend": [],
    }


def test_the_private_services_know_the_key_of_the_secret_that_signs(created: Operator) -> None:
    secret = created.apps["keyarc-gateway"]["secrets"]["JWT_SECRET"]

    assert created.apps["keyarc-auth"]["secrets"]["JWT_SECRET"] == secret
    for app in ("account", "keys"):
        known = settings(created, app)["env"]["CONTEXT_PUBLIC_KEYS"]
        assert known == context_public_key(secret)


def test_no_secret_is_in_a_command_line_or_in_the_checkout(created: Operator) -> None:
    secrets = {value for app in created.apps.values() for value in app["secrets"].values()}
    tomls = "".join(file.read_text() for file in (created.here / "machines").glob("*.toml"))

    assert len(secrets) == len(("owner", "auth", "account", "keys", "JWT_SECRET"))
    for secret in secrets:
        assert secret not in json.dumps(created.records())
        assert secret not in tomls


def test_it_can_be_run_again_and_changes_nothing(created: Operator, owner: str) -> None:
    created.forget()

    said = created.done("create", DIRECT_DATABASE_URL=owner)

    assert "keyarc-auth stands." in said
    assert "Let keys.example.com lead to it: A 192.0.2.4, AAAA 2001:db8::6." in said
    assert [words for words in created.calls() if CHANGES & set(words)] == []
    assert created.git("status", "--porcelain") == ""


def test_it_goes_on_where_it_was_interrupted(clone: Operator, owner: str) -> None:
    clone.expect("secrets import .*keys", "unreachable")
    said = clone.failed("create", DIRECT_DATABASE_URL=owner)
    assert "Fly cannot be reached" in said
    secret = clone.apps["keyarc-auth"]["secrets"]["JWT_SECRET"]

    clone.done("create", DIRECT_DATABASE_URL=owner)

    # Gateway had none yet, so both have a new one, and the others know its key.
    apps = clone.apps
    assert apps["keyarc-auth"]["secrets"]["JWT_SECRET"] != secret
    made = apps["keyarc-gateway"]["secrets"]["JWT_SECRET"]
    assert settings(clone, "keys")["env"]["CONTEXT_PUBLIC_KEYS"] == context_public_key(made)
    assert clone.done("secrets", "check")
    assert [user(apps[f"keyarc-{name}"]) for name in SERVICES] == [
        f"keyarc_{name}" for name in SERVICES
    ]


def test_names_origin_and_region_are_rewritten_alike_and_comments_stay(
    clone: Operator, owner: str
) -> None:
    before = (clone.here / "machines" / "gateway.toml").read_text()

    clone.done(
        *("create", "--prefix", "acme", "--origin", "https://keys.acme.example"),
        *("--region", "fra", "--org", "acme"),
        DIRECT_DATABASE_URL=owner,
    )

    after = (clone.here / "machines" / "gateway.toml").read_text()
    told = before.replace("keyarc-", "acme-").replace('"iad"', '"fra"')
    assert after == told.replace("https://keyarc.io", "https://keys.acme.example")
    assert sorted(clone.apps) == sorted(f"acme-{name}" for name in (*PRIVATE, "frontend"))
    assert clone.apps["acme-keys"]["org"] == "acme"
    assert settings(clone, "jobs")["app"] == "acme-auth"
    assert clone.run("check").returncode == 0


def test_a_name_that_is_taken_is_told(clone: Operator) -> None:
    clone.expect("apps create keyarc-auth", "taken")

    assert "`python3 machines create --prefix NAME` helps" in clone.failed("create")


def test_without_a_database_it_says_which_ones_there_are(clone: Operator) -> None:
    said = clone.failed("create")

    assert "Neon" in said
    assert "Set DIRECT_DATABASE_URL" in said


def test_an_address_that_fly_would_not_keep_as_it_is_is_refused(
    clone: Operator, owner: str
) -> None:
    """Quotes at the end would be lost on the way, and migrations lose theirs."""
    parts = conninfo.conninfo_to_dict(owner)
    quoted = " ".join(f"{key}='{value}'" for key, value in parts.items())

    said = clone.failed("create", DIRECT_DATABASE_URL=quoted)

    assert "DIRECT_DATABASE_URL must be one line without quotes" in said
    assert str(parts["password"]) not in said


def test_a_database_that_does_not_answer_is_told_without_its_password(clone: Operator) -> None:
    url = "postgresql://owner:hidden-word@127.0.0.1:1/keyarc"

    said = clone.failed("create", DIRECT_DATABASE_URL=url)

    assert "The database does not answer" in said
    assert "hidden-word" not in said
    assert "hidden-word" not in json.dumps(clone.records())


@pytest.mark.parametrize(
    "words",
    [("--prefix", "Acme"), ("--origin", "http://keys.example.com"), ("--region", "Frankfurt")],
    ids=["prefix", "origin", "region"],
)
def test_what_fly_would_refuse_is_refused_before_anything_is_made(
    clone: Operator, words: tuple[str, str]
) -> None:
    assert f"{words[0]} takes" in clone.failed("create", *words)

    assert clone.calls() == []


def test_a_dry_run_needs_nothing_and_changes_nothing(clone: Operator) -> None:
    said = clone.done("create", "--prefix", "acme", "--dry-run", FLYCTL="", FLY_API_TOKEN="")

    assert "flyctl apps create acme-auth" in said
    assert "flyctl ips allocate-v6 --private --app acme-keys" in said
    assert (
        "flyctl secrets import --stage --app acme-gateway  # on its standard input: JWT_SECRET"
    ) in said
    assert clone.calls() == []
    assert clone.git("status", "--porcelain") == ""


def test_an_address_for_the_world_of_a_private_app_is_refused(
    created: Operator, tmp_path: Path
) -> None:
    spoiled = created.twin(tmp_path)
    state = json.loads((spoiled.fly / "state.json").read_text())
    state["apps"]["keyarc-keys"]["ips"].append("v6")
    (spoiled.fly / "state.json").write_text(json.dumps(state))

    assert "keyarc-keys has an address for the world" in spoiled.failed("create")
