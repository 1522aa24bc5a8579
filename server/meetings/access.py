"""Who may do what at a meeting: the roles table as data. What is not in it is denied."""

from enum import StrEnum

from sqlalchemy import select

from server.database import Database
from server.meetings.models import Grant, Meeting, Role
from server.people.models import Person
from server.problems import NotAllowed, NotSignedIn
from server.web.language import N_


class Ability(StrEnum):
    """Something that not everybody may do."""

    SEE_DESK = "see the desk"
    MANAGE_MEETING = "change the meeting, its rooms, tracks, types and roles"
    MANAGE_PROGRAMME = "change the programme"
    SEE_REGISTRATIONS = "see who registered, with mail addresses"
    CHANGE_REGISTRATIONS = "change and withdraw registrations"
    MANAGE_REGISTRATION = "change the registration form, places, dates and reminders"
    WRITE_ANY_SUMMARY = "write the live summary of any session"
    WRITE_OWN_SUMMARY = "write the live summary of a session one chairs"
    LOCK_SUMMARY = "lock a live summary, and write while it is locked"
    EDIT_OUTPUTS = "edit the drafts of outputs"
    SIGN_OFF_OWN = "sign off the summary of a session one chairs"
    SIGN_OFF_FOR_CHAIR = "sign off in the chair's name"
    PUBLISH_OUTPUTS = "publish outputs"
    MANAGE_WEBHOOKS = "send what is written to other organisations by webhook"


ROLES: dict[Role, frozenset[Ability]] = {
    Role.ORGANISER: frozenset(Ability),
    Role.CHAIR: frozenset({Ability.SEE_DESK, Ability.WRITE_OWN_SUMMARY, Ability.SIGN_OFF_OWN}),
    Role.RAPPORTEUR: frozenset({Ability.SEE_DESK, Ability.WRITE_ANY_SUMMARY, Ability.EDIT_OUTPUTS}),
    Role.MODERATOR: frozenset({Ability.SEE_DESK}),
    Role.DESK: frozenset({Ability.SEE_DESK, Ability.SEE_REGISTRATIONS, Ability.CHANGE_REGISTRATIONS}),
}


def roles_of(db: Database, person: Person | None, meeting: Meeting) -> frozenset[Role]:
    """The roles of a person at a meeting; none for a stranger."""
    if person is None:
        return frozenset()
    rows = db.scalars(select(Grant.role).filter_by(person_id=person.id, meeting_id=meeting.id))
    return frozenset(Role(role) for role in rows)


def abilities_of(db: Database, person: Person | None, meeting: Meeting) -> frozenset[Ability]:
    """Everything the person may do at the meeting."""
    return frozenset().union(*(ROLES[role] for role in roles_of(db, person, meeting)))


def may(db: Database, person: Person | None, ability: Ability, meeting: Meeting) -> bool:
    """Whether the person may do this at this meeting."""
    return ability in abilities_of(db, person, meeting)


def require(db: Database, person: Person | None, ability: Ability, meeting: Meeting) -> None:
    """Raises NotSignedIn for a stranger and NotAllowed for somebody whose roles do not include this."""
    if person is None:
        raise NotSignedIn(N_("Please sign in to go on."))
    if not may(db, person, ability, meeting):
        raise NotAllowed(N_("Your roles at this meeting do not include this. An organiser can grant them."))
