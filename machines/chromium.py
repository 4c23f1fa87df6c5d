"""The browser of the journeys: one that is installed, else Debian's, else Playwright's."""

import os
import shutil
import sys
from pathlib import Path

from machines import debian, environment, steps
from machines.failures import Failure

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Where Playwright keeps what it downloads.
CACHES = (
    os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
    "~/.cache/ms-playwright",
    "~/Library/Caches/ms-playwright",
)
BUILDS = ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/*.app/Contents/MacOS/*")


def find() -> Path | None:
    """Find a Chromium on this machine; CHROME_PATH goes before all others."""
    named = [os.environ.get("CHROME_PATH"), *map(shutil.which, NAMES), *PLACES]
    for each in filter(None, named):
        if Path(each).exists():
            return Path(each)
    folders = (Path(cache).expanduser() for cache in CACHES if cache)
    return next((hit for folder in folders for build in BUILDS for hit in folder.glob(build)), None)


def ensure() -> Path:
    """Install one if there is none."""
    if found := find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        debian.install("Chromium", ["chromium"])
    else:
        install = [sys.executable, "-m", "playwright", "install", "chromium"]
        steps.run("Installing Chromium", install, log=environment.VENV / "chromium.log")
    if found := find():
        return found
    raise Failure("No Chromium was found or could be installed; CHROME_PATH may name one.")
