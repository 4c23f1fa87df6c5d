"""``jobs`` runs one in a machine of its own, or here; its end is the command's."""

from tests.machines.fly.operator import Operator


def test_a_job_runs_with_the_image_of_the_release_that_serves(operator: Operator) -> None:
    tag = operator.image("keyarc-auth")

    said = operator.done("jobs", "run", "purge")

    [words] = operator.calls("machine", "run")
    assert words[2] == f"registry.fly.io/keyarc-auth:jobs-{tag}"
    assert words[words.index("--") :] == ["--", "python", "-m", "handlers.jobs", "purge"]
    assert {"--rm", "--detach"} <= set(words)
    assert "  ran python -m handlers.jobs purge\nIt ended with 0." in said


def test_the_code_of_a_job_that_fails_is_ours(operator: Operator) -> None:
    operator.expect("machine run", "job-fails")

    ended = operator.run("jobs", "run", "purge")

    assert ended.returncode == 3
    assert "It ended with 3." in ended.stdout


def test_a_job_that_ends_before_it_was_seen_to_start_is_no_failure(operator: Operator) -> None:
    operator.expect("machine run", "quick")

    assert "It ended with 0." in operator.done("jobs", "run", "purge")


def test_a_machine_that_cannot_be_started_is_told(operator: Operator) -> None:
    operator.expect("machine run", "unreachable")

    assert "Fly cannot be reached" in operator.failed("jobs", "run", "purge")


def test_a_job_that_does_not_exist_is_told_with_those_that_do(operator: Operator) -> None:
    assert "There is no job tidy; there are backup, mail, purge" in operator.failed(
        "jobs", "run", "tidy"
    )


def test_before_the_first_deployment_there_is_no_image(created: Operator) -> None:
    assert "keyarc-auth is not deployed" in created.failed("jobs", "run", "purge")


def test_a_job_runs_here_on_the_database_that_is_named(operator: Operator, owner: str) -> None:
    operator.done("jobs", "run", "purge", "--local", DIRECT_DATABASE_URL=owner)

    assert operator.records() == []


def test_here_it_needs_a_database(operator: Operator) -> None:
    assert "set that" in operator.failed("jobs", "run", "purge", "--local")


def test_a_dry_run_prints_the_command_and_needs_nothing(clone: Operator) -> None:
    said = clone.done("jobs", "run", "purge", "--dry-run", FLYCTL="", FLY_API_TOKEN="")

    started, asked, read = said.splitlines()[-3:]
    assert started.startswith(
        "flyctl machine run registry.fly.io/keyarc-auth:jobs-sha-COMMIT --app keyarc-auth"
    )
    assert started.endswith(
        "--rm --restart no --detach --metadata job=purge --vm-size "
        "shared-cpu-1x --vm-memory 512 -- python -m handlers.jobs purge"
    )
    assert asked == "flyctl machine status MACHINE --app keyarc-auth"
    assert read == "flyctl logs --app keyarc-auth --instance MACHINE --json --no-tail"
