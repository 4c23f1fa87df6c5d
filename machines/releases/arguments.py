"""Arguments of the commands for releases; standard library only."""

import argparse
from pathlib import Path


def release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", metavar="VERSION", help="three numbers, like 0.2.0")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--dry-run", action="store_true", help="change nothing; print what would stand where"
    )
    what.add_argument(
        "--notes",
        type=Path,
        metavar="FILE",
        help="change nothing; check that this checkout is VERSION, and write what changed there",
    )


def page_manifest(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--out", type=Path, metavar="FILE", help="where to (default: the output)")
    what.add_argument(
        "--compare", metavar="URL", help="write nothing; compare the page that URL delivers"
    )
