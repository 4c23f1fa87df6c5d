"""What a person does to their own account on the page: new keys, the kit, a copy, the end."""

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from machines.stack import Stack
from tests.web.person import PASSWORD, Person
from tests.web.screens import Screens

NEW_PASSWORD = "six small boats sail home"
LONG_MS = 30_000


@pytest.fixture
def person(page: Page, stack: Stack) -> Person:
    """Someone who has just signed up and keeps a secret ``TOKEN`` in a vault ``Work``."""
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    someone.add_secret(Name="TOKEN", Value_1="t0ken")
    return someone


def visit(person: Person, section: str) -> None:
    """Go to a section of the settings as a link would."""
    person.page.evaluate("path => navigation.navigate(path)", f"/settings/{section}")
    expect(person.page.get_by_role("heading", level=1)).to_be_visible()


def prove(person: Person, password: str = PASSWORD) -> None:
    dialog = person.page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password", exact=True).fill(password)
    dialog.get_by_role("button", name="Prove it").click()


def replace(person: Person, what: str) -> str:
    """Press the button, keep the new code, type a part back, and prove who asks."""
    visit(person, "security")
    person.press(what)
    dialog = person.page.get_by_role("dialog").first
    code: str = dialog.locator("output").inner_text().replace("\n", "")
    dialog.get_by_role("button", name="I have kept it").click()
    label = dialog.locator("label").inner_text()
    [number] = re.findall(r"\d+", label)
    dialog.get_by_label(label).fill(code.split("-")[int(number) - 1])
    dialog.get_by_role("button", name=what).click()
    prove(person)
    return code


def said(person: Person, text: str) -> None:
    expect(person.page.get_by_text(text)).to_be_visible(timeout=LONG_MS)


def reads(person: Person, name: str, value: str) -> None:
    person.open_secret(name)
    person.press("Reveal")
    expect(person.page.get_by_text(value)).to_be_visible()


def test_a_new_password_opens_here_and_elsewhere(
    person: Person, stack: Stack, browser: Browser
) -> None:
    visit(person, "security")
    person.page.get_by_label("New password").fill(NEW_PASSWORD)
    person.press("Change password")
    prove(person)
    said(person, "The password was changed")

    person.press("Lock")
    person.unlock(NEW_PASSWORD)

    expect(person.page.get_by_role("heading", level=1, name="Security")).to_be_visible(
        timeout=LONG_MS
    )
    with browser.new_context() as context:
        elsewhere = Person(context.new_page(), person.email, person.account_key)
        elsewhere.log_in(stack.url, NEW_PASSWORD)
        reads(elsewhere, "TOKEN", "t0ken")


def test_other_keys_and_another_account_key_still_read_and_write(
    person: Person, stack: Stack, browser: Browser
) -> None:
    other_tab = Person(person.page.context.new_page(), person.email)
    other_tab.page.goto(stack.url)
    other_tab.unlock()
    expect(other_tab.page.get_by_role("heading", name="Work")).to_be_visible(timeout=LONG_MS)

    replace(person, "Replace all keys")
    said(person, "All keys were replaced")
    said(other_tab, "The account was changed in another tab.")
    other_tab.unlock()
    reads(other_tab, "TOKEN", "t0ken")
    other_tab.page.close()
    person.page.get_by_role("link", name="Work").click()
    person.add_secret(Name="LATER", Value_1="written afterwards")
    old_key = person.account_key
    person.account_key = replace(person, "Replace the account key")
    said(person, "The account key was replaced")

    with browser.new_context() as context:
        elsewhere = Person(context.new_page(), person.email, old_key)
        elsewhere.log_in(stack.url)
        said(elsewhere, "do not belong together")
        elsewhere.account_key = person.account_key
        elsewhere.log_in(stack.url)

        reads(elsewhere, "TOKEN", "t0ken")
        reads(elsewhere, "LATER", "written afterwards")


def test_a_recovery_by_the_new_code_is_seen_here_and_stopped(
    person: Person, stack: Stack, browser: Browser
) -> None:
    code = replace(person, "Replace the recovery code")
    said(person, "The recovery code was replaced")
    visit(person, "account")
    person.page.get_by_label("New e-mail").fill(f"new-{person.email}")
    person.press("Change e-mail")
    prove(person)
    said(person, "The e-mail was changed")

    with browser.new_context() as context:
        somebody = context.new_page()
        somebody.goto(f"{stack.url}/recover")
        somebody.get_by_label("E-mail").fill(f"new-{person.email}")
        somebody.get_by_label("Recovery code").fill(code)
        somebody.get_by_role("button", name="Begin").click()
        expect(somebody.get_by_text("It goes on in")).to_be_visible(timeout=LONG_MS)
    person.page.reload()
    person.unlock()
    said(person, "Somebody is recovering this account")
    person.press("Stop it")

    said(person, "The recovery was stopped")
    expect(person.page.get_by_text("Somebody is recovering this account")).to_have_count(0)


def test_kit_copy_and_end_of_an_account(person: Person, stack: Stack, tmp_path: Path) -> None:
    page = person.page
    visit(person, "account")
    person.press("Emergency Kit", first=True)
    person.press("Show kit")
    prove(person, "not the password at all")
    said(person, "That is not the password")
    prove(person)
    kit = page.get_by_role("article", name="Emergency Kit")
    expect(kit.get_by_role("img", name="QR code")).to_be_visible(timeout=LONG_MS)
    assert kit.locator("output").inner_text().replace("\n", "") == person.account_key
    page.keyboard.press("Escape")

    visit(person, "export")
    with page.expect_download(timeout=LONG_MS) as downloading:
        person.press("Export everything")
        prove(person)
    downloading.value.save_as(tmp_path / "copy.json")
    copy = json.loads((tmp_path / "copy.json").read_text())
    [vault] = copy["vaults"]
    assert vault["name"] == "Work"
    assert vault["secrets"][0]["details"]["fields"][0]["value"] == "t0ken"

    visit(person, "leave")
    person.press("Delete the account")
    said(person, "to go on")
    page.get_by_label("Type your e-mail address").fill(person.email)
    person.press("Delete the account")
    prove(person)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible(timeout=LONG_MS)
    person.log_in(stack.url)
    said(person, "do not belong together")


def test_no_screen_of_the_settings_keeps_anybody_out(person: Person) -> None:
    page = person.page
    screens = Screens(page)

    person.page.get_by_role("button", name=person.email).click()
    page.get_by_role("link", name="Settings").click()
    screens.look("settings")
    visit(person, "account")
    screens.look("account")
    visit(person, "leave")
    screens.look("leave")
    visit(person, "security")
    person.press("Change password")
    screens.look("security, with a fault")
    person.press("Replace the recovery code")
    page.get_by_role("button", name="I have kept it").wait_for()
    screens.look("new code")
    person.press("I have kept it")
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    screens.look("new code, typed wrong")
    page.keyboard.press("Escape")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    person.press("Change password")
    page.get_by_role("dialog", name="Is it you?").wait_for()
    screens.look("proof")

    assert screens.seen == 7
    assert screens.faults == []
