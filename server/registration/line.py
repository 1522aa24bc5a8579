"""The line for places onsite: under the lock of a meeting's admission, who has a place and who gets the next one."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, select

from server import clock
from server.database import Database, insert_unless_there
from server.meetings.actions import MeetingChanged
from server.meetings.models import Meeting
from server.problems import NotFound
from server.registration.models import Admission, Attendance, HistoryKind, Registration, StakeholderGroup
from server.registration.moving import RULE, move
from server.registration.places import Places, Standing
from server.registration.states import HOLDS_PLACE, State
from server.web.language import N_

#: Marks a transaction in which places are given at the end.
_LATER = "places are given later"


def admission_of(db: Database, meeting_id: int) -> Admission:
    """How a meeting registers; a meeting that never said has no limits."""
    found = db.get(Admission, meeting_id)
    return found if found is not None else Admission(**_unsaid(meeting_id))


def held_admission(db: Database, meeting_id: int) -> Admission:
    """How a meeting registers, held until the transaction ends: whoever gives or takes a place waits here.

    It is taken before any registration, so that no two wait for each other.
    """
    wanted = select(Admission).filter_by(meeting_id=meeting_id).with_for_update()
    found = db.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        insert_unless_there(db, Admission, _unsaid(meeting_id))
        found = db.scalars(wanted).one()
    return found


def _unsaid(meeting_id: int) -> dict[str, object]:
    return {
        "meeting_id": meeting_id, "turns": 0, "groups": {}, "organisations": {}, "asks_gender": False,
        "asks_first_time": False, "notice": {}, "approved_groups": [StakeholderGroup.PRESS.value],
    }  # fmt: skip


def hold(db: Database, registration: Registration) -> Admission:
    """Hold a registration, as it is now, until the transaction ends, and the admission before it.

    Raises NotFound when it was erased while this was on its way: nothing may be written into it again.
    """
    admission = held_admission(db, registration.meeting_id)
    db.refresh(registration, with_for_update=True)
    if registration.erased_at is not None:
        raise NotFound(N_("This registration has been erased."))
    return admission


def next_turn(admission: Admission) -> int:
    """The place at the end of the line."""
    admission.turns += 1
    return admission.turns


def places_of(db: Database, admission: Admission, organisations: Collection[str]) -> Places:
    """The places that are given now; of organisations those that are asked for."""
    limits = admission.limits
    if not limits.any:
        return Places(limits, {}, {})
    held = (
        Registration.meeting_id == admission.meeting_id,
        Registration.attendance == Attendance.ONSITE,
        Registration.state.in_(HOLDS_PLACE),
    )
    groups = select(Registration.stakeholder_group, func.count()).where(*held).group_by(Registration.stakeholder_group)
    by_group = Counter({group: count for group, count in db.execute(groups)})  # noqa: C416 (rows are no pairs to mypy)
    by_organisation: Counter[str] = Counter()
    if limits.by_organisation and organisations:
        key = Registration.organisation_key
        counts = select(key, func.count()).where(*held, key.in_(organisations)).group_by(key)
        by_organisation.update({name: count for name, count in db.execute(counts)})  # noqa: C416
    return Places(limits, by_group, by_organisation)


def settle(db: Database, admission: Admission, now: datetime) -> int:
    """Give every free place to whoever waits for it, after offers that have run out are taken back.

    Whatever may free a place ends with this, in the same transaction: no place is free while somebody waits for it.
    Says how many moved.
    """
    if db.info.get(_LATER):
        return 0
    db.flush()
    lapsed = _lapse(db, admission, now)
    if _gives_nothing(db, admission, now):
        return lapsed
    row = (Registration.id, Registration.stakeholder_group, Registration.organisation_key)
    waiting = select(*row).filter_by(meeting_id=admission.meeting_id, state=State.WAITING)
    line = [Standing(*one) for one in db.execute(waiting.order_by(Registration.turn, Registration.id))]
    if not line:
        return lapsed
    chosen = places_of(db, admission, {one.organisation for one in line}).next_of(line)
    for one in _held(db, [standing.id for standing in chosen]):
        _promote(db, admission, one, now)
    return lapsed + len(chosen)


def _gives_nothing(db: Database, admission: Admission, now: datetime) -> bool:
    """Whether nobody gets a place, however long the line is: there is none, or the meeting is over and takes nobody."""
    meeting = db.get_one(Meeting, admission.meeting_id)
    is_over = clock.local(now, meeting.timezone).date() > meeting.last_day
    if is_over and not meeting.registers(now):
        return True
    return admission.onsite is not None and places_of(db, admission, ()).free == 0


@contextmanager
def settled_at_the_end(db: Database, admission: Admission, now: datetime) -> Iterator[None]:
    """Many are moved in one transaction: free places are given before and after all of it, and not after each.

    So none is given to somebody who is moved out a moment later, and a long line is not looked at for each.
    """
    settle(db, admission, now)
    db.info[_LATER] = True
    try:
        yield
    finally:
        del db.info[_LATER]
    settle(db, admission, now)


def settle_anew(db: Database, notice: MeetingChanged) -> None:
    """A meeting may take people again that was over or closed: it lasts longer now, or registration was opened."""
    settle(db, held_admission(db, notice.meeting_id), notice.at)


def _promote(db: Database, admission: Admission, registration: Registration, now: datetime) -> None:
    if admission.offer_hours:
        registration.offer_until = now + timedelta(hours=admission.offer_hours)
        move(db, registration, State.OFFERED, HistoryKind.PLACE_OFFERED, RULE, now)
    else:
        move(db, registration, State.CONFIRMED, HistoryKind.PLACE_GIVEN, RULE, now)


def lapsed_offers(db: Database, now: datetime) -> list[int]:
    """The meetings at which an offer has run out, by id."""
    over = select(Registration.meeting_id).where(Registration.state == State.OFFERED, Registration.offer_until <= now)
    return list(db.scalars(over.distinct().order_by(Registration.meeting_id)))


def _lapse(db: Database, admission: Admission, now: datetime) -> int:
    """Take back offers that nobody answered in time."""
    over = select(Registration.id).filter_by(meeting_id=admission.meeting_id, state=State.OFFERED)
    ids = db.scalars(over.where(Registration.offer_until <= now)).all()
    for one in _held(db, ids):
        move(db, one, State.WITHDRAWN, HistoryKind.LAPSED, RULE, now)
    if ids:
        db.flush()
    return len(ids)


def _held(db: Database, ids: Collection[int]) -> list[Registration]:
    """These registrations, held and as they are now, in the order of the line."""
    if not ids:
        return []
    wanted = select(Registration).where(Registration.id.in_(ids)).order_by(Registration.turn, Registration.id)
    return list(db.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def seat(db: Database, admission: Admission, group: str, organisation: str, attendance: str) -> State:
    """Where somebody stands who takes part from now on: online always confirmed, onsite if there is a place."""
    if attendance == Attendance.ONLINE or not in_the_way(db, admission, group, organisation):
        return State.CONFIRMED
    return State.WAITING


def in_the_way(db: Database, admission: Admission, group: str, organisation: str) -> str:
    """What keeps somebody from a place onsite: `onsite`, `group`, `organisation` or nothing (empty)."""
    return places_of(db, admission, {organisation}).in_the_way(group, organisation)


def move_in_line(db: Database, registration: Registration, position: int) -> None:
    """Let somebody stand at a position of the waiting list (1 is first); the others keep their order."""
    waiting = select(Registration).filter_by(meeting_id=registration.meeting_id, state=State.WAITING)
    line = list(db.scalars(waiting.order_by(Registration.turn, Registration.id).with_for_update()))
    turns = sorted(one.turn or 0 for one in line)
    others = [one for one in line if one is not registration]
    at = min(max(position - 1, 0), len(others))
    for one, turn in zip([*others[:at], registration, *others[at:]], turns, strict=True):
        one.turn = turn
