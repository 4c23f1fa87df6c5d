"""QR codes, drawn here: on a terminal, and as a picture in the Emergency Kit."""

import io
import sys

WHITE_ON_BLACK, AS_BEFORE = "\x1b[97;40m", "\x1b[0m"


def draw(text: str) -> None:
    """Show *text* as a QR code where standard error is a terminal that can."""
    import segno  # noqa: PLC0415 - 20 ms that other commands need not pay

    if not (sys.stderr.isatty() and sys.stderr.encoding.lower().startswith("utf")):
        return
    drawn = io.StringIO()
    segno.make(text, micro=False).terminal(drawn, compact=True)
    for line in drawn.getvalue().splitlines():
        print(f"{WHITE_ON_BLACK}{line}{AS_BEFORE}", file=sys.stderr)


def picture(text: str) -> str:
    """Give *text* as an SVG that can stand in a page."""
    import segno  # noqa: PLC0415 - 20 ms that other commands need not pay

    return segno.make(text, micro=False, error="m").svg_inline(scale=6)
