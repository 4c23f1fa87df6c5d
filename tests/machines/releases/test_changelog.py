"""A section of CHANGELOG.md says what users notice, and nothing twice."""

import pytest

from machines.releases.changelog import NOTHING, Commit, changes, section, with_section

EMPTY = "# Changelog\n\n## [Unreleased]\n"
DATE = "2026-11-22"


def test_commits_are_sorted_into_the_groups_of_keep_a_changelog() -> None:
    commits = [
        Commit("security(shared): forget what was typed"),
        Commit("fix(web): keep a form open"),
        Commit("perf: load late"),
        Commit("feat(keyarc): import files"),
        Commit("feat(keyarc): run programs"),
    ]

    found = changes(commits)

    assert list(found.items()) == [
        ("Added", ["keyarc: import files", "keyarc: run programs"]),
        ("Changed", ["load late"]),
        ("Fixed", ["web: keep a form open"]),
        ("Security", ["shared: forget what was typed"]),
    ]


@pytest.mark.parametrize(
    "subject",
    ["test(keys): see it fail", "refactor: part it", "docs: say why", "Merge branch x", "feat:x"],
)
def test_what_no_user_notices_is_left_out(subject: str) -> None:
    assert changes([Commit(subject)]) == {}


@pytest.mark.parametrize(
    ("commit", "line"),
    [
        (Commit("refactor(keyarc)!: drop Python 3.10"), "**Breaking:** keyarc: drop Python 3.10"),
        (
            Commit("feat!: x", "Why.\n\nBREAKING CHANGE: sign in again"),
            "**Breaking:** sign in again",
        ),
    ],
)
def test_what_breaks_is_said_whatever_its_kind(commit: Commit, line: str) -> None:
    assert line in changes([commit])["Changed"]


def test_the_same_line_stands_once() -> None:
    twice = [Commit("fix(web): keep the focus")] * 2

    assert changes(twice) == {"Fixed": ["web: keep the focus"]}


def test_a_section_stands_above_the_older_ones() -> None:
    first = with_section(EMPTY, "0.1.0", "2026-10-01", {"Added": ["all"]})

    second = with_section(first, "0.2.0", DATE, {"Added": ["more"], "Fixed": ["less", "least"]})

    assert second == (
        "# Changelog\n\n## [Unreleased]\n\n"
        "## [0.2.0] - 2026-11-22\n\n### Added\n\n- more\n\n### Fixed\n\n- less\n- least\n\n"
        "## [0.1.0] - 2026-10-01\n\n### Added\n\n- all\n"
    )


def test_what_was_written_by_hand_goes_into_the_section() -> None:
    text = EMPTY + "\nSign in again after this one.\n"

    made = with_section(text, "0.2.0", DATE, {"Fixed": ["it"]})

    assert section(made, "0.2.0") == "Sign in again after this one.\n\n### Fixed\n\n- it\n"
    assert made.index("## [0.2.0]") < made.index("Sign in again")


def test_a_section_is_found_by_its_whole_version() -> None:
    text = with_section(EMPTY, "0.2.0", DATE, {})

    assert section(text, "0.2.0") == f"{NOTHING}\n"
    assert section(text, "0.2") is None
    assert section(text, "0x2.0") is None
    assert section(text, "10.2.0") is None
