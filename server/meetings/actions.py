"""What organisers do with a meeting."""

from dataclasses import dataclass
from datetime import datetime

from server.database import Database
from server.meetings.models import Grant, Meeting, Role
from server.people.models import Person


@dataclass(frozen=True)
class MeetingChanged:
    """Something that the public programme shows of a meeting may have changed: names, rooms, types, zone, venue."""

    meeting_id: int
    at: datetime


def grant_role(db: Database, person: Person, role: Role, meeting: Meeting) -> None:
    """Give somebody a role at a meeting; giving it again changes nothing."""
    key = {"person_id": person.id, "meeting_id": meeting.id, "role": role}
    if db.get(Grant, key) is None:
        db.add(Grant(**key))
