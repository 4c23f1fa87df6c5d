"""The calendar file: by RFC 5545, the same for the same secrets, and without values."""

from uuid import UUID

from shared.keyarc.calendars import Entry, calendar
from shared.keyarc.items import Overview

SECRET_ID = UUID("6c6f6e67-2069-4420-8000-000000000001")
WRITTEN = "1790000000000"  # 2026-09-21 14:13:20 UTC


def entry(overview: Overview, version: int = 3) -> Entry:
    return Entry("work", SECRET_ID, version, overview)


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_a_secret_that_is_due_is_a_day_with_an_alarm() -> None:
    overview = Overview(
        name="KEY", path="db", expires_at="2027-06-30", reminder=14, updated_at=WRITTEN
    )

    content = calendar([entry(overview)])

    assert content.decode() == (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//KeyArc//KeyArc//EN\r\nCALSCALE:GREGORIAN\r\n"
        "BEGIN:VEVENT\r\nUID:6c6f6e67-2069-4420-8000-000000000001@keyarc\r\nSEQUENCE:3\r\n"
        "DTSTAMP:20260921T141320Z\r\nDTSTART;VALUE=DATE:20270630\r\nSUMMARY:work/db/KEY expires\r\n"
        "TRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:work/db/KEY\r\nTRIGGER:-P14D\r\n"
        "END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert calendar([entry(overview)]) == content


def test_what_is_never_due_is_not_in_it() -> None:
    assert b"VEVENT" not in calendar([entry(Overview(name="KEY", reminder=3))])


def test_what_is_to_be_replaced_says_so_and_has_no_alarm_that_nobody_wanted() -> None:
    overview = Overview(name="KEY", rotate_days=1, rotated_at=WRITTEN, updated_at=WRITTEN)

    lines = unfolded(calendar([entry(overview)]))

    assert "SUMMARY:work/KEY is to be replaced" in lines
    assert "DTSTART;VALUE=DATE:20260922" in lines
    assert "BEGIN:VALARM" not in lines


def test_a_reminder_that_leads_to_no_day_is_no_alarm() -> None:
    for reminder in (-1, 10**7, 10**18):
        overview = Overview(name="KEY", expires_at="2027-06-30", reminder=reminder)

        assert b"VALARM" not in calendar([entry(overview)])


def test_long_lines_are_folded_between_characters() -> None:
    name = "schlüssel-🔑" * 30

    content = calendar([entry(Overview(name=name, expires_at="2027-06-30"))])

    assert max(map(len, content.split(b"\r\n"))) <= 75
    for line in content.split(b"\r\n"):
        line.decode()  # no character is parted
    assert f"SUMMARY:work/{name} expires" in unfolded(content)


def test_a_name_begins_no_line_of_its_own() -> None:
    name = "a;b,c\\d\r\nEND:VEVENT\x1b"

    lines = unfolded(calendar([entry(Overview(name=name, expires_at="2027-06-30"))]))

    assert lines.count("END:VEVENT") == 1
    assert "SUMMARY:work/a\\;b\\,c\\\\d\ufffd\\nEND:VEVENT\ufffd expires" in lines


def test_a_moment_that_is_none_spoils_no_file() -> None:
    overview = Overview(name="KEY", expires_at="2027-06-30", updated_at="later")

    assert "DTSTAMP:19700101T000000Z" in unfolded(calendar([entry(overview)]))
