"""Back into an account: by the recovery code, by another device, by a picture of the kit."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from machines.stack import Stack
from shared.keyarc import kdf
from tests.web.person import DERIVING_MS, PASSWORD, Person

NEW_PASSWORD = "eleven calm goats hum loudly"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose recoveries wait for nothing."""
    folder = tmp_path_factory.mktemp("quick")
    with Stack(folder, durable=False, settings={"RECOVERY_DELAY": "0s"}) as stack:
        yield stack


def someone(page: Page, stack: Stack) -> Person:
    """Sign somebody up who has a vault with one secret."""
    person = Person(page, f"{uuid4().hex}@example.com")
    person.sign_up(stack.url)
    person.create_vault("Work")
    person.add_secret(Name="ALPHA", Value_1="first value")
    return person


def elsewhere(browser: Browser) -> BrowserContext:
    """Return a browser that knows nobody."""
    return browser.new_context()


def test_a_recovery_code_gives_the_vaults_back_under_a_new_password(
    page: Page, browser: Browser, quick: Stack
) -> None:
    lost = someone(page, quick)

    with elsewhere(browser) as context:
        back = Person(context.new_page(), lost.email)
        back.page.goto(f"{quick.url}/recover")
        back.page.get_by_label("E-mail").fill(lost.email)
        back.page.get_by_label("Recovery code").fill(lost.recovery_code)
        back.press("Begin")
        back.page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        back.press("Go on")
        back.read_kit()
        back.keep_kit("Take the account back")
        expect(back.page.get_by_role("heading", name="Work")).to_be_visible(timeout=DERIVING_MS)
        back.open_secret("ALPHA")

    assert back.account_key != lost.account_key
    assert back.recovery_code != lost.recovery_code
    with elsewhere(browser) as context:
        old = Person(context.new_page(), lost.email, lost.account_key)
        old.log_in(quick.url)
        expect(old.page.get_by_text("do not belong together")).to_be_visible(timeout=DERIVING_MS)


def test_a_recovery_code_that_is_mistyped_or_another_s_begins_nothing(
    page: Page, quick: Stack
) -> None:
    page.goto(f"{quick.url}/recover")
    page.get_by_label("E-mail").fill(f"{uuid4().hex}@example.com")

    page.get_by_label("Recovery code").fill("0000-1111")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("The code has a typing error.")).to_be_visible()

    page.get_by_label("Recovery code").fill(kdf.show_recovery_code(kdf.make_recovery_code()))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("E-mail and recovery code do not belong together.")).to_be_visible()


def test_the_delay_is_shown_and_another_session_can_stop_it(
    page: Page, browser: Browser, stack: Stack
) -> None:
    owner = someone(page, stack)

    with elsewhere(browser) as context:
        thief = context.new_page()
        thief.goto(f"{stack.url}/recover")
        thief.get_by_label("E-mail").fill(owner.email)
        thief.get_by_label("Recovery code").fill(owner.recovery_code)
        thief.get_by_role("button", name="Begin").click()
        expect(thief.get_by_role("heading", name="It goes on in 23:59:")).to_be_visible()

    page.reload()
    owner.unlock()
    expect(page.get_by_role("alert", name="A recovery is running")).to_be_visible()
    owner.press("Stop it")
    expect(page.get_by_role("button", name="Stop it")).to_have_count(0)


def test_a_signed_in_browser_hands_the_account_key_to_a_new_one(
    page: Page, browser: Browser, quick: Stack
) -> None:
    owner = someone(page, quick)

    with elsewhere(browser) as context:
        new = Person(context.new_page(), owner.email)
        new.page.goto(f"{quick.url}/new-device")
        new.page.get_by_label("E-mail").fill(owner.email)
        new.press("Ask my other device")
        asked = new.page.get_by_role("list", name="Words of this request").inner_text()
        page.goto(f"{quick.url}/settings/devices")
        owner.unlock()
        shown = page.get_by_role("list", name="Words of the request")
        expect(shown).to_be_visible(timeout=DERIVING_MS)
        assert shown.inner_text() == asked

        owner.press("The words are the same: approve")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        owner.press("Prove it")
        answers = [
            each.get_by_role("list", name="Words of the answer") for each in (page, new.page)
        ]
        for answer in answers:
            expect(answer).to_be_visible(timeout=DERIVING_MS)
        assert answers[0].inner_text() == answers[1].inner_text() != asked

        new.press("They are the same")
        expect(new.page.get_by_label("Account key")).to_have_value(owner.account_key)
        new.page.get_by_label("Password", exact=True).fill(PASSWORD)
        new.press("Log in")
        expect(new.page.get_by_role("heading", name="Work")).to_be_visible(timeout=DERIVING_MS)


def test_a_picture_of_the_kit_fills_the_account_key_in(
    page: Page, browser: Browser, quick: Stack, tmp_path: Path
) -> None:
    owner = Person(page, f"{uuid4().hex}@example.com")
    owner.begin_sign_up(quick.url)
    picture = tmp_path / "kit.png"
    page.get_by_role("img", name="QR code for another device").screenshot(path=picture)

    with elsewhere(browser) as context:
        new = context.new_page()
        new.goto(quick.url)
        new.locator("#log-in-scan").set_input_files(picture)

        expect(new.get_by_label("Account key")).to_have_value(owner.account_key)
        new.locator("#log-in-scan").set_input_files(__file__)
        expect(new.get_by_text("There is no code to be read")).to_be_visible()
