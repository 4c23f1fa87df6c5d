"""The Emergency Kit on paper: what a camera reads there is the account key."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.keyarc.cli import qr
from shared.keyarc.cli.kit import Kit
from tests.cli.keyarc import ROOT

KEY = "1735-CZEC-4X6P-9TQB-2M0N-7YHG-K3VW-8RDA"
LINE = re.compile(r'class="qrline" stroke="#000" d="([^"]+)"')
STEP = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")
BORDER = 4
READ = """
import decode from './node_modules/qr/decode.js'
import { readFileSync } from 'node:fs'
const rows = readFileSync(0, 'utf8').trim().split('\\n')
const scale = 4, size = rows.length * scale
const data = new Uint8Array(size * size * 4).fill(255)
for (let at = 0; at < size * size; at++) {
  const dark = rows[Math.floor(at / size / scale)][Math.floor((at % size) / scale)] === '1'
  if (dark) data.fill(0, at * 4, at * 4 + 3)
}
process.stdout.write(decode({ width: size, height: size, data }))
"""
HALVES = {" ": "11", "█": "00", "▀": "01", "▄": "10"}


def read(rows: list[str]) -> str:
    """Read dark (1) and light (0) modules as a camera would, by the page's library."""
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", READ],
        cwd=ROOT / "web",
        input="\n".join(rows),
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def everything(terminal: int) -> str:
    """Read what was written to a terminal that is closed by now: it comes in pieces."""
    shown = b""
    with os.fdopen(terminal, "rb", buffering=0) as reading, contextlib.suppress(OSError):
        while piece := reading.read(1 << 16):  # Linux ends it by EIO
            shown += piece
    return shown.decode()


def drawn(svg: str) -> list[str]:
    """Give the modules of a picture whose path goes line by line."""
    found = LINE.search(svg)
    assert found, svg
    dark, x, y = set(), 0.0, 0.0
    for step, first, second in STEP.findall(found[1]):
        if step == "h":
            dark |= {(int(x) + at, int(y)) for at in range(int(first))}
            x += float(first)
        else:
            x, y = (
                (float(first), float(second))
                if step == "M"
                else (x + float(first), y + float(second))
            )
    size = max(max(place) for place in dark) + 1 + BORDER
    return ["".join("1" if (x, y) in dark else "0" for x in range(size)) for y in range(size)]


def test_a_camera_reads_the_account_key_from_the_page() -> None:
    page = Kit("https://keyarc.example", "someone@example.com", KEY, None).page

    assert read(drawn(page)) == KEY
    assert "https://" not in page.replace("https://keyarc.example", "")


@pytest.mark.parametrize(
    "text", [KEY, "otpauth://totp/KeyArc:me@example.com?secret=ABCDEFGHIJKLMNOP"]
)
def test_a_camera_reads_what_stands_on_a_terminal(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        qr.draw(text)
    shown = everything(ours)

    lines = [line.strip("\r").removeprefix(qr.WHITE_ON_BLACK).removesuffix(qr.AS_BEFORE)
             for line in shown.splitlines()]  # fmt: skip
    rows = ["".join(HALVES[one][half] for one in line) for line in lines for half in (0, 1)]
    assert read(rows[: len(rows[0])]) == text


def test_where_standard_error_is_no_terminal_nothing_is_drawn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    qr.draw(KEY)

    assert capsys.readouterr().err == ""


def test_a_kit_says_where_a_recovery_code_is_that_is_not_at_hand() -> None:
    text = Kit("https://keyarc.example", "someone@example.com", KEY, None).text

    assert "on the kit it came with" in text
    assert KEY in text


def test_nothing_of_an_address_becomes_markup() -> None:
    page = Kit("https://keyarc.example", "<script>@example.com", KEY, "CODE").page

    assert "<script" not in page
