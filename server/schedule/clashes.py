"""What stands against a plan: the rules of a meeting, and each place where its sessions break one."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from server import clock
from server.folding import fold
from server.schedule.plan import Planned
from server.schedule.rules import Rule, Rules, Severity
from server.schedule.slots import NOTHING, Slot, grouped, meeting_people, near, slots_of

#: Of one rule so many clashes are told.
MOST_CLASHES = 1000
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """A stretch of time in which a room (`key` is its key, "" is the whole venue) is closed or a person is absent."""

    key: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Kind:
    """What the rules need to know of a session type. One that stands alone has no other session beside it."""

    usual_minutes: int
    stands_alone: bool = False


@dataclass(frozen=True)
class Setting:
    """All that the rules look at beside the sessions.

    `rooms` has capacities and `types` kinds, each by key; `audience` has the people expected by the session's code;
    `waivers` has the reason for each case that is to be.
    """

    timezone: str
    days: tuple[date, ...]
    rooms: Mapping[str, int | None]
    types: Mapping[str, Kind]
    closures: tuple[Hours, ...]
    absences: tuple[Hours, ...]
    rules: Rules
    audience: Mapping[str, int]
    waivers: Mapping[str, str]


@dataclass(frozen=True)
class Clash:
    """One place where a rule is broken, by one session or by two (`code` is then the lesser code).

    `subject` is what it is about: a room's, track's or type's key ("" is the whole venue), a person's name, the code of
    the session that is to stand alone, a date (`DAY/START` where a session is counted to one and starts on another). `case` names exactly this clash: it is another one in another room, so that a waiver does not
    follow there. `waived` is the reason why it is to be. `found` and `wanted` are minutes or people, and `hours` (on
    the meeting's clock) when the room is closed or the person absent, where the rule has them.
    """

    rule: Rule
    severity: Severity
    code: str
    other: str | None
    subject: str
    case: str
    waived: str | None = None
    found: int = 0
    wanted: int = 0
    hours: Hours | None = None

    @property
    def sides(self) -> tuple[str, ...]:
        """The codes of its sessions."""
        return (self.code,) if self.other is None else (self.code, self.other)

    @property
    def blocks(self) -> bool:
        """Whether the plan cannot be published because of it."""
        return self.severity == Severity.FORBIDDEN and self.waived is None


class _Find(NamedTuple):
    """What a rule finds; `known` names the subject in the case, where that needs more than its name."""

    sessions: tuple[Planned, ...]
    subject: str
    known: str = ""
    found: int = 0
    wanted: int = 0
    hours: Hours | None = None


class _Plan(NamedTuple):
    sessions: list[Planned]
    slots: list[Slot]
    setting: Setting


def find_clashes(sessions: Sequence[Planned], setting: Setting) -> list[Clash]:
    """Every clash that is not ignored, once, the waived ones too: by time (without one last), code and rule.

    Of each rule the first `MOST_CLASHES` are found, whatever the order of the sessions: a thousand of them are mended by
    no reading, and a table in which everything stands at one time has a pair for each two of its rows.
    Every session's type has to be among the types of the setting. What is cancelled clashes with nothing.
    """
    held = sorted((session for session in sessions if not session.cancelled), key=lambda session: session.code)
    plan = _Plan(held, slots_of(held, {key: kind.usual_minutes for key, kind in setting.types.items()}), setting)
    strict = [rule for rule in Rule if setting.rules.severity(rule) != Severity.IGNORED]
    found = [_clash(rule, find, setting) for rule in strict for find in islice(_FINDERS[rule](plan), MOST_CLASHES)]
    starts = {slot.session.code: slot.starts_at for slot in plan.slots}
    never, order = datetime.max.replace(tzinfo=UTC), list(Rule)

    def place(clash: Clash) -> tuple[datetime, str, int, str, str, str]:
        first = min(starts.get(code, never) for code in clash.sides)
        return first, clash.code, order.index(clash.rule), clash.other or "", clash.subject, clash.case

    return sorted({clash.case: clash for clash in found}.values(), key=place)


def by_session(clashes: Iterable[Clash]) -> dict[str, list[Clash]]:
    """The clashes of each session that has any, by its code; one of two sessions stands with both."""
    found: dict[str, list[Clash]] = {}
    for clash in clashes:
        for code in clash.sides:
            found.setdefault(code, []).append(clash)
    return found


def _clash(rule: Rule, find: _Find, setting: Setting) -> Clash:
    sides = sorted((session.code, session.room or "") for session in find.sessions)
    codes = [code for code, _ in sides]
    exact = json.dumps([rule, sides, find.known or find.subject])
    case = f"{rule}:{'+'.join(codes)}:{hashlib.sha256(exact.encode()).hexdigest()[:32]}"
    return Clash(
        rule, setting.rules.severity(rule), codes[0], codes[1] if codes[1:] else None, find.subject, case,
        setting.waivers.get(case), find.found, find.wanted, find.hours and _local(find.hours, setting.timezone),
    )  # fmt: skip


def _local(hours: Hours, zone: str) -> Hours:
    return replace(hours, starts_at=clock.local(hours.starts_at, zone), ends_at=clock.local(hours.ends_at, zone))


def _rooms(slots: Iterable[Slot]) -> dict[str, list[Slot]]:
    return grouped(slots, lambda slot: [slot.session.room] if slot.session.room else [])


def _room_twice(plan: _Plan) -> Iterator[_Find]:
    for room, slots in _rooms(plan.slots).items():
        yield from (_Find((one.session, other.session), room) for one, other in near(slots))


def _track_twice(plan: _Plan) -> Iterator[_Find]:
    tracks = grouped(plan.slots, lambda slot: [slot.session.track] if slot.session.track else [])
    for track, slots in tracks.items():
        yield from (_Find((one.session, other.session), track) for one, other in near(slots))


def _person_twice(plan: _Plan) -> Iterator[_Find]:
    for one, other, known, name in meeting_people(plan.slots):
        yield _Find((one.session, other.session), name, known)


def _room_change(plan: _Plan) -> Iterator[_Find]:
    walk = plan.setting.rules.walk
    for one, other, known, name in meeting_people(plan.slots, walk * MINUTE):
        gap, rooms = other.starts_at - one.ends_at, {one.session.room, other.session.room}
        if gap >= NOTHING and len(rooms - {None}) == 2:
            yield _Find((one.session, other.session), name, known, gap // MINUTE, walk)


def _buffer(plan: _Plan) -> Iterator[_Find]:
    def wanted(slot: Slot) -> int:
        return max(plan.setting.rules.buffer, slot.session.buffer)

    for room, slots in _rooms(plan.slots).items():
        for one, other in near(slots, lambda slot: wanted(slot) * MINUTE):
            if (gap := other.starts_at - one.ends_at) >= NOTHING:
                yield _Find((one.session, other.session), room, "", gap // MINUTE, wanted(one))


def _not_alone(plan: _Plan) -> Iterator[_Find]:
    alone = {key for key, kind in plan.setting.types.items() if kind.stands_alone}
    for one, other in near(plan.slots) if alone else ():
        if one.session.type in alone or other.session.type in alone:
            standing = [slot.session.code for slot in (one, other) if slot.session.type in alone]
            yield _Find((one.session, other.session), min(standing))


def _room_closed(plan: _Plan) -> Iterator[_Find]:
    rooms = {**_rooms(plan.slots), "": plan.slots}
    for hours in plan.setting.closures:
        for slot in _during(hours, rooms.get(hours.key, [])):
            yield _Find((slot.session,), hours.key, _exact(hours.key, hours), hours=hours)


def _person_absent(plan: _Plan) -> Iterator[_Find]:
    people = grouped(plan.slots, lambda slot: (who.name for who in slot.people))
    for hours in plan.setting.absences:
        known = fold(hours.key)
        for slot in _during(hours, people.get(known, [])):
            name = next(typed for who, typed in slot.people.items() if who.name == known)
            yield _Find((slot.session,), name, _exact(known, hours), hours=hours)


def _during(hours: Hours, slots: Iterable[Slot]) -> Iterator[Slot]:
    return (slot for slot in slots if slot.meets(hours.starts_at, hours.ends_at))


def _exact(known: str, hours: Hours) -> str:
    """Other hours are another case."""
    return f"{known} {hours.starts_at.astimezone(UTC).isoformat()} {hours.ends_at.astimezone(UTC).isoformat()}"


def _room_small(plan: _Plan) -> Iterator[_Find]:
    for session in plan.sessions:
        capacity = plan.setting.rooms.get(session.room) if session.room else None
        people = max(plan.setting.audience.get(session.code, 0), session.expected or 0)
        if session.room and capacity is not None and people > capacity:
            yield _Find((session,), session.room, found=people, wanted=capacity)


def _outside_days(plan: _Plan) -> Iterator[_Find]:
    for session in plan.sessions:
        start = clock.local(session.starts_at, plan.setting.timezone).date() if session.starts_at else None
        day = session.day or start
        if day and day not in plan.setting.days:
            yield _Find((session,), day.isoformat())
        elif day and start and start - day not in (NOTHING, DAY):  # past midnight it still belongs to its day
            yield _Find((session,), f"{day.isoformat()}/{start.isoformat()}")


def _unusual_length(plan: _Plan) -> Iterator[_Find]:
    for session in plan.sessions:
        usual = plan.setting.types[session.type].usual_minutes
        if session.minutes and session.minutes != usual:
            yield _Find((session,), session.type, str(session.minutes), session.minutes, usual)


_FINDERS: dict[Rule, Callable[[_Plan], Iterator[_Find]]] = {
    Rule.ROOM_TWICE: _room_twice,
    Rule.PERSON_TWICE: _person_twice,
    Rule.ROOM_CLOSED: _room_closed,
    Rule.ROOM_SMALL: _room_small,
    Rule.PERSON_ABSENT: _person_absent,
    Rule.NOT_ALONE: _not_alone,
    Rule.TRACK_TWICE: _track_twice,
    Rule.ROOM_CHANGE: _room_change,
    Rule.BUFFER: _buffer,
    Rule.OUTSIDE_DAYS: _outside_days,
    Rule.UNUSUAL_LENGTH: _unusual_length,
}
