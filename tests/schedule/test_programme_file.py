"""A programme file is read whole, or every fault in it is named with its line."""

import re
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.loading import Refused
from server.schedule.marked_yaml import read_marked
from server.schedule.programme_file import MeetingPart
from server.schedule.reading import read_programme
from tests.schedule.files import SMALL

DEMO = Path(__file__).parents[2] / "demo" / "igf2014.yaml"


def faults(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(Refused) as refused:
        read_programme(text)
    return refused.value.faults


def faults_with(old: str, new: str) -> list[tuple[int | None, str]]:
    assert old in SMALL
    return faults(SMALL.replace(old, new, 1))


def test_a_file_is_read_as_it_is_written() -> None:
    file, _ = read_programme(SMALL)
    assert file.meeting.model_dump(include={"slug", "first_day", "venue", "name"}) == {
        "slug": "igf2014",
        "first_day": date(2014, 9, 2),
        "venue": {"en": "Lütfi Kırdar ICEC"},
        "name": {"en": "Ninth Annual Meeting", "ja": "第9回"},
    }
    first, second, third = file.sessions
    assert (first.start, first.end, first.tags) == (time(9, 30), time(11), ["safety", "rights"])
    assert (second.title, second.start, second.end, second.minutes) == ({"en": "The Second"}, time(11, 30), None, None)
    assert (third.day, third.room, third.people) == (None, None, [])


def test_every_session_of_the_demo_is_in_its_file() -> None:
    file, _ = read_programme(DEMO.read_text("utf-8"))
    assert len(file.sessions) == 87
    assert sum(session.start is not None for session in file.sessions) == 36
    assert sum(session.end is not None for session in file.sessions) == 17
    assert sum(session.room is not None for session in file.sessions) == 56
    assert sum(session.day is not None for session in file.sessions) == 81
    assert {kind.key for kind in file.session_types if {"en", "ja"} - kind.name.keys()} == set()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("room: wr01", "room: wr99", (24, "sessions[0].room: there is no room “wr99”")),
        ("type: workshop", "type: worship", (22, "sessions[0].type: there is no session type “worship”")),
        ("track: trust", "track: rust", (23, "sessions[0].track: there is no track “rust”")),
        ("code: ws2", "code: ws1", (32, "sessions[1].code: “ws1” is taken already, in line 20")),
        ("key: wr02", "key: wr01", (18, "rooms[1].key: “wr01” is taken already, in line 17")),
        ("tags: [", "tagz: [", (28, "sessions[0].tagz: there is no field of this name")),
        ("slug: igf2014", "slug: IGF 2014", (2, "meeting.slug: use small letters a to z, digits and hyphens")),
        ("slug: igf2014", "slug: sign-in", (2, "meeting.slug: this word is part of other addresses here; choose another one")),
        ("Europe/Istanbul", "Istanbul", (5, "meeting.timezone: there is no time zone of this name; write one such as Europe/Istanbul")),
        ("first_day: 2014-09-02", "first_day: 2014-02-30", (6, "meeting.first_day: write a day such as 2014-09-02")),
        ("days: 4", "days: many", (7, "meeting.days: write a whole number")),
        ("days: 4", "days: 0", (7, "meeting.days: write 1 or more")),
        ("  first_day: 2014-09-02\n", "", (1, "meeting.first_day: this is missing")),
        ("start: 09:30", "start: 9:30", (26, "sessions[0].start: write a time of day such as 09:30, from 00:00 to 23:59")),
        ("    day: 2014-09-02\n    start: 09:30", "    start: 09:30", (25, "sessions[0].start: a start needs a day; write day: as well")),
        ("    start: 09:30\n", "", (26, "sessions[0].end: an end needs a start; write start: as well")),
        ("end: 11:00", "end: 09:30", (27, "sessions[0].end: it ends when it starts")),
        ("end: 11:00", "end: 11:00\n    minutes: 90", (28, "sessions[0].minutes: write either end: or minutes:")),
        ("    day: 2014-09-02", "    day: 2014-09-06", (25, "sessions[0].day: the meeting is from 2014-09-01 to 2014-09-05")),
        ("part: chair", "part: boss", (30, "sessions[0].people[0].part: write one of: 'chair', 'moderator', 'online-moderator', 'rapporteur', 'speaker' or 'organiser'")),
        ("organisation: UNESCO", "email: me@unesco.org", (31, "sessions[0].people[1]: write a name or an organisation")),
        ("title: The Second", "title: {de: '', en: }", (33, "sessions[1].title: write something here")),
        ("ja: 第9回", "nihongo: 第9回", (4, "meeting.name.nihongo: write a language tag such as en, ja or pt-BR")),
        ("https://stream.example/2", "javascript:alert(1)", (18, "rooms[1].stream: write an address that begins with https://")),
        ("colour: blue", "colour: mauve", (14, "session_types[0].colour: write one of: blue, teal, green, olive, amber, orange, red, pink, purple, indigo, grey")),
        ("code: ws2", "code: ws2\n    code: ws4", (33, "sessions[1].code: this stands here twice, first in line 32")),
        ("code: ws3", "code: &three ws3", (38, "Anchors, aliases and tags (&, * and !) are not taken.")),
        ("code: ws3", "code: !!str ws3", (38, "Anchors, aliases and tags (&, * and !) are not taken.")),
        ("title: The Third", 'title: "The\\0Third"', (39, "sessions[2].title: there is a character in it that cannot be shown")),
        ("title: The Third", "title: The: Third", (39, "This is not YAML: mapping values are not allowed here.")),
        ("title: The Third", "title: " + "[" * 100, (39, "Lists and mappings are nested too deep.")),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(old: str, new: str, fault: tuple[int, str]) -> None:
    assert faults_with(old, new) == [fault]


def test_all_faults_are_listed_at_once() -> None:
    text = SMALL.replace("number: 9", "numero: 9").replace("room: wr01", "room: wr99").replace("11:30", "noon")
    assert faults(text) == [
        (3, "meeting.numero: there is no field of this name"),
        (24, "sessions[0].room: there is no room “wr99”"),
        (35, "sessions[1].room: there is no room “wr99”"),
        (37, "sessions[1].start: write a time of day such as 09:30, from 00:00 to 23:59"),
    ]


@pytest.mark.parametrize(("text", "line"), [("", 1), ("- a\n- b\n", 1), ("hello", 1), ("a: 1\n---\nb: 2\n", 2)])
def test_something_else_than_a_programme_is_refused(text: str, line: int) -> None:
    assert [fault[0] for fault in faults(text)][:1] == [line]


def test_a_file_beyond_the_limit_is_refused_before_it_is_read() -> None:
    assert faults("#" * 2_000_001) == [(None, "The file is too long. It may have 2000000 characters.")]


def test_a_laughing_billion_is_refused_at_the_first_anchor() -> None:
    text = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(9))
    assert faults(text) == [(1, "Anchors, aliases and tags (&, * and !) are not taken.")]


def test_plain_words_stay_what_was_typed() -> None:
    marked = read_marked("a: 09:30\nb: no\nc: 2014-09-02\nd: 007\ne: 14:30\nf: 12\ng: true\nh: ~\n")
    assert marked.value == {
        "a": "09:30", "b": "no", "c": "2014-09-02", "d": "007", "e": "14:30", "f": 12, "g": True, "h": None,
    }  # fmt: skip
    assert marked.line(("f",)) == 6


@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_programme(text)


@given(st.data())
def test_no_damage_to_a_file_does_more_than_be_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SMALL)))
    text = SMALL[:start] + data.draw(st.text(max_size=8)) + SMALL[start + data.draw(st.integers(0, 40)) :]
    try:
        file, _ = read_programme(text)
        assert isinstance(file.meeting, MeetingPart)
    except Refused as refused:
        lines = len(re.split("\r\n|\r|\n", text))
        assert all(line is None or line <= lines for line, _ in refused.faults)  # noqa: PT017


def test_a_line_is_counted_as_editors_count_it() -> None:
    assert faults(f"meeting: {chr(0x85)}{chr(0x2028)}\nsessions: [\n")[0][0] == 3
