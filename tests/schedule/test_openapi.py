"""The programme as plain JSON, and the description of it that programs go by."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from server.database import Database
from server.schedule.filters import NAMES
from server.schedule.models import Part, SessionPerson, Status
from server.schedule.openapi import openapi
from server.schedule.programme_json import programme_json, session_json
from tests.makers import NOON, make_meeting, make_session

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

BASE = "https://x.example"
DOCUMENT = openapi(BASE)


def valid(name: str, content: bytes) -> Any:
    """What the bytes say, after the schema that the document has for them has been asked."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    said = json.loads(content)
    errors = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(said)
    assert [error.message for error in errors] == []
    return said


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [part["$ref"]] if "$ref" in part else [one for value in part.values() for one in references(value)]
    return [one for value in part for one in references(value)] if isinstance(part, list) else []


def test_a_session_is_told_whole(db: Database) -> None:
    meeting = make_meeting(db)
    session = make_session(
        db, meeting, title={"en": "One", "ja": "一"}, description={"en": "**Why**"}, end_is_estimate=True,
        tags=["privacy"], format="round table", language="fr", repeats="ws1", sequence=3, expected=40, buffer=10,
        origin="guid-1",
    )  # fmt: skip
    session.people.append(
        SessionPerson(position=3, part=Part.SPEAKER, organisation="UNESCO", stakeholder_group="intergovernmental")
    )
    db.flush()
    assert valid("SessionFacts", session_json(meeting, session, BASE)) == {
        "code": "ws112",
        "uid": session.uid,
        "url": "https://x.example/igf2014/sessions/ws112",
        "live_url": "https://x.example/igf2014/sessions/ws112/live",
        "title": {"en": "One", "ja": "一"},
        "description": {"en": "**Why**"},
        "type": {"key": "workshop", "name": {"en": "Workshop", "ja": "ワークショップ"}},
        "track": {"key": "human-rights", "name": {"en": "Internet and Human Rights", "ja": "インターネットと人権"}},
        "room": {
            "key": "wr01",
            "name": {"en": "Workshop Room 01"},
            "place": {"en": "Rumeli Ground Floor"},
            "capacity": 120,
        },
        "day": "2014-09-02",
        "part_of_day": None,
        "start": "2014-09-02T09:00:00+03:00",
        "end": "2014-09-02T10:30:00+03:00",
        "end_is_estimate": True,
        "timezone": "Europe/Istanbul",
        "status": "confirmed",
        "language": "fr",
        "format": "round table",
        "tags": ["privacy"],
        "people": [
            {"part": "chair", "name": "Ada Chair", "organisation": "", "stakeholder_group": ""},
            {"part": "rapporteur", "name": "Ray Porter", "organisation": "", "stakeholder_group": ""},
            {"part": "speaker", "name": "", "organisation": "UNESCO", "stakeholder_group": "intergovernmental"},
        ],
        "repeats": "ws1",
        "sequence": 3,
        "changed_at": "2014-09-01T09:00:00Z",
    }


def test_what_is_not_known_is_null(db: Database) -> None:
    meeting = make_meeting(db)
    bare = make_session(
        db, meeting, starts_at=None, minutes=None, track=None, room=None, people=[], status=Status.CANCELLED
    )
    said = valid("SessionFacts", session_json(meeting, bare, BASE))
    assert {name for name, value in said.items() if value is None} == {
        "track", "room", "day", "part_of_day", "start", "end", "repeats",
    }  # fmt: skip
    assert (said["status"], said["people"], said["tags"]) == ("cancelled", [], [])


def test_a_programme_is_told_with_its_meeting_and_version(db: Database) -> None:
    meeting = make_meeting(db)
    sessions = [make_session(db, meeting, code) for code in ("ws2", "ws1")]
    said = valid("ProgrammeFacts", programme_json(meeting, 7, NOON, sessions, BASE))
    assert [one["code"] for one in said.pop("sessions")] == ["ws2", "ws1"]
    assert said == {
        "meeting": {
            "slug": "igf2014",
            "name": {"en": "Ninth Annual Meeting of the Internet Governance Forum"},
            "timezone": "Europe/Istanbul",
            "first_day": "2014-09-02",
            "last_day": "2014-09-05",
        },
        "version": 7,
        "published_at": "2014-09-01T09:00:00Z",
    }
    before = valid("ProgrammeFacts", programme_json(meeting, 0, None, [], BASE))
    assert (before["version"], before["published_at"], before["sessions"]) == (0, None, [])


def test_no_schema_knows_what_is_the_teams_alone() -> None:
    members = set(DOCUMENT["components"]["schemas"]["SessionFacts"]["properties"])
    assert not members & {"expected", "buffer", "origin", "minutes", "rev"}
    assert set(DOCUMENT["components"]["schemas"]["PersonFacts"]["properties"]) == {
        "part", "name", "organisation", "stakeholder_group",
    }  # fmt: skip


def test_the_document_describes_each_address_and_holds_together() -> None:
    assert (DOCUMENT["openapi"], DOCUMENT["servers"]) == ("3.1.0", [{"url": BASE}])
    assert list(DOCUMENT["paths"]) == [
        "/{meeting}/sessions.json",
        "/{meeting}/sessions/{session}.json",
        "/{meeting}/schedule.ics",
        "/{meeting}/schedule.json",
        "/{meeting}/schedule.xml",
        "/{meeting}/schedule.atom",
        "/{meeting}/sessions/{session}.ics",
    ]
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in references(DOCUMENT):
        found: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    for path, item in DOCUMENT["paths"].items():
        given = [one["$ref"].rsplit("/", 1)[1] for one in item["get"]["parameters"]]
        assert {name for name in ("meeting", "session") if f"{{{name}}}" in path} == {"meeting", "session"} & set(given)
    asked = [
        one["$ref"].rsplit("/", 1)[1] for one in DOCUMENT["paths"]["/{meeting}/sessions.json"]["get"]["parameters"]
    ]
    assert asked == ["meeting", *NAMES, *(f"hide.{name}" for name in NAMES)]
    json.dumps(DOCUMENT)
