"""Every width and colour of a screen, looked at by axe."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 768, 1280)
AUDITED = (360, 1280)
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# what turns until something has happened is as settled as it will be
SETTLED = """Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect.getTiming().iterations !== Infinity)
    .map((one) => one.finished))"""


class Screens:
    """Looks at one screen after another, in every width and colour, and notes what is wrong."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.faults: list[str] = []
        self.seen = 0

    def look(self, name: str) -> None:
        self.seen += 1
        for width in WIDTHS:
            self._page.set_viewport_size({"width": width, "height": 800})
            self._page.evaluate(DRAWN)
            if self._page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.faults.append(f"{name} scrolls sideways at {width} px")
            for colours in ("light", "dark") if width in AUDITED else ():
                self._page.emulate_media(color_scheme=colours, reduced_motion="reduce")
                self.faults += [
                    f"{name}, {width} px, {colours}: {id_}" for id_ in self._violations()
                ]
        self._page.set_viewport_size({"width": 1280, "height": 800})

    def _violations(self) -> list[str]:
        if not self._page.evaluate("'axe' in window"):
            self._page.evaluate(f"{AXE.read_text()};0")
        # What is gone when looked at once more was a colour on its way to another.
        return self._found() and self._found()

    def _found(self) -> list[str]:
        self._page.evaluate(DRAWN)  # other colours begin transitions with the next frame only
        self._page.evaluate(SETTLED)
        found = self._page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']} at {node['html'][:100]}: {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
