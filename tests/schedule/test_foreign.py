"""Files of other conference software, as they are read and matched with what is planned."""

import json
import uuid
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.loading import Refused
from server.schedule.foreign import Foreign, read_foreign
from server.schedule.incoming import Frame, Incoming, NewPart
from server.schedule.matching import matched
from server.schedule.models import Part
from server.schedule.plan import Named, Planned
from server.schedule.prose import markdown_of
from tests.world import at

SPACE = uuid.UUID("6f3b2a55-0000-4000-8000-000000000001")
FRAME = Frame("Europe/Istanbul", ("2014-09-02", "2014-09-03"), {}, {}, {})
GUID = "0c6d2c52-9f0a-4f53-8b0e-0f3a1c1e7a11"


def entry(**members: Any) -> dict[str, Any]:
    """A session as pretalx writes it."""
    return {
        "id": 25,
        "guid": GUID,
        "date": "2014-09-02T09:00:00+03:00",
        "start": "09:00",
        "duration": "00:45",
        "room": "Blue Room",
        "title": "Open standards",
        "subtitle": "",
        "track": "Access",
        "type": "Talk",
        "language": "en",
        "abstract": "Why they matter.",
        "description": "",
        "persons": [{"id": 1, "public_name": "Ada Chair"}],
        "links": [],
        **members,
    }


def conference(*entries: dict[str, Any], **members: Any) -> bytes:
    """A file of one day and one room."""
    day = {
        "index": 1,
        "date": "2014-09-02",
        "day_start": "2014-09-02T09:00:00+03:00",
        "rooms": {"Blue Room": list(entries)},
    }
    facts = {"title": "Some Days", "acronym": "sd", "time_zone_name": "Europe/Istanbul", "days": [day], **members}
    return json.dumps({"schedule": {"version": "1", "conference": facts}}).encode()


def read(*entries: dict[str, Any], **members: Any) -> Foreign:
    return read_foreign("schedule.json", conference(*entries, **members))


def planned(*entries: dict[str, Any], frame: Frame = FRAME, before: tuple[Planned, ...] = ()) -> Incoming:
    return matched(read(*entries), frame, before, SPACE)


def framed(incoming: Incoming, frame: Frame = FRAME) -> Frame:
    """The frame after its parts have been made."""
    kinds = ("tracks", "types", "rooms")
    made = {kind: {part.key: part.name for part in incoming.parts if part.kind == kind} for kind in kinds}
    return Frame(frame.timezone, frame.days, **made)


OPEN_STANDARDS = Planned(
    code="s25",
    uid=GUID,
    title={"en": "Open standards"},
    type="talk",
    description={"en": "Why they matter."},
    track="access",
    room="blue-room",
    day=date(2014, 9, 2),
    starts_at=at("2014-09-02T06:00:00+00:00"),
    minutes=45,
    language="en",
    people=(Named(Part.SPEAKER, "Ada Chair"),),
    origin=GUID,
)


def test_a_session_and_its_parts_are_new_in_an_empty_meeting() -> None:
    assert planned(entry()) == Incoming(
        sessions=(OPEN_STANDARDS,),
        parts=(
            NewPart("tracks", "access", {"en": "Access"}),
            NewPart("types", "talk", {"en": "Talk"}, {"colour": "blue", "mark": "T", "usual_minutes": 45}),
            NewPart("rooms", "blue-room", {"en": "Blue Room"}),
        ),
    )


def test_the_same_file_again_changes_nothing() -> None:
    entries = entry(), entry(guid="HOqeNIb6G7M4hYFKFRkCmQ", id=26), entry(guid=None, id=None, slug="x", type=None)
    first = planned(*entries)
    assert [one.origin for one in first.sessions] == [GUID, "HOqeNIb6G7M4hYFKFRkCmQ", "x"]
    assert planned(*entries, frame=framed(first), before=first.sessions) == Incoming()


def test_a_meeting_is_told_by_its_days_and_zone() -> None:
    told = read(entry(), end="2014-09-09")
    assert (told.title, told.acronym, told.first_day, told.days, told.has_day_zero, told.timezone) == (
        "Some Days", "sd", date(2014, 9, 2), 1, False, "Europe/Istanbul",
    )  # fmt: skip


def test_rooms_are_read_by_name_also_where_two_have_one_guid() -> None:
    rooms = [
        {"name": "Blue Room", "guid": GUID, "capacity": 80, "description": "Upstairs"},
        {"name": "Red Room", "guid": GUID, "capacity": None, "description": None},
    ]
    parts = matched(read(entry(), rooms=rooms), FRAME, (), SPACE).parts
    assert [part for part in parts if part.kind == "rooms"] == [
        NewPart("rooms", "blue-room", {"en": "Blue Room"}, {"place": {"en": "Upstairs"}, "capacity": 80}),
        NewPart("rooms", "red-room", {"en": "Red Room"}),
    ]


def test_parts_are_known_by_any_name_or_by_their_key() -> None:
    frame = Frame(
        "Europe/Istanbul",
        ("2014-09-02",),
        {"one": {"en": "Theme", "fr": "ACCÈS"}, "two": {"en": "Access to it"}},
        {"talk": {"ja": "講演"}},
        {"r1": {"en": "Blue  room"}},
    )
    incoming = planned(entry(track="Acces", type="talk"), frame=frame)
    assert incoming.parts == ()
    assert [(one.track, one.type, one.room) for one in incoming.sessions] == [("one", "talk", "r1")]


def test_people_are_read_however_they_are_written() -> None:
    persons = [
        "Ada", {"name": "Bo"}, {"public_name": "Cy"}, {"full_public_name": "Di", "organization": "Org"}, {}, 7, "Ada",
    ]  # fmt: skip
    incoming = planned(entry(persons=persons))
    assert [(one.name, one.organisation) for one in incoming.sessions[0].people] == [
        ("Ada", ""), ("Bo", ""), ("Cy", ""), ("Di", "Org"), ("7", ""),
    ]  # fmt: skip
    assert incoming.notes == ("“Open standards”: the person “” was not understood.",)


@pytest.mark.parametrize(
    ("written", "minutes"), [("00:30", 30), ("1:00", 60), ("90", 90), (90, 90), ("02:15:00", 135), (None, None)]
)
def test_a_length_is_read_however_it_is_written(written: Any, minutes: int | None) -> None:
    assert [one.minutes for one in planned(entry(duration=written)).sessions] == [minutes]


@pytest.mark.parametrize(
    ("members", "start"),
    [
        ({"date": "2014-09-03T00:30:00+03:00"}, "2014-09-02T21:30+00:00"),
        ({"date": "2014-09-02T06:00:00Z"}, "2014-09-02T06:00+00:00"),
        ({"date": "2014-09-02T09:00:00"}, "2014-09-02T06:00+00:00"),
        ({"date": "2014-09-02", "start": "09:00"}, "2014-09-02T06:00+00:00"),
        ({"date": None, "start": "9:00"}, "2014-09-02T06:00+00:00"),
        ({"date": None, "start": "01:00"}, "2014-09-02T22:00+00:00"),
    ],
)
def test_a_start_is_an_instant_and_the_day_is_that_of_the_file(members: dict[str, Any], start: str) -> None:
    (one,) = planned(entry(**members)).sessions
    assert (one.day, one.starts_at) == (date(2014, 9, 2), at(start))


def test_what_is_not_understood_is_noted_and_the_session_comes_in_all_the_same() -> None:
    incoming = planned(entry(date="soon", start="later", duration="long", language="Klingon!", track=None, title=None))
    assert incoming.sessions == (OPEN_STANDARDS.changed(title={"en": GUID}, track=None, starts_at=None, minutes=None),)
    assert incoming.notes == (
        f"“{GUID}”: the language “Klingon!” was not understood.",
        f"“{GUID}”: the date “soon later” was not understood.",
        f"“{GUID}”: the duration “long” was not understood.",
    )


def test_what_has_no_place_here_is_counted() -> None:
    told = read(entry(logo="a.png", answers=[1], do_not_record=False), entry(guid="b", logo="b.png", attachments=[]))
    assert told.notes == ("Passed over: answers of 1 session", "Passed over: logo of 2 sessions")


def test_two_sessions_with_one_guid_are_told_apart_by_their_numbers() -> None:
    incoming = planned(entry(), entry(id=26, title="Another"), entry(id=26, title="A third"))
    assert [(one.origin, one.code, one.uid) for one in incoming.sessions] == [
        (GUID, "s25", GUID),
        ("26", "s26", str(uuid.uuid5(SPACE, "26"))),
    ]
    assert incoming.notes == ("“A third” is in the file twice; the first one counts.",)


def test_a_uid_that_another_session_has_is_not_taken_again() -> None:
    before = OPEN_STANDARDS.changed(code="another", origin="another")
    incoming = planned(entry(guid="HOqeNIb6G7M4hYFKFRkCmQ"), before=(before,))
    assert [(one.code, one.uid) for one in incoming.sessions] == [
        ("s25", str(uuid.uuid5(SPACE, "HOqeNIb6G7M4hYFKFRkCmQ")))
    ]
    taken = before.changed(uid=incoming.sessions[0].uid)
    again = planned(entry(guid="HOqeNIb6G7M4hYFKFRkCmQ"), before=(taken,))
    assert [one.uid for one in again.sessions] == [str(uuid.uuid5(SPACE, "HOqeNIb6G7M4hYFKFRkCmQ/"))]


def test_a_session_of_ours_that_somebody_else_exports_is_known_by_its_uid() -> None:
    first = planned(entry())
    ours = OPEN_STANDARDS.changed(code="ws1", origin="", description={"en": "**Why** they matter."})
    assert planned(entry(), frame=framed(first), before=(ours,)) == Incoming()


def test_a_session_without_a_type_gets_a_plain_one() -> None:
    incoming = planned(entry(type=None))
    assert incoming.sessions == (OPEN_STANDARDS.changed(type="session"),)
    assert [part for part in incoming.parts if part.kind == "types"] == [
        NewPart("types", "session", {"en": "Session"}, {"colour": "blue", "mark": "S", "usual_minutes": 45})
    ]


def test_codes_are_short_and_nobody_elses() -> None:
    before = OPEN_STANDARDS.changed(origin="another", uid="another")
    incoming = planned(
        entry(),
        entry(guid="b", id="", title="Où va l’Internet ?"),
        entry(guid="c", id="", title="網路"),
        before=(before,),
    )
    assert [one.code for one in incoming.sessions] == ["s25-2", "ou-va-linternet", "s"]
    assert incoming.gone == ("s25",)


def test_of_a_known_session_only_what_the_file_tells_is_set() -> None:
    first = planned(entry())
    known = OPEN_STANDARDS.changed(
        code="ws1", title={"en": "Open standards", "ja": "標準"}, expected=40, buffer=15, tags=("a",), format="panel",
        description={"en": "**Why** they matter.", "ja": "理由"},
        people=(
            Named(Part.CHAIR, "Ada Chair", "Org", "civil-society", 7), Named(Part.SPEAKER, "Gone Speaker"),
            Named(Part.RAPPORTEUR, "Ray Porter", person=8),
        ),
    )  # fmt: skip
    told = entry(title="Open formats", persons=["ADA CHAIR", "Bo"], date="2014-09-02T10:00:00+03:00", duration=None)
    incoming = planned(told, frame=framed(first), before=(known,))
    assert incoming == Incoming(
        sessions=(
            known.changed(
                title={"en": "Open formats", "ja": "標準"},
                starts_at=at("2014-09-02T07:00+00:00"),
                people=(
                    Named(Part.CHAIR, "ADA CHAIR", "Org", "civil-society", 7),
                    Named(Part.RAPPORTEUR, "Ray Porter", person=8),
                    Named(Part.SPEAKER, "Bo"),
                ),
            ),
        )
    )
    assert planned(told, frame=framed(first), before=incoming.sessions) == Incoming()


def test_a_session_that_the_file_has_no_more_is_gone() -> None:
    first = planned(entry(), entry(guid="b", id=26), entry(guid="c", id=27))
    ours = OPEN_STANDARDS.changed(code="ours", uid="ours", origin="")
    cancelled = first.sessions[2].changed(status="cancelled")
    before = (*first.sessions[:2], cancelled, ours)
    assert planned(entry(), frame=framed(first), before=before) == Incoming(gone=("s26",))


def test_days_that_the_meeting_does_not_have_are_noted() -> None:
    frame = Frame("Europe/Istanbul", ("2015-09-02",), {}, {}, {})
    assert planned(entry(), frame=frame).notes == (
        "There are sessions on days that the meeting does not have: 2014-09-02",
    )


@pytest.mark.parametrize(
    ("zone", "date", "guess", "notes"),
    [
        (None, "2014-09-02T09:00:00+03:00", "Etc/GMT-3", ("The file names no time zone. All its times are as in Etc/GMT-3, so that is used.",)),
        (None, "2014-09-02T09:00:00Z", "UTC", ("The file names no time zone. All its times are as in UTC, so that is used.",)),
        (None, "2014-09-02T09:00:00+05:45", None, ()),
        (None, "2014-09-02T09:00:00", None, ()),
        ("Mars/Olympus", "2014-09-02T09:00:00", None, ("There is no time zone “Mars/Olympus”.",)),
        ("UTC", "2014-09-02T09:00:00+01:00", "UTC", ("The times in the file do not have the offset of its time zone, UTC.",)),
    ],
)  # fmt: skip
def test_a_zone_is_guessed_only_from_full_hours(
    zone: str, date: str, guess: str | None, notes: tuple[str, ...]
) -> None:
    told = read(entry(date=date), time_zone_name=zone)
    assert (told.timezone, told.notes) == (guess, notes)


XML = """<?xml version='1.0' encoding='utf-8' ?>
<schedule>
<version>1.5</version>
<conference><acronym>sd</acronym><title>Some Days</title><start>2014-09-02</start><end>2014-09-03</end></conference>
<day date='2014-09-02' start='2014-09-02T09:00:00+03:00' end='2014-09-03T04:00:00+03:00' index='1'>
<room name='Blue Room'>
<event guid='HOqeNIb6G7M4hYFKFRkCmQ' id='6264'>
<date>2014-09-03T00:30:00+03:00</date><start>00:30</start><duration>00:45</duration><room>Blue Room</room>
<recording><license>cc-by</license><optout>false</optout></recording>
<title>Open &amp; free</title><subtitle>A second line</subtitle><track>Access</track><type>lecture</type>
<language>de</language><abstract><![CDATA[<p>One <b>&amp;</b> two</p><ul><li>x</li></ul>]]></abstract><description>One</description>
<persons><person id='1'>Ada Chair</person><person id='2'>Bo</person></persons>
<links><link href='https://x.example/a'>More [here]</link><link href='/local'>Local</link></links>
</event>
</room>
<room name='Blue Room'><event id='7'><title>No more</title></event></room>
</day>
</schedule>
"""


def test_frab_xml_is_read_like_json() -> None:
    told = read_foreign("fahrplan.xml", XML.encode())
    incoming = matched(told, FRAME, (), SPACE)
    assert incoming.sessions == (
        Planned(
            code="s6264",
            uid=str(uuid.uuid5(SPACE, "HOqeNIb6G7M4hYFKFRkCmQ")),
            title={"de": "Open & free"},
            description={"de": "A second line\n\nOne **&** two\n\n- x\n\nOne\n\n- [More \\[here\\]](<https://x.example/a>)"},
            type="lecture",
            track="access",
            room="blue-room",
            day=date(2014, 9, 2),
            starts_at=at("2014-09-02T21:30+00:00"),
            minutes=45,
            language="de",
            people=(Named(Part.SPEAKER, "Ada Chair"), Named(Part.SPEAKER, "Bo")),
            origin="HOqeNIb6G7M4hYFKFRkCmQ",
        ),
        Planned("s7", str(uuid.uuid5(SPACE, "7")), {"en": "No more"}, "session", room="blue-room", day=date(2014, 9, 2), origin="7"),
    )  # fmt: skip
    assert incoming.notes == (
        "“No more” has no time.",
        "Passed over: recording of 1 session",
        "The file names no time zone. All its times are as in Etc/GMT-3, so that is used.",
    )
    assert (told.first_day, told.days) == (date(2014, 9, 2), 1)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"schedule":\n oops}', (2, "This is not JSON: Expecting value")),
        (b"", (1, "This is not JSON: Expecting value")),
        (b"\xff\xfe\xff", (None, "This is neither schedule JSON nor schedule XML.")),
        (b"[" * 200_000, (None, "This is neither schedule JSON nor schedule XML.")),
        (b"[1, 2]", (None, "There are no sessions in this file.")),
        (b'{"schedule": {"conference": {"days": 7}}}', (None, "There are no sessions in this file.")),
        (conference(), (None, "There are no sessions in this file.")),
        (b"<schedule>\n<day>\n</schedule>", (3, "This is not XML: mismatched tag: line 3, column 2")),
        (b"<html></html>", (None, "There are no sessions in this file.")),
        (
            b'<!DOCTYPE s [<!ENTITY a "b">]><schedule>&a;</schedule>',
            (None, "The file has a DTD, entities or an encoding that is not read."),
        ),
        (b" " * (20 * 1024 * 1024 + 1), (None, "The file is larger than 20 MB.")),
        (
            json.dumps({"days": [{"rooms": {"a": [{"id": number} for number in range(20_001)]}}]}).encode(),
            (None, "The file has more than 20000 sessions."),
        ),
        (b'{"days": [{"rooms": {"a": [{"id": 1}]}}]}', (None, "The file names no day.")),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, fault: tuple[int | None, str]) -> None:
    with pytest.raises(Refused) as refused:
        read_foreign("schedule", content)
    assert refused.value.faults == [fault]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "a\x00b", "9999-12-31T23:59:59-14:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*entry(), "logo"]), JUNK), st.dictionaries(st.sampled_from(["rooms", "tracks", "start", "title", "time_zone_name"]), JUNK), JUNK)  # fmt: skip
def test_whatever_stands_in_a_session_it_comes_in(members: dict[str, Any], around: dict[str, Any], own: Any) -> None:
    document = json.loads(conference(entry(**members), **around))
    document["schedule"]["plenary"] = {"sessions": {GUID: own}, "types": own, "meeting": own}
    incoming = matched(read_foreign("x", json.dumps(document).encode()), FRAME, (), SPACE)
    (one,) = incoming.sessions
    json.dumps(one.to_json(), ensure_ascii=False).encode()
    assert "\x00" not in str(one)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("Plain\n\n* text < 3", "Plain\n\n* text < 3"),
        ("<p>One<br>two</p><p>three</p>", "One\\\ntwo\n\nthree"),
        ("<h2>Head</h2>text <em>so</em> <a href='https://x.example'>there</a>", "## Head\n\ntext *so* [there](https://x.example)"),
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n   - b\n1. c"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("<script>alert(1)</script><p>x</b></p>", "x"),
    ],
)  # fmt: skip
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert markdown_of(html) == markdown
