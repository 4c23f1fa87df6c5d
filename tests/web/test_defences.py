"""What the page withstands: names that are code, changed files, and its own curiosity."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Error, Page, Request, Route, expect

from machines.stack import Stack
from tests.waiting import until
from tests.web.person import PASSWORD, Person

MARKS = (
    '<img src="/planted-image" onerror="fetch(`/planted-code`)">',
    '<script>fetch("/planted-code")</script>',
    "javascript:fetch('/planted-code')",
    "{@html '<b>planted</b>'} ${7*7} {{7*7}}",
    '"><svg onload=fetch("/planted-code")>',
    "\u202efdp.exe\u2066\u200f planted",
    "https://planted.example/favicon.ico",
    "x" * 199,
)
A_CHANGED_SCRIPT_MS = 300  # more than one that ran would take to tell
WATCH = """
    window.broken = []
    addEventListener('securitypolicyviolation', (event) => {
        window.broken.push(event.violatedDirective)
    })
"""

# what a test evaluates itself is exempt from the policy; what it leaves behind is not
EVALUATE_LATER = """
    new Promise((tell) => setTimeout(() => {
        try { tell(eval('"ran"')) } catch (error) { tell(error.name) }
    }))
"""


@pytest.fixture
def asked(page: Page) -> list[str]:
    """Every address that the page asks for, from now on."""
    addresses: list[str] = []

    def note(request: Request) -> None:
        addresses.append(request.url)

    page.context.on("request", note)
    return addresses


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: errors, and breaches of the page's own policy."""
    found: list[str] = []
    page.add_init_script(WATCH)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    found += page.evaluate("window.broken")


def test_names_and_values_are_shown_as_text_whatever_they_hold(
    page: Page, stack: Stack, asked: list[str], complaints: list[str]
) -> None:
    """M25, M28, M43: a name is no code, and no address that stands in one is asked."""
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault(MARKS[0], MARKS[1])

    for mark in MARKS:
        someone.press("Add secret")
        for label in ("Name", "Provider", "Environment", "Folder", "Tags", "Notes"):
            page.get_by_label(label, exact=True).fill(mark[:99])
        page.get_by_label("Field 1").fill(mark[:99])
        page.get_by_label("Value 1").fill(mark)
        someone.press("Save")
        someone.press("Reveal")
        expect(page.get_by_role("region", name="Secret").get_by_text(mark).last).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("planted")
    expect(page.get_by_role("option").first).to_be_visible()

    assert [address for address in asked if "planted" in address] == []
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(stack.url).netloc}
    assert page.locator("img, b, script:not([src]):not([type=importmap])").count() == 0
    assert page.evaluate("window.broken") == complaints == []
    assert "\u202e" not in page.get_by_role("list", name="Secrets").inner_text()


def test_no_text_becomes_html_or_code(page: Page, stack: Stack) -> None:
    page.goto(stack.url)

    for sink in (
        "document.body.innerHTML = '<b>planted</b>'",
        "document.write('planted')",
        "new Worker('/robots.txt')",
        "trustedTypes.createPolicy('another', {})",
    ):
        with pytest.raises(Error, match=r"TypeError|EvalError|Trusted"):
            page.evaluate(f"() => {{ {sink} }}")
    assert page.evaluate(EVALUATE_LATER) == "EvalError"


def test_the_page_breaks_none_of_its_own_rules(
    page: Page, stack: Stack, asked: list[str], complaints: list[str]
) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))

    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    someone.add_secret(Name="ALPHA", Value_1="value")
    someone.press("Copy")

    assert page.evaluate("window.broken") == complaints == []
    assert [text for text in messages if text.startswith(("error", "warning"))] == []
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(stack.url).netloc}


def test_a_script_that_was_changed_does_not_run(browser: Browser, stack: Stack) -> None:
    honest = scripts_of_a_sign_up(browser, stack, changed=None)

    assert len(honest) >= 6
    assert sum(".worker-" in path for path in honest) == 2
    for path in honest:
        asked = scripts_of_a_sign_up(browser, stack, changed=path)
        assert "/changed" not in asked, path


def scripts_of_a_sign_up(browser: Browser, stack: Stack, changed: str | None) -> list[str]:
    """Return which scripts a sign-up asks for, and ``/changed`` if the changed one ran."""
    asked: list[str] = []
    served: list[str] = []

    def change(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path not in asked:
            asked.append(path)
        if path == changed:
            response = route.fetch()
            route.fulfill(response=response, body=f'{response.text()}\nfetch("/changed")')
            served.append(path)
        else:
            route.continue_()

    with browser.new_context() as context:
        context.route("**/assets/*.js", change)
        context.route("**/changed", change)
        page = context.new_page()
        page.goto(f"{stack.url}/sign-up")
        form = page.get_by_role("heading", name="Create your account")
        until(lambda: changed in served or form.is_visible())
        if changed not in served:
            page.get_by_label("E-mail").fill("someone@example.com")
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign up").click()
            kit = page.get_by_role("article", name="Emergency Kit")
            until(lambda: changed in served or kit.is_visible())
        page.wait_for_timeout(A_CHANGED_SCRIPT_MS)
        # A script that is still on its way when the page goes cannot be changed any more.
        context.unroute_all(behavior="ignoreErrors")
        return asked
