"""A server with mail makes no account before the link in its mail was opened."""

from pathlib import Path

from machines.stack import Stack
from tests.cli.conftest import NewDevice
from tests.evil.server import evil_before


def test_a_sign_up_says_what_comes_next_and_leaves_the_kit(
    stack: Stack, device: NewDevice, tmp_path: Path
) -> None:
    someone, kit = device(), tmp_path / "kit.txt"
    with evil_before(stack.url) as server:
        server.replies["POST /auth/accounts"] = {}
        server.statuses["POST /auth/accounts"] = 202
        someone.server = server.url

        signed_up = someone("signup", "--kit", str(kit))

        asked = server.lines()

    assert "open it, then log in with the account key" in signed_up.err
    assert asked == ["POST /auth/accounts"]
    assert signed_up.out.splitlines()[0].split()[-1] in kit.read_text()
    assert "logged in as" not in signed_up.err


def test_a_kit_stays_where_nobody_knows_what_became_of_the_account(
    stack: Stack, device: NewDevice, tmp_path: Path
) -> None:
    someone, kit = device(), tmp_path / "kit.txt"
    with evil_before(stack.url) as server:
        server.lost += ["POST /auth/accounts"] * 2
        someone.server = server.url

        lost = someone("signup", "--kit", str(kit), code=7)

    someone.server = stack.url
    someone.variables["KEYARC_ACCOUNT_KEY"] = lost.out.splitlines()[0].split()[-1]
    someone("login")
    assert "not known" in lost.err
    assert kit.exists()
