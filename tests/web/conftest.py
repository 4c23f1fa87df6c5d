"""The browser of the tests: the one that `machines test` found or installed."""

from typing import Any

import pytest

from machines import chromium


@pytest.fixture(scope="session")
def base_url() -> None:
    """Replace the plugin's fixture, which pytest 9 deprecates: tests name whole addresses."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the system's Chromium, asking nobody outside of this machine."""
    found = chromium.find()
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    own = {"executable_path": str(found)} if found else {}
    return browser_type_launch_args | own | {"args": [*quiet, "--disable-sync"]}
