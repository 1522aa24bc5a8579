"""What the registration desk and the organisers decide: who takes part, who stands where, how many there can be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.database import Database
from server.meetings.actions import change_meeting
from server.meetings.models import Meeting
from server.problems import Faulty
from server.registration.actions import change, come_back, withdraw
from server.registration.answers import Given
from server.registration.line import held_admission, hold, move_in_line, next_turn, seat, settle
from server.registration.models import HistoryKind, Particulars, Registration
from server.registration.moving import LONGEST_REASON, Mover, move, note
from server.registration.states import HOLDS_PLACE, State, need_in
from server.web.language import N_


def correct(
    db: Database,
    registration: Registration,
    particulars: Particulars,
    mover: Mover,
    now: datetime,
    *,
    answers: Given | None = None,
    seen: str = "",
) -> None:
    """The desk says it for somebody. It can take consent back and never give it. Raises what `change` raises."""
    change(db, registration, particulars, mover, now, answers=answers, seen=seen)


def approve(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """Let somebody take part who waits for approval, onsite if there is a place. Raises Conflict for anybody else."""
    admission = hold(db, registration)
    settle(db, admission, now)
    need_in(registration.state, State.PENDING)
    if registration.onsite and registration.turn is None:
        registration.turn = next_turn(admission)
    group, organisation = registration.stakeholder_group, registration.organisation_key
    state = seat(db, admission, group, organisation, registration.attendance)
    move(db, registration, state, HistoryKind.APPROVED, mover, now)


def decline(db: Database, registration: Registration, mover: Mover, now: datetime, *, reason: str = "") -> None:
    """Not let somebody take part; a place that was theirs is the next one's. The reason stands in their letter."""
    admission = hold(db, registration)
    if registration.state == State.DECLINED:
        return
    move(db, registration, State.DECLINED, HistoryKind.DECLINED, mover, now, reason=_told(reason))
    settle(db, admission, now)


def reinstate(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """Take somebody back who has withdrawn or was declined, whether or not registration is open."""
    admission = hold(db, registration)
    if registration.out:
        come_back(db, admission, registration, mover, HistoryKind.REINSTATED, now)
    else:
        need_in(registration.state, *HOLDS_PLACE, State.WAITING, State.PENDING)


def check_in(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """Somebody who is confirmed onsite has come to the venue; twice changes nothing. Raises Conflict for anybody else."""
    hold(db, registration)
    if registration.state == State.CHECKED_IN:
        return
    if not registration.onsite:
        raise Faulty(N_("This person takes part online. Change that to onsite first."))
    move(db, registration, State.CHECKED_IN, HistoryKind.CHECKED_IN, mover, now)


def undo_check_in(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """The check-in was a mistake; who is not checked in stays so."""
    hold(db, registration)
    if registration.state == State.CHECKED_IN:
        move(db, registration, State.CONFIRMED, HistoryKind.CHECK_IN_UNDONE, mover, now, letter=False)


def reorder(
    db: Database, registration: Registration, position: int, mover: Mover, now: datetime, *, reason: str
) -> None:
    """Let somebody stand elsewhere in the waiting list, which needs a reason: first come is first served otherwise."""
    admission = hold(db, registration)
    settle(db, admission, now)
    need_in(registration.state, State.WAITING)
    if not reason.strip():
        words = N_("Please say why: it stands in the history of the registration.")
        raise Faulty(N_("Please check the fields named below."), errors={"reason": words})
    move_in_line(db, registration, position)
    note(db, registration.id, HistoryKind.LINE_MOVED, mover, now, reason=_told(reason))
    settle(db, admission, now)


def change_admission(db: Database, meeting: Meeting, facts: Mapping[str, Any], now: datetime) -> None:
    """Say how a meeting registers from now on: whoever has a place keeps it, and new places go to those who wait."""
    admission = held_admission(db, meeting.id)
    for name, value in facts.items():
        setattr(admission, name, value)
    settle(db, admission, now)


def change_registration_dates(db: Database, meeting: Meeting, facts: Mapping[str, Any], now: datetime) -> None:
    """Open and close registration, now or at an instant."""
    change_meeting(db, meeting, facts, now)


def withdraw_for(db: Database, registration: Registration, mover: Mover, now: datetime, *, reason: str = "") -> None:
    """The desk withdraws somebody, who is told by letter with the reason."""
    withdraw(db, registration, mover, now, reason=_told(reason))


def _told(reason: str) -> str:
    return " ".join(reason.split())[:LONGEST_REASON]
