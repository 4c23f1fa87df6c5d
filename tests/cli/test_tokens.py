"""Machine tokens: what a CI job does with one, and what it cannot."""

import os
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from machines.stack import Stack
from shared.keyarc.cli.terminal import Usage
from shared.keyarc.cli.tokens import parse_expiry
from shared.keyarc.encoding import b64
from shared.keyarc.machine_keys import MachineToken
from tests.cli.keyarc import COMMAND, PATIENCE_S, ROOT, Keyarc, Result

NOWHERE = "/dev/null/home"  # nobody, not even root, can make anything there
SPAN = timedelta(minutes=2)


@dataclass
class Job:
    """A machine that has nothing but two variables, and nowhere to write."""

    token: str
    server: str

    @property
    def environment(self) -> dict[str, str]:
        """Everything that the job knows."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": NOWHERE,
            "XDG_DATA_HOME": NOWHERE,
            "KEYARC_SERVER": self.server,
            "KEYARC_TOKEN": self.token,
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command and let it run."""
        return subprocess.Popen(
            [*COMMAND, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: subprocess.Popen[str], code: int = 0) -> Result:
        """Wait for a command, which must end with *code*."""
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, (out, err)
        assert "Traceback" not in err
        assert self.token not in out + err
        return Result(code, out, err)

    def __call__(self, *words: str, code: int = 0) -> Result:
        return self.end(self.start(*words), code)


@pytest.fixture
def filled(keyarc: Keyarc) -> Keyarc:
    """Somebody with two secrets."""
    keyarc("import", "-", "--vault", "work", "--yes", given=b"API_KEY=sk-1\nURL=postgres://")
    return keyarc


@pytest.fixture
def job(filled: Keyarc) -> Job:
    token = filled("token", "create", "ci", "--vault", "work").out.strip()
    return Job(token, filled.server)


def listed(keyarc: Keyarc) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in keyarc("token", "ls", "--json").json["tokens"]}


def test_a_job_reads_its_vault_without_login_or_state(
    stack: Stack, filled: Keyarc, job: Job
) -> None:
    vaults = job("vault", "ls", "--json").json["vaults"]
    secrets = job("ls", "--json").json["secrets"]
    due = job("expiring", "work", "--json").json["secrets"]
    value = job("get", "work/API_KEY").out
    ran = job("run", "--vault", "work", "--", "sh", "-c", 'printf "$API_KEY $KEYARC_TOKEN"')
    status = job("status", "--json").json

    assert [(one["name"], one["role"]) for one in vaults] == [("work", "viewer")]
    assert ([one["name"] for one in secrets], due) == (["API_KEY", "URL"], [])
    assert (value, ran.out) == ("sk-1", "sk-1 ")
    assert (status["machine"], status["logged_in"]) == ("ci", True)
    assert listed(filled)["ci"]["last_used_at"] is not None
    assert "by machine ci (as the server says)" in filled("history", "work/API_KEY").err
    secret = MachineToken.parse(job.token)
    kept_here = (one for one in filled.home.rglob("*") if one.is_file())
    for kept in (*stack.logs.iterdir(), *kept_here):
        content = kept.read_bytes()
        for told in (job.token.encode(), b64(secret.secret).encode(), b64(secret.auth).encode()):
            assert told not in content, kept


def test_a_token_only_reads_and_only_its_vaults(job: Job) -> None:
    assert "no vault other" in job("get", "other/API_KEY", code=4).err
    for words in (
        ("set", "work/API_KEY"),
        ("rm", "work/API_KEY"),
        ("import", os.devnull, "--vault", "work", "--yes"),
        ("vault", "create", "mine"),
        ("token", "create", "more", "--vault", "work"),
        ("token", "ls"),
        ("session", "ls"),
        ("link", "create", "work/API_KEY"),
    ):
        assert "a machine token only reads" in job(*words, code=2).err


def test_a_revoked_token_says_so_and_leaves_its_name_to_the_next(filled: Keyarc, job: Job) -> None:
    taken = filled("token", "create", "ci", "--vault", "work", code=5)
    told = filled("token", "revoke", "ci", "--json").json

    refused = job("get", "work/API_KEY", code=9)

    assert "already" in taken.err
    assert told == {"keyarc": 1, "revoked": "ci", "still_member_of": []}
    assert "was revoked" in refused.err
    ci = listed(filled)["ci"]
    assert (ci["state"], ci["vaults"]) == ("revoked", [])
    filled("token", "revoke", "ci", code=4)
    again = filled("token", "create", "ci", "--vault", "work").out.strip()
    assert Job(again, job.server)("get", "work/API_KEY").out == "sk-1"
    assert filled("get", "work/API_KEY").out == "sk-1"


def test_a_token_for_two_vaults_until_a_day(filled: Keyarc) -> None:
    filled("vault", "create", "private")
    filled("set", "private/DIARY", given=b"dear diary")
    words = ("token", "create", "both", "--vault", "work", "--vault", "private")

    made = filled(*words, "--expires", "2999-06-30", "--json").json

    assert made.keys() == {"keyarc", "name", "token", "expires_at"}
    assert (made["name"], made["expires_at"]) == ("both", "2999-06-30T23:59:59Z")
    job = Job(made["token"], filled.server)
    assert len(job("ls", "--json").json["secrets"]) == 3
    assert job("get", "private/DIARY").out == "dear diary"


def test_a_token_expires(filled: Keyarc) -> None:
    begun = datetime.now(UTC)
    lasting, brief = (
        filled("token", "create", span, "--vault", "work", "--expires", span, "--json").json
        for span in ("90d", "5s")
    )
    ends = datetime.fromisoformat(brief["expires_at"])

    time.sleep(max(0, (ends - datetime.now(UTC)).total_seconds() + 1))
    refused = Job(brief["token"], filled.server)("ls", code=9)

    assert "has expired" in refused.err
    days = datetime.fromisoformat(lasting["expires_at"]) - begun
    assert abs(days - timedelta(days=90)) < SPAN
    states = {name: one["state"] for name, one in listed(filled).items()}
    assert states == {"90d": "active", "5s": "expired"}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("45s", "2027-01-31T12:00:45Z"),
        ("30m", "2027-01-31T12:30:00Z"),
        ("12h", "2027-02-01T00:00:00Z"),
        ("90d", "2027-05-01T12:00:00Z"),
        ("2w", "2027-02-14T12:00:00Z"),
        ("2027-01-31", "2027-01-31T23:59:59Z"),
    ],
)
def test_a_token_lasts_for_a_span_or_to_the_end_of_a_day(told: str, meant: str) -> None:
    now = datetime(2027, 1, 31, 12, 0, 0, 999, UTC)

    assert parse_expiry(told, now) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "told", ["", "yesterday", "0d", "2027-01-30", "2027-02-30", "9d9", "999999w", "\uff12d", "-1d"]
)
def test_a_time_that_is_none_is_named(told: str) -> None:
    with pytest.raises(Usage, match=f"--expires {told} is "):
        parse_expiry(told, datetime(2027, 1, 31, 12, 0, 0, 0, UTC))


def test_what_is_no_token_of_this_server_is_told_so_without_being_shown(job: Job) -> None:
    right = job.token
    for garbled, sentence in (
        (right[:-1], "cut off"),
        (right[:-1] + ("0" if right[-1] != "0" else "1"), "copy it again"),
        ("secret-of-something-else", "begins with kat1_"),
    ):
        job.token = garbled
        assert sentence in job("ls", code=2).err
    job.token = MachineToken.make().show()
    assert "no such machine token" in job("ls", code=8).err
    job.server = ""
    assert "KEYARC_SERVER" in job("ls", code=2).err


def test_eight_jobs_at_once_read_with_one_token(filled: Keyarc, job: Job) -> None:
    filled("set", "work/API_KEY", given=b"sk-3")  # so that every job has a pin to raise

    started = [job.start("get", "work/API_KEY") for _ in range(8)]
    results = [job.end(process) for process in started]

    assert {result.out for result in results} == {"sk-3"}
    assert job("get", "work/API_KEY").out == "sk-3"


def test_a_token_is_made_with_a_fresh_proof(keyarc: Keyarc) -> None:
    keyarc.password = "not the password of anybody"

    keyarc("token", "create", "ci", "--vault", "work", code=8)

    assert listed(keyarc) == {}


def test_a_person_is_asked_before_a_token_is_revoked(filled: Keyarc, job: Job) -> None:
    kept = filled.on_terminal("token", "revoke", "ci", talk=[("[y/N]", "n\n")], code=1)
    still = job("get", "work/API_KEY").out
    gone = filled.on_terminal("token", "revoke", "ci", talk=[("[y/N]", "y\n")])

    assert "nothing was revoked" in kept.err
    assert still == "sk-1"
    assert "It read work" in gone.err
