"""CHANGELOG.md, in the form of keepachangelog.com, out of Conventional Commits."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

UNRELEASED = "## [Unreleased]"
NOTHING = "Nothing that is noticed from outside."
# The rest (refactor, test, docs, ci, …) is for those who read the history anyway.
GROUPS = {"feat": "Added", "perf": "Changed", "fix": "Fixed", "security": "Security"}
ORDER = ("Added", "Changed", "Fixed", "Security")
SUBJECT = re.compile(r"(?P<type>[a-z]+)(\((?P<scope>[^)]+)\))?(?P<breaking>!)?: (?P<text>.+)")
FOOTER = re.compile(r"^BREAKING[ -]CHANGE: (.+)", re.MULTILINE)


@dataclass(frozen=True)
class Commit:
    """What a commit says of itself."""

    subject: str
    body: str = ""


def changes(commits: Iterable[Commit]) -> Mapping[str, Sequence[str]]:
    """Sort what users notice into the groups of a section; each line once."""
    found: dict[str, list[str]] = {}
    for commit in commits:
        for group, line in _lines(commit):
            if line not in found.setdefault(group, []):
                found[group].append(line)
    return {group: found[group] for group in ORDER if group in found}


def _lines(commit: Commit) -> Iterable[tuple[str, str]]:
    parts = SUBJECT.fullmatch(commit.subject)
    if parts is None:
        return
    scope = f"{parts['scope']}: " if parts["scope"] else ""
    footers = FOOTER.findall(commit.body)
    for footer in footers:
        yield "Changed", f"**Breaking:** {scope}{footer}"
    if parts["breaking"] and not footers:
        yield "Changed", f"**Breaking:** {scope}{parts['text']}"
    elif parts["type"] in GROUPS:
        yield GROUPS[parts["type"]], f"{scope}{parts['text']}"


def with_section(text: str, version: str, date: str, found: Mapping[str, Sequence[str]]) -> str:
    """Put a section for *version* above the others; what stood unreleased goes into it."""
    before, heading, after = text.partition(UNRELEASED)
    if not heading:
        raise ValueError(UNRELEASED)
    unreleased, sections = _split(after)
    groups = [f"### {group}\n" + "".join(f"\n- {line}" for line in found[group]) for group in found]
    parts = [part for part in (unreleased.strip(), *groups) if part]
    section = "\n\n".join([f"## [{version}] - {date}", *(parts or [NOTHING])])
    return "\n\n".join([before + heading, section, sections]).rstrip("\n") + "\n"


def _split(text: str) -> tuple[str, str]:
    """Part what stands before the next section from the sections."""
    found = re.search(r"^## ", text, re.MULTILINE)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def section(text: str, version: str) -> str | None:
    """Find what stands under the heading of *version*."""
    heading = re.compile(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$\n", re.MULTILINE)
    found = heading.search(text)
    return _split(text[found.end() :])[0].strip() + "\n" if found else None
