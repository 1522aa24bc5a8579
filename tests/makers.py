"""Makers of what tests need, each saying only what matters to the test."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from server.database import Database
from server.meetings.models import Meeting, Room, SessionType, Track
from server.notices import post
from server.registration.claiming import new_reference
from server.registration.models import Registration, derived
from server.schedule.actions import SessionAdded
from server.schedule.models import Part, Programme, Session, SessionPerson

NOON = datetime(2014, 9, 1, 9, 0, tzinfo=UTC)


def make_meeting(db: Database, slug: str = "igf2014", **facts: Any) -> Meeting:
    """The Istanbul meeting in small: two tracks, three types, two rooms, day 0 and four days."""
    meeting = Meeting(
        **{
            "slug": slug,
            "number": 9,
            "short_name": "IGF 2014",
            "name": {"en": "Ninth Annual Meeting of the Internet Governance Forum"},
            "city": {"en": "Istanbul", "ja": "イスタンブール"},
            "country": {"en": "Turkey", "ja": "トルコ"},
            "venue": {"en": "Lütfi Kırdar ICEC"},
            "timezone": "Europe/Istanbul",
            "first_day": date(2014, 9, 2),
            "days": 4,
            "has_day_zero": True,
            "track_label": {"en": "Sub-theme", "ja": "サブテーマ"},
            "registration_open": True,
            **facts,
        }
    )
    meeting.tracks = [
        Track(key="human-rights", position=1, name={"en": "Internet and Human Rights", "ja": "インターネットと人権"}),
        Track(key="trust", position=2, name={"en": "Enhancing Digital Trust"}),
    ]
    meeting.session_types = [
        SessionType(key="main", position=1, name={"en": "Main Session"}, colour="red", mark="M", usual_minutes=180, stands_alone=True),
        SessionType(key="workshop", position=2, name={"en": "Workshop", "ja": "ワークショップ"}, colour="blue", mark="WS", usual_minutes=90),
        SessionType(key="open-forum", position=3, name={"en": "Open Forum"}, colour="green", mark="OF", usual_minutes=60),
    ]  # fmt: skip
    meeting.rooms = [
        Room(key="main-hall", position=1, name={"en": "Main Meeting Hall"}, capacity=1500, stream="https://stream.example/main"),
        Room(key="wr01", position=2, name={"en": "Workshop Room 01"}, place={"en": "Rumeli Ground Floor"}, capacity=120),
    ]  # fmt: skip
    db.add(meeting)
    db.flush()
    return meeting


def make_session(db: Database, meeting: Meeting, code: str = "ws112", **facts: Any) -> Session:
    """A published workshop of an hour and a half on the first day at 09:00 Istanbul time, in the second room."""
    start = facts.pop("starts_at", datetime(2014, 9, 2, 6, 0, tzinfo=UTC))
    minutes = facts.pop("minutes", 90)
    people = facts.pop("people", [(Part.CHAIR, "Ada Chair"), (Part.RAPPORTEUR, "Ray Porter")])
    session = Session(
        **{
            "uid": str(uuid.uuid4()),
            "meeting": meeting,
            "code": code,
            "title": {"en": f"Session {code}"},
            "type": meeting.session_types[1],
            "track": meeting.tracks[0],
            "room": meeting.rooms[1],
            "day": start.date() if start else None,
            "starts_at": start,
            "minutes": minutes,
            "ends_at": start + timedelta(minutes=minutes or 90) if start else None,
            "changed_at": NOON,
            **facts,
        }
    )
    session.people = [
        SessionPerson(position=index, part=part, name=name) for index, (part, name) in enumerate(people, 1)
    ]
    db.add(session)
    if db.get(Programme, meeting.id) is None:
        db.add(Programme(meeting_id=meeting.id, version=1, published_at=NOON))
    db.flush()
    if db.info.get("board"):
        post(db, SessionAdded(session.id))
    return session


def make_registration(db: Database, meeting: Meeting, email: str = "ada@example.org", **facts: Any) -> Registration:
    """A confirmed registration of somebody who agreed to be listed and has opened the link."""
    said = {
        "given_name": "Ada",
        "family_name": "Lovelace",
        "country": "GB",
        "organisation": "Analytical Society",
        "stakeholder_group": "technical-community",
        "attendance": "online",
        "public": True,
        **facts,
    }
    registration = Registration(
        **{
            "meeting": meeting,
            "reference": new_reference(meeting.short_name, meeting.slug),
            "email": email,
            "state": "confirmed",
            "registered_at": NOON,
            "changed_at": NOON,
            "opened_at": NOON,
            **derived(said),
            **said,
        }
    )
    db.add(registration)
    db.flush()
    return registration
