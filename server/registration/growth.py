"""How registrations grew: the weeks in which those who take part have registered, as steps and as a line to be drawn."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from server.clock import local
from server.registration.disclosure import joined

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Step:
    """One or more weeks, from a Monday to a Sunday: how many registered in them, and how many had by their end."""

    first: date
    last: date
    count: int
    so_far: int


@dataclass(frozen=True)
class Line:
    """A drawing of the steps: an SVG path in a box of `width` by `height`, and the number that its top stands for."""

    path: str
    top: int
    width: int = 1000
    height: int = 240


def steps_of(instants: Iterable[datetime], zone: str, *, exact: bool) -> list[Step]:
    """The weeks of the zone's calendar, all of them; unless `exact`, joined until each step is large enough to be told."""
    days = [local(instant, zone).date() for instant in instants]
    weeks = Counter(day - timedelta(days=day.weekday()) for day in days)
    if not weeks:
        return []
    start, end = min(weeks), max(weeks)
    mondays = [start + _WEEK * number for number in range((end - start) // _WEEK + 1)]
    counts = [weeks[monday] for monday in mondays]
    steps: list[Step] = []
    begun = start
    for place, count in enumerate(counts) if exact else joined(counts):
        last = mondays[place] + timedelta(days=6)
        steps.append(Step(begun, last, count, count + (steps[-1].so_far if steps else 0)))
        begun = last + timedelta(days=1)
    return steps


def line_of(steps: Sequence[Step]) -> Line:
    """The steps as a line that goes up at the end of each, from nobody to all."""
    line = Line("", _round_above(steps[-1].so_far))
    days = (steps[-1].last - steps[0].first).days + 1
    path = f"M0 {line.height}"
    for step in steps:
        across = ((step.last - steps[0].first).days + 1) * line.width // days
        path += f"H{across}V{line.height - round(step.so_far * line.height / line.top)}"
    return replace(line, path=path)


def _round_above(number: int) -> int:
    """The next number of which a half is whole and which people call round: 10, 12, 16, 20, 30, ... 100, 120, ..."""
    size = 10
    while size * 10 < number:
        size *= 10
    return next(size * step // 10 for step in (10, 12, 16, 20, 30, 40, 50, 60, 80, 100) if size * step // 10 >= number)
