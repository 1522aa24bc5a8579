"""What we export comes back whole."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server import clock
from server.meetings.models import Meeting, Room, SessionType, Track
from server.schedule.exchange import Edition, schedule_json, schedule_xml
from server.schedule.facts import set_ends
from server.schedule.foreign import read_foreign
from server.schedule.incoming import Frame, Incoming, NewPart
from server.schedule.matching import matched
from server.schedule.models import Part, Session, SessionPerson
from server.schedule.plan import Named, Planned
from tests.makers import NOON

SPACE = uuid.UUID("6f3b2a55-0000-4000-8000-000000000001")
GUID = "0c6d2c52-9f0a-4f53-8b0e-0f3a1c1e7a11"
LETTERS = st.sampled_from("aB1 <>&]?'\"\\-_*#عربي中文字é👩🏽‍💻\u200f\u202b§\u0301")
LINES = st.text(LETTERS, min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)
PROSE = st.text(LETTERS | st.sampled_from("\n\t"), max_size=60).map(str.strip)
TAGS = st.sampled_from(["en", "ar", "zh", "pt-BR"])
PEOPLE = st.builds(
    Named,
    st.sampled_from([part.value for part in Part]),
    LINES,
    LINES | st.just(""),
    st.sampled_from(["", "civil-society"]),
    st.none() | st.integers(1, 3),
)


@st.composite
def programmes(draw: st.DrawFn) -> tuple[Meeting, list[Planned]]:
    """A meeting across a change of the clocks, and sessions that each have a room and a time."""
    zone = draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]))
    meeting = Meeting(
        slug="m",
        name={"en": "M"},
        short_name="M",
        timezone=zone,
        first_day=date(2014, 10, 26),
        days=9,
        has_day_zero=True,
    )
    meeting.tracks = [Track(key=f"t{n}", position=n, name={"en": f"Track {n}", "ar": "عربي"}) for n in (1, 2)]
    meeting.session_types = [
        SessionType(key="ws", position=1, name={"zh": "工作坊"}, colour="red", mark="WS", usual_minutes=60, stands_alone=True),
        SessionType(key="main", position=2, name={"en": "Main", "zh": "主"}, colour="teal", mark="", usual_minutes=90, stands_alone=False),
    ]  # fmt: skip
    meeting.rooms = [
        Room(id=1, key="a", position=1, name={"en": "Studio"}, place={}, capacity=3, stream=""),
        Room(id=2, key="b", position=2, name={"en": "Studio"}, place={"en": "Up"}, stream="https://s.example/"),
    ]
    codes = draw(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1, max_size=4))
    return meeting, [draw(sessions(meeting, code, codes)) for code in codes]


@st.composite
def sessions(draw: st.DrawFn, meeting: Meeting, code: str, codes: list[str]) -> Planned:
    day = draw(st.sampled_from(meeting.all_days))
    midnight = clock.day_span(day, meeting.timezone)[0]
    return Planned(
        code=code,
        uid=str(uuid.uuid5(SPACE, f"own {code}")),
        title=draw(st.dictionaries(TAGS, LINES, min_size=1)),
        type=draw(st.sampled_from(["ws", "main"])),
        description=draw(st.dictionaries(TAGS, PROSE.filter(bool))),
        track=draw(st.sampled_from([None, "t1", "t2"])),
        room=draw(st.sampled_from(["a", "b"])),
        day=day,
        part_of_day=draw(st.sampled_from(["", "morning"])),
        starts_at=midnight + timedelta(minutes=draw(st.integers(0, 28 * 60))),
        minutes=draw(st.none() | st.integers(1, 1440)),
        language=draw(TAGS),
        format=draw(LINES | st.just("")),
        tags=tuple(draw(st.lists(LINES, max_size=2))),
        status=draw(st.sampled_from(["confirmed", "cancelled"])),
        people=tuple(draw(st.lists(PEOPLE, max_size=3))),
        repeats=draw(st.sampled_from(["", *codes])),
        expected=draw(st.none() | st.just(30)),
        buffer=draw(st.sampled_from([0, 10])),
        origin=draw(st.sampled_from(["", f"from {code}"])),
    )


def exported(meeting: Meeting, programme: list[Planned], form: str) -> bytes:
    """What is published of a programme, as the meeting's feeds have it."""
    parts = {one.key: one for one in (*meeting.tracks, *meeting.session_types, *meeting.rooms)}
    made = []
    for number, one in enumerate(programme, 1):
        facts = {name: getattr(one, name) for name in ("uid", "code", "title", "description", "language", "format", "status", "day", "part_of_day", "starts_at", "minutes", "repeats", "expected", "buffer", "origin")}  # fmt: skip
        track, room = parts[one.track] if one.track else None, parts[one.room or ""]
        session = Session(id=number, type=parts[one.type], track=track, room=room, room_id=room.id, tags=list(one.tags), changed_at=NOON, **facts)  # fmt: skip
        session.people = [
            SessionPerson(position=place, part=who.part, name=who.name, organisation=who.organisation, stakeholder_group=who.stakeholder_group, person_id=who.person)
            for place, who in enumerate(one.people)
        ]  # fmt: skip
        made.append(session)
    set_ends(made)
    write = schedule_json if form == "json" else schedule_xml
    return write(Edition(meeting, 1, made, "https://x.example", "https://x.example/m/schedule"))


def public(one: Planned) -> Planned:
    """The session as somebody else gets to know it from the file."""
    people = tuple(Named(who.part, who.name, who.organisation, who.stakeholder_group) for who in one.people)
    return one.changed(people=people, expected=None, buffer=0, origin=one.uid)


@settings(max_examples=60)
@given(programmes(), st.sampled_from(["json", "xml"]))
def test_what_is_exported_comes_back_whole(made: tuple[Meeting, list[Planned]], form: str) -> None:
    meeting, programme = made
    told = read_foreign(f"schedule.{form}", exported(meeting, programme, form))
    assert (told.first_day, told.days, told.has_day_zero, told.timezone, told.notes) == (
        date(2014, 10, 26), 9, True, meeting.timezone, (),
    )  # fmt: skip
    empty = Frame(meeting.timezone, Frame.of(meeting).days, {}, {}, {})
    incoming = matched(told, empty, (), SPACE)
    assert sorted(incoming.sessions, key=lambda one: one.code) == sorted(
        map(public, programme), key=lambda one: one.code
    )
    assert incoming.parts == (
        NewPart("tracks", "t1", {"en": "Track 1", "ar": "عربي"}),
        NewPart("tracks", "t2", {"en": "Track 2", "ar": "عربي"}),
        NewPart("types", "ws", {"zh": "工作坊"}, {"colour": "red", "mark": "WS", "usual_minutes": 60, "stands_alone": True}),
        NewPart("types", "main", {"en": "Main", "zh": "主"}, {"colour": "teal", "usual_minutes": 90, "stands_alone": False}),
        NewPart("rooms", "a", {"en": "Studio"}, {"capacity": 3}),
        NewPart("rooms", "b", {"en": "Studio"}, {"place": {"en": "Up"}, "stream": "https://s.example/"}),
    )  # fmt: skip
    assert matched(told, Frame.of(meeting), programme, SPACE) == Incoming(gone=())


def own_export() -> tuple[Meeting, Planned, dict[str, Any]]:
    """A meeting with one cancelled session, and what it exports."""
    meeting = Meeting(slug="m", name={"en": "M"}, short_name="M", timezone="UTC", first_day=date(2014, 9, 2), days=1)
    meeting.tracks, meeting.has_day_zero = [], False
    meeting.session_types = [SessionType(key="ws", position=1, name={"en": "Workshop"}, colour="red", usual_minutes=60)]
    meeting.rooms = [Room(id=1, key="a", position=1, name={"en": "Studio"}, place={}, stream="")]
    one = Planned(
        "ws1", GUID, {"en": "Open", "ar": "عربي"}, "ws", {"en": "**Why**", "ar": "x"}, room="a", day=date(2014, 9, 2),
        starts_at=datetime(2014, 9, 2, 9, tzinfo=UTC), status="cancelled", people=(Named(Part.CHAIR, "Ada", "Org", person=7),),
    )  # fmt: skip
    return meeting, one, json.loads(exported(meeting, [one], "json"))


def test_what_was_changed_in_our_own_export_counts() -> None:
    meeting, before, document = own_export()
    told = document["schedule"]["conference"]["days"][0]["rooms"]["Studio"][0]
    told |= {"title": "Free", "description": "How", "persons": [{"name": "Ada"}, {"name": "Bo"}], "duration": "00:30"}
    told |= {"date": "2014-09-02T10:00:00+00:00"}
    incoming = matched(read_foreign("x.json", json.dumps(document).encode()), Frame.of(meeting), [before], SPACE)
    assert incoming == Incoming(
        sessions=(
            before.changed(
                title={"en": "Free", "ar": "عربي"},
                description={"en": "How", "ar": "x"},
                people=(Named(Part.CHAIR, "Ada", "Org", person=7), Named(Part.SPEAKER, "Bo")),
                starts_at=datetime(2014, 9, 2, 10, tzinfo=UTC),
                minutes=30,
            ),
        )
    )


def test_our_own_export_is_known_by_its_code_where_the_uid_is_another() -> None:
    meeting, before, document = own_export()
    here = before.changed(uid="another", tags=("kept?",))
    incoming = matched(read_foreign("x.json", json.dumps(document).encode()), Frame.of(meeting), [here], SPACE)
    assert incoming == Incoming(sessions=(before.changed(uid="another"),))


def test_no_account_and_nothing_private_is_exported() -> None:
    meeting, before, _ = own_export()
    secret = before.changed(expected=4711, buffer=17, origin="from-elsewhere")
    for form in ("json", "xml"):
        told = exported(meeting, [secret], form).decode()
        assert [word for word in ("4711", "buffer", "from-elsewhere", '"person"') if word in told] == []
