"""The files other conference software reads."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from server.database import Database
from server.meetings.models import Meeting
from server.schedule.exchange import Edition, acronym, schedule_json, schedule_xml
from server.schedule.models import Part, Session, Status
from tests.makers import make_meeting, make_session
from tests.world import at

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "c3voc_schema.json").read_text()))
CHILDREN = [
    "room", "title", "subtitle", "type", "date", "start", "duration", "abstract", "slug", "track", "language",
    "description", "persons", "links",
]  # fmt: skip


def edition(meeting: Meeting, *sessions: Session) -> Edition:
    return Edition(meeting, 7, sessions, "https://x.example", "https://x.example/igf2014/schedule")


def as_json(meeting: Meeting, *sessions: Session) -> dict[str, Any]:
    """The JSON file's conference, after the schema has been asked about the whole."""
    document = json.loads(schedule_json(edition(meeting, *sessions)))
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    conference: dict[str, Any] = document["schedule"]["conference"]
    return conference


def as_xml(meeting: Meeting, *sessions: Session) -> ElementTree.Element:
    return ElementTree.fromstring(schedule_xml(edition(meeting, *sessions)))


def titles(conference: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    return {
        day["date"]: {room: [entry["title"] for entry in held] for room, held in day["rooms"].items()}
        for day in conference["days"]
        if day["rooms"]
    }


def test_a_session_is_told_in_json(db: Database) -> None:
    meeting = make_meeting(db)
    session = make_session(db, meeting, description={"en": "**Why** it matters"}, end_is_estimate=True)
    conference = as_json(meeting, session)
    entry = conference["days"][1]["rooms"]["Workshop Room 01"][0]
    assert [person.pop("guid") is not None for person in entry["persons"]] == [True, True]
    assert entry == {
        "id": session.id,
        "guid": session.uid,
        "date": "2014-09-02T09:00:00+03:00",
        "start": "09:00",
        "duration": "01:30",
        "room": "Workshop Room 01",
        "slug": "igf2014-ws112",
        "url": "https://x.example/igf2014/sessions/ws112",
        "title": "Session ws112",
        "subtitle": None,
        "track": "Internet and Human Rights",
        "type": "Workshop",
        "language": "en",
        "abstract": "The end is an estimate: nobody has announced it.",
        "description": "Why it matters",
        "persons": [{"name": "Ada Chair"}, {"name": "Ray Porter"}],
        "links": [{"url": "https://x.example/igf2014/sessions/ws112/live", "title": "Follow live", "type": "related"}],
    }


def test_the_meeting_is_told_in_json(db: Database) -> None:
    conference = as_json(make_meeting(db))
    assert [day["date"] for day in conference["days"]] == [f"2014-09-0{number}" for number in range(1, 6)]
    assert [day["index"] for day in conference["days"]] == [1, 2, 3, 4, 5]
    rooms = [{key: room[key] for key in ("name", "description", "capacity")} for room in conference["rooms"]]
    assert rooms == [
        {"name": "Main Meeting Hall", "description": None, "capacity": 1500},
        {"name": "Workshop Room 01", "description": "Rumeli Ground Floor", "capacity": 120},
    ]
    facts = {key: value for key, value in conference.items() if key not in ("days", "rooms", "tracks")}
    assert facts == {
        "acronym": "igf2014",
        "title": "IGF 2014",
        "description": "Ninth Annual Meeting of the Internet Governance Forum",
        "start": "2014-09-01",
        "end": "2014-09-05",
        "daysCount": 5,
        "timeslot_duration": "00:15",
        "time_zone_name": "Europe/Istanbul",
        "url": "https://x.example/igf2014/schedule",
    }


def test_two_rooms_with_one_name_do_not_merge(db: Database) -> None:
    meeting = make_meeting(db)
    for room, place in zip(meeting.rooms, ("Upstairs", "Downstairs"), strict=True):
        room.name, room.place = {"en": "Studio"}, {"en": place}
    sessions = [make_session(db, meeting, f"ws{index}", room=room) for index, room in enumerate(meeting.rooms)]
    assert titles(as_json(meeting, *sessions)) == {
        "2014-09-02": {"Studio (Upstairs)": ["Session ws0"], "Studio (Downstairs)": ["Session ws1"]}
    }
    for room in meeting.rooms:
        room.place = {}
    found = [room.get("name") for room in as_xml(meeting, *sessions).iter("room") if room.get("name")]
    assert found == ["Studio (main-hall)", "Studio (wr01)"]


def test_a_session_after_midnight_stays_on_the_day_it_belongs_to(db: Database) -> None:
    meeting = make_meeting(db)
    late = make_session(db, meeting, starts_at=at("2014-09-03T00:30+03:00"), day=date(2014, 9, 2))
    conference = as_json(meeting, late)
    assert titles(conference) == {"2014-09-02": {"Workshop Room 01": ["Session ws112"]}}
    assert conference["days"][1]["day_end"] == "2014-09-03T02:00:00+03:00"
    assert conference["days"][1]["rooms"]["Workshop Room 01"][0]["date"] == "2014-09-03T00:30:00+03:00"


def test_what_has_no_room_or_no_time_is_left_out_and_the_cancelled_are_marked(db: Database) -> None:
    meeting = make_meeting(db)
    sessions = [
        make_session(db, meeting, "ws1", room=None),
        make_session(db, meeting, "ws2", starts_at=None, minutes=None),
        make_session(db, meeting, "ws3", status=Status.CANCELLED),
    ]
    assert titles(as_json(meeting, *sessions)) == {"2014-09-02": {"Workshop Room 01": ["Cancelled: Session ws3"]}}
    assert [title.text for title in as_xml(meeting, *sessions).iterfind("day/room/event/title")] == [
        "Cancelled: Session ws3"
    ]


def test_xml_has_the_elements_frab_has_in_its_order(db: Database) -> None:
    meeting = make_meeting(db)
    sessions = [
        make_session(db, meeting, "ws1", people=[(Part.CHAIR, "Ada"), (Part.SPEAKER, "Ada"), (Part.SPEAKER, "Bo")]),
        make_session(db, meeting, "ws2", room=meeting.rooms[0], track=None, people=[(Part.SPEAKER, "Bo")]),
    ]
    root = as_xml(meeting, *sessions)
    assert [child.tag for child in root] == ["version", "conference"] + ["day"] * 5
    assert [(child.tag, child.text) for child in root[1]] == [
        ("title", "IGF 2014"), ("acronym", "igf2014"), ("start", "2014-09-01"), ("end", "2014-09-05"), ("days", "5"),
        ("timeslot_duration", "00:15"),
    ]  # fmt: skip
    assert [day.get("index") for day in root.iterfind("day")] == ["1", "2", "3", "4", "5"]
    assert root[3].attrib == {
        "index": "2", "date": "2014-09-02", "start": "2014-09-02T09:00:00+03:00", "end": "2014-09-02T10:30:00+03:00",
    }  # fmt: skip
    entries = list(root.iterfind("day/room/event"))
    assert [[child.tag for child in entry] for entry in entries] == [CHILDREN, CHILDREN]
    assert [entry.get("guid") for entry in entries] == [sessions[1].uid, sessions[0].uid]
    people = [[(one.text, one.get("id")) for one in entry.iterfind("persons/person")] for entry in entries]
    (bo,), (ada, same) = people
    assert (ada[0], bo[0]) == ("Ada", "Bo")
    assert bo == same
    assert all(number and 0 < int(number) < 2**31 for _, number in (ada, bo))
    assert [entry.findtext("track") for entry in entries] == ["", "Internet and Human Rights"]


def test_ids_guids_and_slugs_are_unique(db: Database) -> None:
    meeting = make_meeting(db)
    codes = ["a", "a-", "b", "b-b"]
    root = as_xml(meeting, *[make_session(db, meeting, code) for code in codes])
    entries = list(root.iterfind("day/room/event"))
    for values in (
        [entry.get("id") for entry in entries],
        [entry.get("guid") for entry in entries],
        [entry.findtext("slug") for entry in entries],
    ):
        assert len(set(values)) == len(codes)
    assert all(re.fullmatch("[a-z0-9_-]+[a-z0-9]", entry.findtext("slug") or "") for entry in entries)


def test_what_xml_has_no_room_for_is_left_out(db: Database) -> None:
    meeting = make_meeting(db)
    hard = make_session(db, meeting, title={"en": "a\x00\x0b<b> & \ufffe]]> 👩🏽‍💻"}, description={"en": "c\x1fd"})
    entry = as_xml(meeting, hard).find("day/room/event")
    assert entry is not None
    assert (entry.findtext("title"), entry.findtext("description")) == ("a<b> & ]]> 👩🏽‍💻", "cd")
    as_json(meeting, hard)


@pytest.mark.parametrize(
    ("slug", "known"), [("igf2014", "igf2014"), ("igf-2014", "igf_2014"), ("igf", "igf_"), ("a-b-", "a_b_")]
)
def test_a_slug_becomes_an_acronym_the_schema_takes(slug: str, known: str) -> None:
    assert acronym(slug) == known


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "GMT"])
def test_every_zone_makes_a_valid_file(db: Database, zone: str) -> None:
    meeting = make_meeting(db, timezone=zone)
    as_json(meeting, make_session(db, meeting))
