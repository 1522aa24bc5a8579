"""What organisers do with a meeting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from server.database import Database
from server.mail import write_letter
from server.meetings.models import Grant, Meeting, Role
from server.meetings.parts import Kind, Part, key_for, put_in_order
from server.meetings.queries import roles_of_person
from server.notices import post
from server.people.actions import person_for
from server.people.models import Person
from server.problems import Conflict
from server.web.language import LANGUAGES, N_, pick


@dataclass(frozen=True)
class MeetingChanged:
    """Something that the public programme shows of a meeting may have changed: names, rooms, types, zone, venue."""

    meeting_id: int
    at: datetime


def make_meeting(db: Database, person: Person, slug: str, facts: Mapping[str, Any]) -> Meeting:
    """A new meeting, whose first organiser is the person who makes it. Raises Conflict when the slug is taken."""
    meeting = Meeting(slug=slug, **facts)
    try:
        with db.begin_nested():
            db.add(meeting)
            db.flush()
    except IntegrityError as taken:
        raise Conflict(N_("There is a meeting at this address already. Please choose another one.")) from taken
    grant_role(db, person, Role.ORGANISER, meeting)
    return meeting


def change_meeting(db: Database, meeting: Meeting, facts: Mapping[str, Any], now: datetime) -> None:
    """Give a meeting these facts. What its programme shows of them is published at once."""
    _change(meeting, facts)
    post(db, MeetingChanged(meeting.id, now))


def add_part(
    db: Database, meeting: Meeting, kind: Kind, facts: Mapping[str, Any], position: int | None, now: datetime
) -> Part:
    """A new track, type or room, at a position of the list (None: last)."""
    take_turn(db, meeting)
    parts = kind.of(meeting)
    key = key_for(pick(facts["name"], "en"), {part.key for part in parts}, kind.name.removesuffix("s"))
    part = kind.record(meeting_id=meeting.id, key=key, position=0, **facts)
    put_in_order(parts, part, position)
    db.add(part)
    return _changed(db, meeting, part, now)


def change_part(
    db: Database,
    meeting: Meeting,
    kind: Kind,
    part: Part,
    facts: Mapping[str, Any],
    position: int | None,
    now: datetime,
) -> Part:
    """Change a track, type or room; its key stays, because addresses and feeds name it."""
    take_turn(db, meeting)
    _change(part, facts)
    put_in_order(kind.of(meeting), part, position)
    return _changed(db, meeting, part, now)


def remove_part(db: Database, meeting: Meeting, kind: Kind, part: Part, now: datetime) -> None:
    """Take a track, type or room away. Raises Conflict while sessions have it: the database itself refuses then."""
    take_turn(db, meeting)
    try:
        with db.begin_nested():
            db.delete(part)
            db.flush()
    except IntegrityError as used:
        raise Conflict(
            N_("“%(name)s” cannot be removed: there are sessions with it. Give those sessions another one first."),
            name=pick(part.name),
        ) from used
    for number, other in enumerate((other for other in kind.of(meeting) if other is not part), 1):
        other.position = number
    _changed(db, meeting, part, now)


def grant_role(db: Database, person: Person, role: Role, meeting: Meeting) -> bool:
    """Give somebody a role at a meeting; giving it again changes nothing. Says whether it is new."""
    key = {"person_id": person.id, "meeting_id": meeting.id, "role": role}
    if db.get(Grant, key) is not None:
        return False
    db.add(Grant(**key))
    return True


def invite_to_role(db: Database, email: str, role: Role, meeting: Meeting, language: str, now: datetime) -> None:
    """Give the owner of a mail address a role, making the account if need be, and write them a letter that says so."""
    take_turn(db, meeting)
    person = person_for(db, email, now, language=language)
    if grant_role(db, person, role, meeting):
        ids = {"person_id": person.id, "meeting_id": meeting.id, "role": role.value}
        write_letter(db, person.email, "meetings.invited", ids, person.language, now)


def take_role(db: Database, person_id: int, role: Role, meeting: Meeting) -> None:
    """Take a role away; who does not have it stays without. Raises Conflict for the last organiser."""
    take_turn(db, meeting)
    grant = db.get(Grant, {"person_id": person_id, "meeting_id": meeting.id, "role": role})
    if grant is None:
        return
    organisers = select(func.count()).select_from(Grant).filter_by(meeting_id=meeting.id, role=Role.ORGANISER)
    if role == Role.ORGANISER and db.scalar(organisers) == 1:
        raise Conflict(N_("A meeting needs an organiser. Make somebody else an organiser first."))
    db.delete(grant)


def give_up_roles(db: Database, person: Person) -> None:
    """Take every role of somebody away. Raises Conflict, naming the meeting, where nobody else is an organiser."""
    for meeting, roles in roles_of_person(db, person):
        try:
            for role in roles:
                take_role(db, person.id, role, meeting)
        except Conflict as last:
            raise Conflict(
                N_("You are the last organiser of %(meeting)s. Make somebody else an organiser of it first."),
                meeting=meeting.short_name or meeting.slug,
            ) from last


def _change(record: Meeting | Part, facts: Mapping[str, Any]) -> None:
    """Set the facts; texts keep what they say in languages that are not offered here."""
    for name, value in facts.items():
        if isinstance(value, dict):
            other = {tag: words for tag, words in getattr(record, name).items() if tag not in LANGUAGES}
            value = {**other, **value}
        setattr(record, name, value)


def _changed(db: Database, meeting: Meeting, part: Part, now: datetime) -> Part:
    db.flush()
    db.expire(meeting, ["tracks", "session_types", "rooms"])
    post(db, MeetingChanged(meeting.id, now))
    return part


def take_turn(db: Database, meeting: Meeting) -> None:
    """Wait for whoever else changes this meeting, lest two take the last two organisers away or number a list twice."""
    db.execute(select(Meeting.id).filter_by(id=meeting.id).with_for_update(key_share=True))
