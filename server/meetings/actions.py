"""What organisers do with a meeting."""

from server.database import Database
from server.meetings.models import Grant, Meeting, Role
from server.people.models import Person


def grant_role(db: Database, person: Person, role: Role, meeting: Meeting) -> None:
    """Give somebody a role at a meeting; giving it again changes nothing."""
    key = {"person_id": person.id, "meeting_id": meeting.id, "role": role}
    if db.get(Grant, key) is None:
        db.add(Grant(**key))
