"""Sessions laid out in time, so that those that overlap, come close or share a person are found without trying all pairs."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar

from server.folding import fold
from server.schedule.plan import Planned

K = TypeVar("K", bound=Hashable)
NOTHING = timedelta(0)
# The same few thousand names are compared each time somebody looks at the board.
_folded = lru_cache(maxsize=20_000)(fold)


class Who(NamedTuple):
    """By what somebody is known: the id of their account, if any, and their name, folded."""

    person: int | None
    name: str


@dataclass(frozen=True, eq=False)
class Slot:
    """A session from its start to its end, with the names of its people as they were typed."""

    session: Planned
    starts_at: datetime
    ends_at: datetime
    people: Mapping[Who, str]

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it overlaps a stretch of time; neither has its last instant, so one may begin as the other ends."""
        return self.starts_at < ends_at and starts_at < self.ends_at


def slots_of(sessions: Iterable[Planned], usual_minutes: Mapping[str, int]) -> list[Slot]:
    """A slot for each session that has a start, in the order of starts; `usual_minutes` is by the type's key.

    Where nobody gave a length it takes what is usual, also when the next session of its room begins before: the public is
    told an earlier end then, but who plans must hear that there may be no room for it.
    """
    slots = [
        Slot(session, session.starts_at, ends_at, _people(session))
        for session in sessions
        if session.starts_at and (ends_at := session.end(usual_minutes[session.type]))
    ]
    return sorted(slots, key=lambda slot: (slot.starts_at, slot.session.code))


def _people(session: Planned) -> dict[Who, str]:
    """Everybody with a name, once; who has none is an organisation and can be in many places."""
    people: dict[Who, str] = {}
    for one in session.people:
        if name := _folded(one.name):
            people.setdefault(Who(one.person, name), one.name)
    return people


def grouped(slots: Iterable[Slot], keys: Callable[[Slot], Iterable[K]]) -> dict[K, list[Slot]]:
    """The slots under each of their keys; a slot is once under a key, and the order stays."""
    groups: dict[K, list[Slot]] = {}
    for slot in slots:
        for key in keys(slot):
            group = groups.setdefault(key, [])
            if not group or group[-1] is not slot:
                group.append(slot)
    return groups


def near(slots: Sequence[Slot], reach: Callable[[Slot], timedelta] = lambda _: NOTHING) -> Iterator[tuple[Slot, Slot]]:
    """Each pair of which the second begins before the first has ended and `reach` of the first has passed.

    With no reach they overlap. The slots come in the order of starts, and so does each pair.
    """
    waiting: list[tuple[datetime, Slot]] = []
    for slot in slots:
        waiting = [(until, one) for until, one in waiting if slot.starts_at < until]
        for _, one in waiting:
            yield one, slot
        waiting.append((slot.ends_at + reach(slot), slot))


def meeting_people(slots: Sequence[Slot], reach: timedelta = NOTHING) -> Iterator[tuple[Slot, Slot, str, str]]:
    """Each pair as `near` has it with somebody who is in both: what they are known by, and their name as typed."""
    seen: set[tuple[str, str]] = set()
    for group in grouped(slots, _known_by).values():
        for one, other in near(group, lambda _: reach) if group[1:] else ():  # most people are in one session only
            if (pair := (one.session.code, other.session.code)) not in seen:
                seen.add(pair)
                yield from ((one, other, known, name) for known, name in _in_both(one, other))


def _known_by(slot: Slot) -> Iterator[int | str]:
    for who in slot.people:
        yield who.name
        if who.person is not None:
            yield who.person


def _in_both(one: Slot, other: Slot) -> list[tuple[str, str]]:
    """Who is in both. Somebody named in several ways (with an account here, by name there) is one person."""
    circles: list[set[Who]] = []
    for who in [*one.people, *other.people]:
        touching = [circle for circle in circles if any(_same(who, known) for known in circle)]
        circles = [circle for circle in circles if circle not in touching] + [{who}.union(*touching)]
    return [
        (_known(circle), next(name for who, name in one.people.items() if who in circle))
        for circle in circles
        if not circle.isdisjoint(one.people) and not circle.isdisjoint(other.people)
    ]


def _same(one: Who, other: Who) -> bool:
    if one.person is not None and other.person is not None:
        return one.person == other.person
    return one.name == other.name


def _known(circle: set[Who]) -> str:
    """The accounts, else the name: what stays the same when somebody is given another part or is spelt otherwise."""
    accounts = sorted({who.person for who in circle if who.person is not None})
    return " ".join(f"#{number}" for number in accounts) or min(who.name for who in circle)
