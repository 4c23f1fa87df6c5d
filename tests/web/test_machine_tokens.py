"""A machine token made on the page: a job reads by it, the page sees that, and ends it."""

import os
import subprocess
from uuid import uuid4

from playwright.sync_api import Page, expect

from machines.stack import Stack
from tests.cli.keyarc import COMMAND, PATIENCE_S, ROOT
from tests.web.person import PASSWORD, Person

LONG_MS = 30_000


def job(server: str, token: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with nothing but a token, and nowhere to write."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": "/dev/null/home",
        "KEYARC_SERVER": server,
        "KEYARC_TOKEN": token,
    }
    return subprocess.run(
        [*COMMAND, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_a_token_made_on_the_page_lets_a_job_read_until_it_is_revoked(
    page: Page, stack: Stack
) -> None:
    person = Person(page, f"{uuid4().hex}@example.com")
    person.sign_up(stack.url)
    person.create_vault("Work")
    person.add_secret(Name="API_KEY", Value_1="sk-page")
    page.goto(f"{stack.url}/settings/machine-tokens")
    person.unlock()

    page.get_by_label("Token name").fill("ci")
    page.get_by_role("checkbox", name="Work").check()
    person.press("Make a machine token")
    page.get_by_role("dialog").get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Prove it").click()
    shown = page.get_by_label("Machine token", exact=True)
    expect(shown).to_be_visible(timeout=LONG_MS)
    token = shown.inner_text().strip()
    read = job(stack.url, token, "get", "Work/API_KEY")

    assert (read.returncode, read.stdout) == (0, "sk-page"), read.stderr
    person.press("I have kept it")
    expect(page.get_by_text(token)).to_have_count(0)
    page.reload()
    person.unlock()
    line = page.get_by_role("article", name="ci")
    expect(line.get_by_text("Reads Work")).to_be_visible(timeout=LONG_MS)
    expect(line.get_by_text("just now")).to_be_visible()
    line.get_by_role("button", name="Revoke").click()
    line.get_by_role("button", name="Revoke it now").click()
    expect(line.get_by_text("revoked", exact=True)).to_be_visible(timeout=LONG_MS)
    refused = job(stack.url, token, "get", "Work/API_KEY")
    assert refused.returncode == 9
    page.goto(stack.url)
    person.unlock()
    person.open_secret("API_KEY")
