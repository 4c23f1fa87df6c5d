"""``deploy`` goes app by app, asks each from outside, and takes back what does not answer."""

from pathlib import Path

import pytest

from machines.fly.flyctl import ROOT
from tests.machines.checks.conftest import as_published
from tests.machines.fly.operator import Operator

ORDER = ["auth", "account", "keys", "gateway", "frontend"]
NOBODY = "http://127.0.0.1:9"


def deployments(operator: Operator) -> list[str]:
    """The apps that were deployed, in order; an image that was only built is none."""
    calls = [words for words in operator.calls("deploy") if "--build-only" not in words]
    return [words[words.index("--app") + 1].removeprefix("keyarc-") for words in calls]


def test_the_first_deployment_is_in_order_and_says_what_stands(deployed: Operator) -> None:
    assert deployments(deployed) == ORDER
    head = deployed.git("rev-parse", "HEAD")
    for name in ORDER:
        assert deployed.image(f"keyarc-{name}") == f"sha-{head}"


def test_each_app_is_built_from_the_root_and_changed_over_when_healthy(
    deployed: Operator,
) -> None:
    [words] = [each for each in deployed.calls("deploy") if "machines/keys.toml" in each]

    assert words[:2] == ["deploy", "."]
    for pair in (
        ("--build-target", "keys"),
        ("--strategy", "bluegreen"),
        ("--signal", "SIGTERM"),
        ("--dockerfile", "machines/Dockerfile"),
    ):
        assert words[words.index(pair[0]) + 1] == pair[1]
    assert {"--ha=false", "--remote-only", "--flycast"} <= set(words)


def test_the_page_stops_by_the_signal_that_nginx_answers_first(deployed: Operator) -> None:
    [words] = [each for each in deployed.calls("deploy") if "machines/frontend.toml" in each]

    assert words[words.index("--signal") + 1] == "SIGQUIT"
    assert "--flycast" not in words


def test_the_image_of_the_jobs_is_pushed_before_auth_is_deployed(deployed: Operator) -> None:
    head = deployed.git("rev-parse", "HEAD")
    first, second = deployed.calls("deploy")[:2]

    assert {"--build-only", "--push", "machines/jobs.toml", f"jobs-sha-{head}"} <= set(first)
    assert "machines/auth.toml" in second


def test_nothing_is_deployed_when_nothing_changed(operator: Operator, outside: str) -> None:
    said = operator.done("deploy", "--probe", outside)

    assert said == "Nothing changed since what is deployed.\n"
    assert deployments(operator) == []


def test_a_change_deploys_the_apps_that_it_is_about(operator: Operator, outside: str) -> None:
    commit = operator.change("handlers/keys/routes.py")

    said = operator.done("deploy", "--probe", outside)

    assert deployments(operator) == ["keys"]
    assert operator.image("keyarc-keys") == f"sha-{commit}"
    assert "keyarc-keys answers from outside" in said
    assert said.endswith("Deployed: keyarc-keys.\n")


def test_what_changed_since_a_commit_is_deployed(operator: Operator, outside: str) -> None:
    since = operator.git("rev-parse", "HEAD")
    operator.change("web/index.html", "<!-- changed -->\n")

    operator.done("deploy", "--changed", since, "--probe", outside)

    assert deployments(operator) == ["frontend"]


def test_changes_in_no_commit_are_refused_unless_they_are_meant(
    operator: Operator, outside: str
) -> None:
    (operator.here / "handlers" / "keys" / "new.py").write_text('"""New."""\n')

    said = operator.failed("deploy", "keys", "--probe", outside)
    operator.done("deploy", "keys", "--dirty", "--probe", outside)

    assert "changes that are in no commit (handlers/keys/new.py): commit, or say --dirty" in said
    assert operator.image("keyarc-keys").startswith("dirty-")


def test_a_clone_is_refused_with_all_that_it_lacks(clone: Operator) -> None:
    clone.change("machines/keys.toml", "\n[mounts]\n")

    said = clone.failed("deploy", "--all", FLY_API_TOKEN="given")

    assert said.startswith("There is no such app on Fly: `python3 machines create` makes it.")


def test_what_the_rules_refuse_is_not_deployed(operator: Operator) -> None:
    operator.change("machines/keys.toml", "\n[mounts]\n")

    said = operator.failed("deploy", "--no-probe")

    assert said.startswith("Nothing was deployed:\n- machines/keys.toml")
    assert deployments(operator) == []


def test_without_an_installations_keys_and_secrets_nothing_is_deployed(
    operator: Operator,
) -> None:
    for name in ("account", "keys"):
        file = operator.here / "machines" / f"{name}.toml"
        file.write_text(as_published(file.read_text()))
    operator.commit("forget the keys")
    state = operator.fly / "state.json"
    state.write_text(state.read_text().replace("DATABASE_URL", "OTHER_URL"))

    said = operator.failed("deploy", "keys", "--no-probe")

    assert "CONTEXT_PUBLIC_KEYS of account.toml and keys.toml is not that of an" in said
    assert "keyarc-keys has no DATABASE_URL: `python3 machines create`" in said
    assert deployments(operator) == []


def test_a_machine_that_is_not_healthy_leaves_the_old_one_and_ends_the_run(
    operator: Operator, outside: str
) -> None:
    before = operator.image("keyarc-account")
    operator.change("shared/db.py")
    operator.expect("deploy .*account.toml", "unhealthy")

    said = operator.failed("deploy", "--probe", outside)

    assert "The new machine does not become healthy" in said
    assert "Its machines of before still serve (v1, " in said
    assert "Deployed: keyarc-auth.\nNot deployed: keyarc-account (failed), keyarc-keys.\n" in said
    assert operator.image("keyarc-account") == before
    assert deployments(operator) == ["auth", "account"]


def test_a_change_over_that_broke_off_is_taken_back(operator: Operator, outside: str) -> None:
    before = operator.image("keyarc-keys")
    operator.change("handlers/keys/routes.py")
    operator.expect("deploy .*keys.toml", "half")

    said = operator.failed("deploy", "--probe", outside)

    assert f"Back to v1, registry.fly.io/keyarc-keys:{before} …" in said
    assert operator.image("keyarc-keys") == before
    assert "--skip-release-command" in operator.calls("deploy")[-1]


def test_what_does_not_answer_from_outside_is_taken_back(operator: Operator) -> None:
    before = operator.image("keyarc-gateway")
    operator.change("handlers/gateway/routes.py")

    said = operator.failed("deploy", "--probe", NOBODY, "--patience", "1")

    assert f"keyarc-gateway failed: {NOBODY}/api/health does not answer" in said
    assert "migrations only go forward" in said
    assert operator.image("keyarc-gateway") == before


def test_a_migration_that_fails_deploys_nothing(operator: Operator, outside: str) -> None:
    operator.change("migrations/versions/0001_accounts.py")
    operator.expect("deploy .*auth.toml", "migration")

    said = operator.failed("deploy", "--probe", outside)

    assert "The migration failed" in said
    assert "Not deployed: keyarc-auth (failed)." in said


def test_it_goes_back_by_hand_and_not_beyond_the_first(operator: Operator, outside: str) -> None:
    first = operator.image("keyarc-keys")
    operator.change("handlers/keys/routes.py")
    operator.done("deploy", "--probe", outside)

    said = operator.done("deploy", "--rollback", "keys", "--probe", outside)

    assert "Back: keyarc-keys. The database was not taken back" in said
    assert operator.image("keyarc-keys") == first
    again = operator.failed("deploy", "--rollback", "keys")
    assert again == "There is nothing older of keyarc-keys to go back to.\n"


def test_a_dry_run_prints_all_of_it_and_needs_nothing(clone: Operator) -> None:
    said = clone.done("deploy", "--dry-run", FLYCTL="", FLY_API_TOKEN="")

    commands = [line for line in said.splitlines() if line.startswith("flyctl deploy . ")]
    assert [line.split("--config ")[1].split()[0] for line in commands] == [
        "machines/jobs.toml",
        *(f"machines/{name}.toml" for name in ORDER),
    ]
    assert "# in the way of a real run: CONTEXT_PUBLIC_KEYS" in said
    assert clone.records() == []


def test_a_flyctl_that_leaves_sleeping_machines_old_is_refused(operator: Operator) -> None:
    operator.expect("^version", "old")

    said = operator.failed("deploy", "keys", "--no-probe")

    assert "flyctl v0.3.176 leaves sleeping machines old" in said


def test_without_a_token_it_says_how_to_get_one(operator: Operator) -> None:
    said = operator.failed("deploy", "keys", FLY_API_TOKEN="")

    assert said.startswith("Fly does not know who you are: run `fly auth login`, or set FLY_API")


def test_what_is_no_app_is_a_mistake_of_usage(clone: Operator) -> None:
    ended = clone.run("deploy", "database")

    assert ended.returncode == 2
    assert "database is none of auth, account, keys, gateway, frontend" in ended.stderr


def test_a_commit_that_is_not_here_is_told(clone: Operator) -> None:
    assert "There is no commit elsewhere here" in clone.failed("deploy", "--changed", "elsewhere")


@pytest.mark.parametrize("command", ["create", "secrets", "deploy", "status", "logs", "jobs"])
def test_every_command_tells_what_it_takes(command: str, tmp_path: Path) -> None:
    told = Operator(ROOT, tmp_path).done(command, "--help")

    assert told.startswith(f"usage: python3 machines {command}")
