"""Who has registered at a meeting, and how many."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import and_, func, or_, select

from server.database import Database
from server.meetings.models import Meeting
from server.problems import NotFound
from server.registration.models import Attendance, HistoryEntry, Registration, State
from server.registration.states import HOLDS_PLACE, TAKES_PART
from server.web.language import N_


def page_asked(query: Mapping[str, str]) -> int:
    """The page that the query of an address names; the first when it names none."""
    text = query.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def participant_count(db: Database, meeting: Meeting) -> int:
    """How many take part: registrations that are confirmed, onsite and online alike."""
    part = select(func.count()).select_from(Registration).filter_by(meeting_id=meeting.id)
    return db.scalar(part.where(Registration.state.in_(TAKES_PART))) or 0


def registration_by_reference(db: Database, meeting: Meeting, reference: str) -> Registration:
    """A registration of this meeting; raises NotFound."""
    found = None
    if reference.isascii() and reference.isprintable():
        wanted = select(Registration).filter_by(meeting_id=meeting.id, reference=reference.upper(), erased_at=None)
        found = db.scalars(wanted).first()
    if found is None:
        raise NotFound(N_("There is no registration with this reference."))
    return found


def history_of(db: Database, registration: Registration) -> list[HistoryEntry]:
    """Everything that was done with a registration, newest first."""
    kept = select(HistoryEntry).filter_by(registration_id=registration.id)
    return list(db.scalars(kept.order_by(HistoryEntry.id.desc())))


def reason_of(db: Database, registration: Registration) -> str:
    """Why a registration stands where it does, in the words of whoever moved it there; empty when nobody said."""
    moved = select(HistoryEntry.reason).filter_by(registration_id=registration.id, after=registration.state)
    return db.scalars(moved.order_by(HistoryEntry.id.desc()).limit(1)).first() or ""


def place_in_line(db: Database, registration: Registration) -> int | None:
    """At which place of the waiting list somebody stands, the first being 1; None for who does not wait."""
    if registration.state != State.WAITING:
        return None
    ahead = (
        select(func.count())
        .select_from(Registration)
        .filter_by(meeting_id=registration.meeting_id, state=State.WAITING)
    )
    earlier = or_(
        Registration.turn < (registration.turn or 0),
        and_(Registration.turn == registration.turn, Registration.id < registration.id),
    )
    return (db.scalar(ahead.where(earlier)) or 0) + 1


def pending_count(db: Database, meeting: Meeting) -> int:
    """How many wait for approval."""
    pending = select(func.count()).select_from(Registration).filter_by(meeting_id=meeting.id, state=State.PENDING)
    return db.scalar(pending) or 0


def waiting_count(db: Database, meeting: Meeting) -> int:
    """How many stand in the waiting list."""
    waiting = select(func.count()).select_from(Registration).filter_by(meeting_id=meeting.id, state=State.WAITING)
    return db.scalar(waiting) or 0


def registration_of(db: Database, meeting: Meeting, email: str) -> Registration | None:
    """The registration of a mail address at a meeting."""
    return db.scalars(select(Registration).filter_by(meeting_id=meeting.id, email=email, erased_at=None)).first()


def registrations_of(db: Database, email: str) -> list[Registration]:
    """The registrations of a mail address at every meeting, the newest first."""
    known = select(Registration).filter_by(email=email, erased_at=None)
    return list(db.scalars(known.order_by(Registration.registered_at.desc(), Registration.id.desc())))


def onsite_counts(db: Database, meeting: Meeting) -> dict[str, Counter[str]]:
    """How many want to come onsite, by stakeholder group: places `given`, of these `offered`, and `waiting`, `pending`."""
    row = (Registration.state, Registration.stakeholder_group)
    counted = select(*row, func.count()).filter_by(meeting_id=meeting.id, attendance=Attendance.ONSITE).group_by(*row)
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("given", "offered", "waiting", "pending")}
    for state, group, count in db.execute(counted):
        if state in HOLDS_PLACE:
            counts["given"][group] += count
        if state in counts:
            counts[state][group] += count
    return counts
