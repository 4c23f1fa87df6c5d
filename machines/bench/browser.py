"""The page's side of unlocking, in a real browser: from the click to the rows on the screen."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from machines import chromium
from machines.bench.accounts import EMAIL, PASSWORD, Account

ROUNDS = 3
PATIENCE_MS = 60_000
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")
PARTS = ("derive", "fetch", "verify", "open")
CLICK_TO_ROWS, LONGEST_TASK = "click to rows", "longest task of the page"

# Runs in the page before anything of it: notes the click, and every task that held the page up.
WATCH = """
  window.bench = { clicked: 0, longest: 0 }
  addEventListener('click', () => { window.bench.clicked = performance.now() }, true)
  new PerformanceObserver((list) => {
    for (const task of list.getEntries())
      if (window.bench.clicked && task.startTime >= window.bench.clicked)
        window.bench.longest = Math.max(window.bench.longest, task.duration)
  }).observe({ type: 'longtask' })
"""

# Answers once the worker has opened all and the frame after that is drawn.
ROWS = """
  () => new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no rows')), PATIENCE)
    const look = () => {
      const opened = performance.getEntriesByName('keyarc:open').length
      const row = document.querySelector('[aria-label="Secrets"] *')
      requestAnimationFrame(opened && row ? tell : look)
    }
    const tell = () => {
      const measures = performance.getEntriesByType('measure')
      const of = (name) => measures.filter((each) => each.name === `keyarc:${name}`).at(-1)
      setTimeout(() => resolve({
        rows: performance.now() - window.bench.clicked,
        longest: window.bench.longest,
        parts: Object.fromEntries(PARTS.map((name) => [name, of(name)?.duration ?? null])),
      }), 0)
    }
    look()
  })
""".replace("PARTS", str(list(PARTS))).replace("PATIENCE", str(PATIENCE_MS))


def unlock(account: Account) -> Mapping[str, float]:
    """Return the median milliseconds of each part of unlocking the account's one vault."""
    taken: dict[str, list[float]] = defaultdict(list)
    with _page() as page:
        page.goto(account.url, wait_until="networkidle")  # what is typed earlier may be lost
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Account key").fill(account.account_key)
        page.get_by_role("button", name="Log in", exact=True).click()
        page.evaluate(ROWS)
        for _ in range(ROUNDS):
            for subject, ms in _once(page).items():
                taken[subject].append(ms)
    return {subject: statistics.median(values) for subject, values in taken.items()}


def _once(page: Page) -> Mapping[str, float]:
    page.reload(wait_until="networkidle")
    page.get_by_role("heading", name="Unlock").wait_for()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock", exact=True).click()
    told: dict[str, Any] = page.evaluate(ROWS)
    parts = {name: ms for name, ms in told["parts"].items() if ms is not None}
    return parts | {CLICK_TO_ROWS: told["rows"], LONGEST_TASK: told["longest"]}


@contextmanager
def _page() -> Iterator[Page]:
    executable = chromium.ensure()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(WATCH)
        yield page
        browser.close()
