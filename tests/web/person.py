"""Someone at the page: the steps of a journey, by what a person sees and presses."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

PASSWORD = "nine dull owls sing softly"
DERIVING_MS = 30_000


@dataclass
class Person:
    """Drives *page* as the holder of *email*; both codes are there after `sign_up`."""

    page: Page
    email: str
    account_key: str = ""
    recovery_code: str = ""

    def sign_up(self, url: str) -> None:
        """Make an account, keep both codes and type a part of each back."""
        self.begin_sign_up(url)
        self.keep_kit("Create account")
        expect(self.page.get_by_role("heading", name="Create your first vault")).to_be_visible()

    def begin_sign_up(self, url: str) -> None:
        """Choose a password, and see the kit."""
        self.page.goto(f"{url}/sign-up")
        expect(self.page.get_by_role("heading", name="Create your account")).to_be_visible()
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign up")
        self.read_kit()

    def read_kit(self) -> None:
        """Take both codes from the kit that is shown."""
        kit = self.page.get_by_role("article", name="Emergency Kit")
        expect(kit).to_be_visible(timeout=DERIVING_MS)
        key = kit.get_by_label("Account key", exact=True).inner_text()
        code = kit.get_by_label("Recovery code", exact=True).inner_text()
        self.account_key, self.recovery_code = key.replace("\n", ""), code.replace("\n", "")

    def keep_kit(self, end: str) -> None:
        """Keep both codes, type a part of each back, and press *end*."""
        self.press("I have kept both codes")
        for name, code in (
            ("Account key", self.account_key),
            ("Recovery code", self.recovery_code),
        ):
            label = self.page.locator("label", has_text=name)
            number = int(re.findall(r"\d+", label.inner_text())[0])
            self.page.get_by_label(label.inner_text()).fill(code.split("-")[number - 1])
        self.press(end)

    def log_in(self, url: str, password: str = PASSWORD) -> None:
        """Log in on a browser that does not know the account."""
        self.page.goto(url)
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_label("Account key").fill(self.account_key)
        self.press("Log in")

    def unlock(self, password: str = PASSWORD) -> None:
        """Open what this browser knows of the account."""
        expect(self.page.get_by_role("heading", name="Unlock")).to_be_visible()
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("Unlock")

    def create_vault(self, name: str, description: str = "") -> None:
        """Make a vault and see it open."""
        self.page.get_by_label("Vault name").fill(name)
        self.page.get_by_label("Description").fill(description)
        self.press("Create vault")
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def add_secret(self, **texts: str) -> None:
        """Fill the form's fields by their labels (``Value_1`` is "Value 1") and save."""
        self.press("Add secret", first=True)
        for label, text in texts.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(text)
        self.press("Save")
        expect(self._heading(texts["Name"])).to_be_visible()

    def open_secret(self, name: str) -> None:
        """Choose a secret in the list."""
        self.page.get_by_role("list", name="Secrets").get_by_text(name, exact=True).click()
        expect(self._heading(name)).to_be_visible()

    def _heading(self, name: str) -> Locator:
        # Exactly: a field of the secret KEY may be called "key".
        return self.page.get_by_role("heading", name=name, exact=True)

    def press(self, name: str, *, first: bool = False) -> None:
        """Press the button of that name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        (button.first if first else button).click()
