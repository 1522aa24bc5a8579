"""What the programme team does with a session on the board: places, parks, swaps, repeats, cancels and removes it."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from server.database import Database
from server.meetings.models import Meeting
from server.people.models import Person
from server.problems import Conflict, NotFound
from server.schedule.drafting import edit, held, whole_plan
from server.schedule.models import Edit, Status
from server.schedule.plan import Planned
from server.web.language import N_

#: Digits of a number in a code that we count on from.
LONGEST_NUMBER = 7


def place(
    db: Database,
    person: Person,
    meeting: Meeting,
    code: str,
    *,
    room: str | None,
    day: date | None,
    starts_at: datetime | None,
    minutes: int | None,
    base: int,
    now: datetime,
) -> Edit | None:
    """Give a session a room, a start (in UTC) and a length in minutes (None: what its type usually takes).

    `base` is the edit of it that was seen. Raises NotFound, and Conflict when it was changed since.
    """
    before = held(db, meeting, code).planned
    after = before.changed(room=room, day=day, starts_at=starts_at, minutes=minutes)
    kind = "park" if starts_at is None and room is None else "place"
    return edit(db, person, meeting, kind, {code: after}, {code: base}, now)


def park(db: Database, person: Person, meeting: Meeting, code: str, base: int, now: datetime) -> Edit | None:
    """Take a session off the board, to be placed later: it keeps all but its room and time. Raises as `place` does."""
    length = held(db, meeting, code).planned.minutes
    return place(
        db, person, meeting, code, room=None, day=None, starts_at=None, minutes=length, base=base, now=now
    )  # fmt: skip


def swap(db: Database, person: Person, meeting: Meeting, bases: dict[str, int], now: datetime) -> Edit | None:
    """Let two sessions have each other's room and start; each keeps its length. `bases` has an edit for each code.

    Raises NotFound, Conflict as `place` does, and Conflict unless there are two.
    """
    if len(bases) != 2:
        raise Conflict(N_("Two different sessions are needed to swap them."))
    one, other = (held(db, meeting, code).planned for code in bases)
    wanted = {first.code: _at_place_of(first, second) for first, second in ((one, other), (other, one))}
    return edit(db, person, meeting, "swap", dict(wanted), bases, now)


def _at_place_of(session: Planned, other: Planned) -> Planned:
    return session.changed(room=other.room, day=other.day, starts_at=other.starts_at, part_of_day=other.part_of_day)


def set_status(
    db: Database, person: Person, meeting: Meeting, code: str, status: Status, base: int, now: datetime
) -> Edit | None:
    """Cancel a session, or let it take place after all. Raises as `place` does."""
    before = held(db, meeting, code).planned
    kind = "cancel" if status == Status.CANCELLED else "uncancel"
    return edit(db, person, meeting, kind, {code: before.changed(status=status.value)}, {code: base}, now)


def repeat(db: Database, person: Person, meeting: Meeting, code: str, now: datetime) -> str:
    """Plan to hold a session once more: a session of its own, parked, that says what it repeats; returns its code."""
    plan = whole_plan(db, meeting)
    if code not in plan:
        raise NotFound(N_("There is no session at this address."))
    before = plan[code].planned
    first = before.repeats or code
    again = free_code(first, plan)
    after = before.changed(
        code=again, uid=str(uuid.uuid4()), repeats=first, status=Status.CONFIRMED.value, room=None, day=None,
        starts_at=None, part_of_day="", origin="",
    )  # fmt: skip
    edit(db, person, meeting, "repeat", {again: after}, {again: 0}, now)
    return again


def remove(db: Database, person: Person, meeting: Meeting, code: str, base: int, now: datetime) -> Edit | None:
    """Take away a session that was never published. Raises Conflict for one that was, and as `place` does."""
    held(db, meeting, code)
    return edit(db, person, meeting, "remove", {code: None}, {code: base}, now)


def add(db: Database, person: Person, meeting: Meeting, planned: Planned, now: datetime) -> Edit | None:
    """Plan another session. Raises Conflict when its code is taken."""
    return edit(db, person, meeting, "add", {planned.code: planned}, {planned.code: 0}, now)


def change(db: Database, person: Person, meeting: Meeting, planned: Planned, base: int, now: datetime) -> Edit | None:
    """Plan a session otherwise. Raises as `place` does."""
    return edit(db, person, meeting, "change", {planned.code: planned}, {planned.code: base}, now)


def free_code(stem: str, taken: Collection[str]) -> str:
    """A code for a repeat or a copy that nobody has: `ws7-2`, then `ws7-3`."""
    number = 2
    while f"{stem[:56]}-{number}" in taken:
        number += 1
    return f"{stem[:56]}-{number}"


def next_code(mark: str, plan: Collection[str]) -> str:
    """A code for a new session of a type with this mark: one more than the highest number there is, `ws93`."""
    stem = "".join(letter for letter in mark.lower() if letter.isascii() and letter.isalnum()) or "s"
    endings = [code[len(stem) :] for code in plan if code.startswith(stem)]
    numbers = [int(ending) for ending in endings if ending.isdecimal() and len(ending) < LONGEST_NUMBER]
    return f"{stem}{max(numbers, default=0) + 1}"
