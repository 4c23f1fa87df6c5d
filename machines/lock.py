"""``python3 machines lock``: writes every lock anew from the groups of pyproject.toml.

The locks of the images are parts of ``requirements.txt``: what is tested is what is deployed.
"""

import argparse
from pathlib import Path

from machines import environment, steps

MACHINES = environment.ROOT / "machines"
UV = environment.VENV / "bin" / "uv"
COMPILE = (
    *(str(UV), "pip", "compile", "--quiet", "--universal", "--python-version=3.11"),
    *("--generate-hashes", "--no-header", "--no-emit-index-url"),
)
# Which groups of pyproject.toml each image holds.
IMAGES = {
    "gateway": ("gateway",),
    "keys": ("server",),
    "account": ("server", "second-factor"),
    "auth": ("server", "second-factor", "migrate"),
    "jobs": ("jobs",),
}


def run(options: argparse.Namespace) -> int:
    """Resolve everything together, then take from it what each image needs."""
    newest = ["--upgrade"] if options.upgrade else []
    whole = ["--group=dev", *newest, "pyproject.toml", f"--output-file={environment.LOCK}"]
    _compile("Locking every package", *whole)
    for image in IMAGES:
        compile_image(image, path(image))
    return 0


def path(image: str) -> Path:
    """Return the lock of *image*."""
    return MACHINES / f"requirements-{image}.txt"


def compile_image(image: str, into: Path) -> None:
    """Write the lock of *image*: its groups, in the versions of ``requirements.txt``."""
    groups = (f"--group={group}" for group in IMAGES[image])
    given = ["--no-annotate", f"--constraints={environment.LOCK}", f"--output-file={into}"]
    _compile(f"Locking what the image of {image} holds", *groups, *given)


def _compile(title: str, *arguments: str) -> None:
    hints = environment.HINTS
    steps.run(title, [*COMPILE, *arguments], log=environment.LOG, cwd=environment.ROOT, hints=hints)
