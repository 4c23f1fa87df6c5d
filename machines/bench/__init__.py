"""Figures, each beside a yardstick that is measured in the same run on the same machine."""

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence

from machines.bench.figures import Figure, table
from machines.failures import Failure

# By name; each module has ``measure()``. In the order of how long they take.
NAMES = ("cold", "gateway", "cli", "sync", "login", "wake", "load", "unlock", "enumeration")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    return show(options.name, as_json=options.json, strict=options.strict)


def show(names: Sequence[str], *, as_json: bool, strict: bool = False) -> int:
    """Print the figures of *names*, or of all; with *strict*, 1 where an aim is missed."""
    if unknown := [name for name in names if name not in NAMES]:
        raise Failure(f"There is no bench {unknown[0]}; there are {', '.join(NAMES)}.")
    missed = False
    for name in names or NAMES:
        measure: Callable[[], Iterator[Figure]] = importlib.import_module(
            f"machines.bench.{name}"
        ).measure
        if not as_json:
            sys.stderr.write(f"Measuring {name} …\n")
        figures = []
        for figure in measure():
            figures.append(figure)
            if as_json:
                print(json.dumps(figure.media, ensure_ascii=False), flush=True)
        missed = missed or any(figure.reached is False for figure in figures)
        if not as_json:
            print(table(figures), flush=True)
    return int(strict and missed)
