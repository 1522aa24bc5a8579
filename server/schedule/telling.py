"""Whom a version concerns: the people of the sessions that changed and those who chose them, each written to once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from server.database import Database
from server.mail import write_letters
from server.meetings.models import Meeting
from server.people.models import Person
from server.schedule.comparing import TOLD, Kind
from server.schedule.models import Chosen, Session
from server.schedule.versions import Change


def affected(db: Database, meeting: Meeting, changes: Iterable[Change]) -> dict[int, list[str]]:
    """The codes of the changed sessions that concern somebody, by the id of their account: two queries at most."""
    told = {one.code: one for one in changes if TOLD & set(one.kinds)}
    concerned: dict[int, set[str]] = defaultdict(set)
    for change in told.values():
        for person_id in change.people:
            concerned[person_id].add(change.code)
    chosen = (
        select(Chosen.person_id, Session.code)
        .join(Session, Session.id == Chosen.session_id)
        .where(Session.meeting_id == meeting.id, Session.code.in_(told))
    )
    for person_id, code in db.execute(chosen) if told else ():
        if Kind.ADDED not in told[code].kinds:
            concerned[person_id].add(code)
    return {person_id: sorted(codes) for person_id, codes in sorted(concerned.items())}


def write_to_affected(db: Database, meeting: Meeting, version: int, changes: Iterable[Change], now: datetime) -> int:
    """A letter to each of them, in their language; returns how many."""
    concerned = affected(db, meeting, changes)
    people = db.execute(select(Person.id, Person.email, Person.language).where(Person.id.in_(concerned)))
    letters = (
        (email, {"meeting": meeting.id, "person": number, "version": version, "codes": concerned[number]}, tag)
        for number, email, tag in people
    )
    return write_letters(db, letters, "schedule.changed", now)
