"""Letters are plain and short, and lead nowhere but to the installation that sent them."""

import re

import pytest

from shared import letters
from shared.letters import Change, Letter

ORIGIN = "https://keyarc.test"
LINK = f"{ORIGIN}/verify#token"
EVIL = "<b>https://evil.example</b>\r\nBcc: a@b\x1b[2J\u202e%2F%2F" + "x" * 300
TOLD = (EVIL, "192.0.2.7", ORIGIN)
LETTERS = {
    "sign-up": letters.sign_up(LINK),
    "already-signed-up": letters.already_signed_up(ORIGIN),
    "new-session": letters.new_session(*TOLD),
    "recovery-begun": letters.recovery_begun("ABCD-EFGH-JKMN-PQRS", 86_400, *TOLD),
    "recovery-finished": letters.recovery_finished(*TOLD),
    **{change.name.lower(): letters.changed(change, *TOLD) for change in Change},
    "email-change": letters.email_change(LINK),
    "email-changing": letters.email_changing(*TOLD),
}
ALL = pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())


@ALL
def test_a_letter_is_plain_and_short(letter: Letter) -> None:
    lines = letter.body.splitlines()

    assert len(letter.subject) < 60
    assert letter.subject.isprintable()
    assert len(lines) < 16
    assert max(map(len, lines)) <= 100
    assert all(line.isprintable() for line in lines)
    assert "<" not in letter.body


@ALL
def test_a_letter_leads_only_to_its_own_installation(letter: Letter) -> None:
    addresses = re.findall(r"\w+://[^\s/]+", letter.body)

    assert set(addresses) <= {ORIGIN}
    assert "evil.example" not in letter.body
    assert "Bcc:" not in letter.body


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "at once"), (1, "within the hour"), (3600, "within the hour"), (86_400, "in 24 hours")],
)
def test_a_letter_tells_when_a_recovery_is_ready(seconds: float, told: str) -> None:
    letter = letters.recovery_begun("CODE", seconds, "a phone", "192.0.2.7", ORIGIN)

    assert f"It is of use {told}." in letter.body
    assert "CODE" in letter.body
