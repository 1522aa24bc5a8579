"""What people do about taking part: register, change, accept, withdraw, come back."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from server.database import Database
from server.mail import write_letter
from server.meetings.models import Meeting
from server.people.actions import person_for
from server.problems import Conflict, Faulty
from server.registration.answers import Given, change_answers, replace_answers
from server.registration.claiming import claim
from server.registration.line import admission_of, held_admission, hold, next_turn, places_of, seat, settle
from server.registration.models import (
    Admission,
    Attendance,
    HistoryKind,
    Particulars,
    Registration,
    derived,
)
from server.registration.moving import PARTICIPANT, Mover, move, note, tell_state
from server.registration.states import HOLDS_PLACE, By, State, need_in
from server.schedule.actions import private_feed_for
from server.web.language import N_

#: What keeps somebody who has a place from taking it along into another group or organisation.
_FULL = {
    "group": ("stakeholder_group", N_("All places onsite of this group are given. To take part in it, take part online.")),
    "organisation": (
        "organisation", N_("All places onsite of this organisation are given. To take part with it, take part online."),
    ),
}  # fmt: skip


def register(
    db: Database,
    meeting: Meeting,
    email: str,
    particulars: Particulars,
    *,
    language: str,
    answers: Given | None = None,
    tell_again: bool = True,
    now: datetime,
) -> Registration | None:
    """Register an address (as `normal_address` spells it) and write to it; gives the registration if this made it.

    A repeated one changes nothing, whoever sends it: its owner gets the link once more, unless `tell_again` says
    that enough letters went there. Who has withdrawn is registered anew and joins the end of the line.
    Raises Conflict when registration is closed.
    """
    need_open(meeting, now)
    onsite = particulars["attendance"] == Attendance.ONSITE
    admission = held_admission(db, meeting.id) if onsite else admission_of(db, meeting.id)
    if onsite:
        settle(db, admission, now)
    facts = _at_first(db, admission, particulars, now) | {"language": language, "registered_at": now}
    registration, made = claim(db, meeting, email, facts)
    group = particulars["stakeholder_group"], particulars["attendance"]
    replace_answers(db, registration, answers or {}, *group, keep=made, now=now)
    open_calendar(db, registration, now)
    if made:
        agreed = ["public"] if registration.public else []  # when somebody agreed to be listed must be known
        note(db, registration.id, HistoryKind.REGISTERED, PARTICIPANT, now, after=registration.state, fields=agreed)
        tell_state(db, registration, now, kind=HistoryKind.REGISTERED)
    elif tell_again:
        note(db, registration.id, HistoryKind.AGAIN, PARTICIPANT, now)
        _write(db, registration, "registration.again", now)
    return registration if made else None


def _at_first(db: Database, admission: Admission, particulars: Particulars, now: datetime) -> dict[str, Any]:
    """How a registration begins that is made of this."""
    group, attendance = particulars["stakeholder_group"], particulars["attendance"]
    kept = derived(particulars)
    if group in admission.approved_groups:
        state = State.PENDING
    else:
        state = seat(db, admission, group, kept["organisation_key"], attendance)
    turn = next_turn(admission) if attendance == Attendance.ONSITE else None
    return {
        **particulars, **kept, "state": state, "turn": turn, "changed_at": now, "offer_until": None, "opened_at": None,
        "new_email": "", "new_email_until": None,
    }  # fmt: skip


def open_calendar(db: Database, registration: Registration, now: datetime) -> None:
    """Let the letter carry the private calendar of the account of this address; both are made where there is none."""
    person = person_for(db, registration.email, now, language=registration.language)
    private_feed_for(db, person, registration.meeting, now)


def need_open(meeting: Meeting, now: datetime) -> None:
    """Raises Conflict when nobody can register (any more, or yet)."""
    if not meeting.registers(now):
        raise Conflict(N_("Registration for this meeting is closed."))


def open_link(registration: Registration, now: datetime) -> None:
    """The link in the letter was used: the address is its owner's."""
    registration.opened_at = registration.opened_at or now


def change(
    db: Database,
    registration: Registration,
    said: Mapping[str, Any],
    mover: Mover,
    now: datetime,
    *,
    answers: Given | None = None,
    seen: str = "",
) -> None:
    """Say something else about somebody, which may cost a place or free one; of the meeting's own questions `answers`.

    What is not `said` (of `Particulars`) stays as it is. Nobody gives consent in somebody else's name. Raises Conflict
    where nothing can be changed, or when it is no longer what was `seen` (`edition_of`, empty: whatever it is), and
    Faulty when it would take a place that is not there.
    """
    admission = hold(db, registration)
    if seen and seen != edition_of(registration):
        raise Conflict(
            N_("Somebody has changed this registration meanwhile. Save again if what you typed is to count.")
        )
    settle(db, admission, now)
    need_in(registration.state, State.PENDING, State.CONFIRMED, State.WAITING, State.OFFERED, State.CHECKED_IN)
    known = {name: getattr(registration, name) for name in Particulars.__annotations__}
    particulars = cast(Particulars, known | dict(said))
    if mover.by != By.PARTICIPANT:
        particulars["public"] = particulars["public"] and registration.public
    differs = [name for name in known if known[name] != particulars[name]]  # type: ignore[literal-required]
    state = _standing_with(db, admission, registration, particulars) if differs else State(registration.state)
    if particulars["attendance"] != registration.attendance:
        registration.turn = next_turn(admission) if particulars["attendance"] == Attendance.ONSITE else None
    if state == State.WAITING and registration.turn is None:
        registration.turn = next_turn(admission)  # who registered before there was a line
    for name, value in (particulars | derived(particulars)).items():
        setattr(registration, name, value)
    changed = [*differs, *change_answers(db, registration, answers or {}, now)]
    if not changed:
        return
    registration.changed_at = now
    note(db, registration.id, HistoryKind.CHANGED, mover, now, fields=changed)
    if state != registration.state:
        move(db, registration, state, HistoryKind.CHANGED, mover, now)
    settle(db, admission, now)


def edition_of(registration: Registration) -> str:
    """A mark of what is said of somebody and where they stand: another one once that is another."""
    said = [registration.state, *(getattr(registration, name) for name in Particulars.__annotations__)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _standing_with(db: Database, admission: Admission, registration: Registration, said: Particulars) -> State:
    """Where a registration will stand once somebody says this about themselves.

    Raises Faulty when a place that somebody has cannot be taken along into another group or organisation.
    """
    state = State(registration.state)
    group, key, attendance = said["stakeholder_group"], derived(said)["organisation_key"], said["attendance"]
    needs_approval = group in admission.approved_groups
    if state == State.CHECKED_IN:
        need_in(state if attendance != registration.attendance else State.CONFIRMED, State.CONFIRMED)
    elif needs_approval and registration.stakeholder_group not in admission.approved_groups:
        return State.PENDING
    elif state == State.PENDING:
        return state if needs_approval else seat(db, admission, group, key, attendance)
    elif attendance != registration.attendance:
        return seat(db, admission, group, key, attendance)
    if attendance == Attendance.ONSITE and state in HOLDS_PLACE:
        _need_room_with(db, admission, registration, group, key)
    return state


def _need_room_with(db: Database, admission: Admission, registration: Registration, group: str, key: str) -> None:
    """Raises Faulty when a place cannot be kept in another group or organisation, which has its own limit."""
    places = places_of(db, admission, {key, registration.organisation_key})
    places.take_back(registration.stakeholder_group, registration.organisation_key)
    way = places.in_the_way(group, key, seated=True) if (group, key) != counted_as(registration) else ""
    if way in _FULL:
        name, words = _FULL[way]
        raise Faulty(N_("Please check the fields named below."), errors={name: words})


def counted_as(registration: Registration) -> tuple[str, str]:
    """Under which limits somebody falls: their stakeholder group, and the key of their organisation."""
    return registration.stakeholder_group, registration.organisation_key


def accept(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """Take the place that is offered; accepting twice changes nothing. Raises Conflict when none is offered (any more)."""
    admission = hold(db, registration)
    settle(db, admission, now)
    if registration.takes_part:
        return
    need_in(registration.state, State.OFFERED)
    move(db, registration, State.CONFIRMED, HistoryKind.ACCEPTED, mover, now)


def withdraw(db: Database, registration: Registration, mover: Mover, now: datetime, *, reason: str = "") -> None:
    """Not take part after all, or turn an offer down; doing so twice changes nothing. Raises Conflict for who is declined."""
    admission = hold(db, registration)
    if registration.withdrawn:
        return
    move(db, registration, State.WITHDRAWN, HistoryKind.WITHDRAWN, mover, now, reason=reason)
    settle(db, admission, now)


def take_part_again(db: Database, registration: Registration, now: datetime) -> None:
    """Come back after withdrawing, at the end of the line. Raises Conflict when registration is closed."""
    admission = hold(db, registration)
    if registration.withdrawn:
        need_open(registration.meeting, now)
        come_back(db, admission, registration, PARTICIPANT, HistoryKind.RETURNED, now)
    else:
        need_in(registration.state, State.PENDING, State.CONFIRMED, State.WAITING, State.OFFERED, State.CHECKED_IN)


def come_back(
    db: Database, admission: Admission, registration: Registration, mover: Mover, kind: HistoryKind, now: datetime
) -> None:
    """Stand at the end of the line, or have a place if there is one. What the desk takes back needs no approval."""
    settle(db, admission, now)
    registration.turn = next_turn(admission) if registration.onsite else None
    if mover.by == By.PARTICIPANT and registration.stakeholder_group in admission.approved_groups:
        state = State.PENDING
    else:
        state = seat(db, admission, *counted_as(registration), registration.attendance)
    open_calendar(db, registration, now)
    move(db, registration, state, kind, mover, now)


def renew_link(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """Revoke the private link and write a letter with a new one."""
    hold(db, registration)
    registration.generation += 1
    note(db, registration.id, HistoryKind.LINK_RENEWED, mover, now)
    _write(db, registration, "registration.link", now)


def send_letter_again(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """Write the letter with state, reference and link once more."""
    hold(db, registration)
    open_calendar(db, registration, now)
    note(db, registration.id, HistoryKind.LETTER_AGAIN, mover, now)
    tell_state(db, registration, now)


def _write(db: Database, registration: Registration, template: str, now: datetime) -> None:
    write_letter(
        db,
        registration.email,
        template,
        {"registration": registration.id, "email": registration.email},
        registration.language,
        now,
    )
