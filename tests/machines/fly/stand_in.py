# ruff: noqa: T201 - a program: it speaks by print
"""The stand-in of flyctl: takes the real one's flags, writes down what it was given, answers.

The folder FAKE_FLY holds ``state.json`` (a small Fly), ``calls.jsonl`` (what was run; of standard
input a digest and names) and ``scenario.json``: ``[{"match": "deploy .*keys", "times": 1,
"outcome": "unhealthy"}]``, a pattern over the arguments and what goes wrong.
"""

import json
import os
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.machines.fly.small_fly import COMMANDS, State, Wrong, digest

FOLDER = Path(os.environ.get("FAKE_FLY", "."))
STATE = FOLDER / "state.json"
TOKEN = "no access token available. Please login with 'flyctl auth login'"
UNREACHABLE = 'Post "https://api.fly.io/graphql": dial tcp: lookup api.fly.io: no such host'
VALUES = {  # the options that take a value; what is not named here or in SWITCHES is refused
    "deploy": "app config dockerfile build-target image-label image strategy signal",
    "releases": "app",
    "ips": "app",
    "certs": "app",
    "apps": "org",
    "secrets": "app",
    "machine": "app region restart metadata vm-size vm-memory",
    "logs": "app instance",
    "ssh": "app command",
}
SWITCHES = {
    "deploy": "remote-only yes flycast no-public-ips skip-release-command build-only push",
    "releases": "image json",
    "ips": "json private shared",
    "certs": "json",
    "apps": "json",
    "secrets": "json stage",
    "machine": "json rm detach",
    "logs": "json no-tail",
    "ssh": "quiet",
}


def main(words: list[str]) -> int:
    """Do as it is told, keep what came of it, return the exit code."""
    given = sys.stdin.read() if "import" in words else ""
    before = STATE.read_text() if STATE.exists() else '{"apps": {}, "images": []}'
    fly = json.loads(before)
    record(words, given)
    try:
        answer(fly, words, given)
    except Wrong as ex:
        print(f"Error: {ex}", file=sys.stderr)
        return 1
    finally:
        if json.dumps(fly) != before:
            # At once: others may be reading.
            (FOLDER / "state.new").write_text(json.dumps(fly))
            (FOLDER / "state.new").rename(STATE)
    return 0


def answer(fly: State, words: list[str], given: str) -> None:
    """Run the command, unless the scenario has something against it."""
    outcome = scenario(words)
    if words == ["version"]:
        print(f"flyctl v0.{'3.176' if outcome == 'old' else '4.87'} linux/amd64 Commit: 7a4f")
        return
    if outcome == "no-token" or not os.environ.get("FLY_API_TOKEN"):
        raise Wrong(TOKEN)
    if outcome == "unreachable":
        raise Wrong(UNREACHABLE)
    if outcome == "hang":
        time.sleep(60)
    options, rest = parse(words)
    COMMANDS[words[0]](fly, rest, options, outcome, given)


def record(words: list[str], given: str) -> None:
    lines = given.splitlines()
    entry = {
        "argv": words,
        "stdin_sha256": digest(given) if given else None,
        "stdin_names": [line.partition("=")[0] for line in lines],
        "environment": sorted(os.environ),
    }
    with (FOLDER / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(entry) + "\n")


def scenario(words: list[str]) -> str | None:
    file = FOLDER / "scenario.json"
    rules = json.loads(file.read_text()) if file.exists() else []
    for rule in rules:
        if rule.get("times", 1) > 0 and re.search(rule["match"], " ".join(words)):
            rule["times"] = rule.get("times", 1) - 1
            file.write_text(json.dumps(rules))
            return str(rule["outcome"])
    return None


def parse(words: list[str]) -> tuple[SimpleNamespace, list[str]]:
    takes, switches = VALUES[words[0]].split(), SWITCHES[words[0]].split()
    named: dict[str, Any] = dict.fromkeys(takes) | dict.fromkeys(switches, False)
    rest: list[str] = []
    coming = iter(words[1:])
    for word in coming:
        name = word.removeprefix("--")
        if word == "--":
            rest += coming
        elif word in {"--ha=false", "--ha=true"}:
            continue
        elif not word.startswith("-"):
            rest.append(word)
        elif name in takes:
            named[name] = next(coming)
        elif name in switches:
            named[name] = True
        else:
            raise Wrong(f"unknown flag: {word}")
    return SimpleNamespace(**{name.replace("-", "_"): named[name] for name in named}), rest
