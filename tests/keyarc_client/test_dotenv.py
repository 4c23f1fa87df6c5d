"""The dialect of .env files, by the cases that its documentation names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc.dotenv import Malformed, decode, parse


def values(text: str) -> dict[str, str]:
    return {one.name: one.value for one in parse(text)}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=basic", "basic"),
        ("A=", ""),
        ("A=''", ""),
        ('A=""', ""),
        ("A=``", ""),
        ("A = spaced", "spaced"),
        ("   A=indented", "indented"),
        ("\tA=tabbed", "tabbed"),
        ("A=  trimmed  \t", "trimmed"),
        ("A='  kept  '", "  kept  "),
        ('A="  kept  "', "  kept  "),
        ("A=`  kept  `", "  kept  "),
        ("A='single'   ", "single"),
        ("A=\"double 'inside'\"", "double 'inside'"),
        ("A='single \"inside\"'", 'single "inside"'),
        ("A=`both \"double\" and 'single'`", "both \"double\" and 'single'"),
        ("A='back `ticks` inside'", "back `ticks` inside"),
        ('A={"json": "unquoted"}', '{"json": "unquoted"}'),
        ('A=\'{"json": "quoted"}\'', '{"json": "quoted"}'),
        ("A=it's", "it's"),
        ("A=equals==", "equals=="),
        ("A=two words", "two words"),
        ("A=someone@example.com", "someone@example.com"),
        ("export A=exported", "exported"),
        ("export   A = exported", "exported"),
        ("A: yaml", "yaml"),
        ("A=before # comment", "before"),
        ("A=before#comment", "before"),
        ("A=#comment", ""),
        ("A='#kept' # comment", "#kept"),
        ('A="#kept"# comment', "#kept"),
        ("A=`#kept` #", "#kept"),
        (r'A="two\nlines"', "two\nlines"),
        (r'A="return\r"', "return\r"),
        (r"A='two\nlines'", r"two\nlines"),
        (r"A=two\nlines", r"two\nlines"),
        (r"A=`two\nlines`", r"two\nlines"),
        (r'A="an \"escaped\" quote"', r"an \"escaped\" quote"),
        ("A=$HOME/${HOME}", "$HOME/${HOME}"),
        ("A=$(whoami)", "$(whoami)"),
        ("A=`whoami`", "whoami"),
        ("A=\u00a0hard space\u00a0", "hard space"),
    ],
)
def test_a_line_has_the_value_that_the_dialect_gives_it(line: str, value: str) -> None:
    assert values(line) == {"A": value}


@pytest.mark.parametrize("quote", ["'", '"', "`"])
def test_a_quoted_value_runs_over_several_lines(quote: str) -> None:
    text = f"A={quote}first\n# no comment\n\nB=no assignment{quote}\nC=after\n"

    assert values(text) == {"A": "first\n# no comment\n\nB=no assignment", "C": "after"}


def test_names_hold_letters_digits_underscores_dots_and_hyphens() -> None:
    assert values("a.b-c_1=x\n9=y\nexport=z") == {"a.b-c_1": "x", "9": "y", "export": "z"}


def test_comments_and_empty_lines_say_nothing() -> None:
    assert values("\n# one\n   # two\n\t\n#\nA=1\n#") == {"A": "1"}


def test_a_name_that_is_given_twice_has_its_last_value() -> None:
    assert [(one.name, one.value, one.line) for one in parse("A=1\nB=2\nA=3")] == [
        ("A", "3", 3),
        ("B", "2", 2),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A", 1),
        ("A=1\nexport A\n", 2),
        ("A=1\n\n# c\nnot an assignment", 4),
        ("=value", 1),
        ("A B=1", 1),
        ("A:value", 1),
        ("A=1\nB='never closed\nC=3\n", 2),
        ('A="closed" but more', 1),
        ("A='first\nsecond' but more", 2),
        ("é=1", 1),
    ],
)
def test_a_line_that_is_no_assignment_is_named_by_its_number(text: str, line: int) -> None:
    with pytest.raises(Malformed, match=f"^line {line}: ") as caught:
        parse(text)

    assert caught.value.line == line


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_every_kind_of_line_end_reads_alike(newline: str) -> None:
    text = "A=1\n# c\nB='two\nlines'\n\nC=3 # c\n"

    assert parse(text.replace("\n", newline)) == parse(text)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ],
)
def test_files_in_utf_8_and_utf_16_read_alike(mark: bytes, encoding: str) -> None:
    text = "A='naïve 🔑'\r\nB=2\n"

    assert decode(mark + text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"A=1\nB=\xff\n", 2), ("A=1\nB=2\n".encode("utf-16-le"), 1), (b"\xff\xfeA=1", 1)],
)
def test_a_file_that_is_no_text_is_refused_with_the_line(content: bytes, line: int) -> None:
    with pytest.raises(Malformed) as caught:
        decode(content)

    assert caught.value.line == line


@given(st.text(st.characters(exclude_characters="'\r", codec="utf-8")))
def test_every_text_without_its_quote_comes_back_out_of_single_quotes(value: str) -> None:
    assert values(f"A=1\nB='{value}' # comment\nC=3\n")["B"] == value


@given(st.lists(st.tuples(st.from_regex(r"[A-Z_]{1,8}", fullmatch=True), st.integers())))
def test_every_assignment_is_found_once_and_in_order(pairs: list[tuple[str, int]]) -> None:
    text = "".join(f"export {name} = '{number}'\n\n# {name}\n" for name, number in pairs)

    assert values(text) == {name: str(number) for name, number in pairs}
    assert [one.name for one in parse(text)] == list(dict(pairs))


@given(st.text("AB=:'\"`#\\n \n\r\texport", max_size=40))
def test_a_text_is_read_whole_or_refused_with_a_line_that_it_has(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    try:
        found = values(text)
    except Malformed as ex:
        assert 1 <= ex.line <= lines  # noqa: PT017 - either outcome is right, each in its way
    else:
        assert values(f"{text}\nZ=last") == {**found, "Z": "last"}
