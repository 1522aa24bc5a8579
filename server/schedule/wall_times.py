"""Days and times as people write them in a table, on the clock of the meeting's zone."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from server import clock
from server.schedule.sheets import text_of
from server.spreadsheet import Cell
from server.web.language import gettext

_DAY = re.compile(r"(\d{1,4})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{1,4})")
_MOMENT = re.compile(r"(?:(\S+)[ T])?(\d{1,2}):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?")
LONGEST = timedelta(days=1)


def written(moment: datetime, day: date | None, zone: str) -> Cell:
    """A wall-clock time on `day`; with its date on any other; with its offset where the clock shows it a second time."""
    there = clock.local(moment, zone)
    if there.fold:
        return there.isoformat(" ")
    return there.time() if there.date() == day else f"{there.date()} {text_of(there.time())}"


def written_end(start: datetime, minutes: int, zone: str) -> Cell:
    """When a session ends, so that `end_in` understands it."""
    end = start + timedelta(minutes=minutes)
    there = clock.local(end, zone)
    try:
        if there.fold == 0 and end_in(text_of(there.time()), start, (), zone) == minutes:
            return there.time()
    except ValueError:
        pass
    return written(end, None, zone)


def day_in(text: str, days: Collection[date]) -> date:
    """A day as ISO 8601 has it, or in another order where only one of the meeting's `days` can be meant.

    Spreadsheets change days to the custom of the country when they save CSV. Raises ValueError with the reason.
    """
    found = _DAY.fullmatch(text.removesuffix(" 00:00"))
    if found:
        first, second, third = (int(number) for number in found.groups())
        if len(found[1]) == 4:
            orders = [(first, second, third)]
        else:
            year = third if third > 99 else 2000 + third
            orders = [(year, second, first), (year, first, second)]
        possible = {day for order in orders for day in _days(*order)}
        meant = possible & set(days) if len(found[1]) < 4 else possible
        if len(meant) == 1:
            return meant.pop()
    raise ValueError(gettext("write a day such as 2014-09-02"))


def _days(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)] if 1900 <= year < 2200 else []
    except ValueError:
        return []


def start_in(text: str, day: date | None, days: Collection[date], zone: str) -> datetime:
    """The instant of a time on `day`, or of one with its date, which is that day or the one after it: a session after
    midnight belongs to the evening before. Raises ValueError with the reason.
    """
    midnight = day + timedelta(days=1) if day else None
    if midnight and _is_day(text, midnight):  # a spreadsheet shows midnight as a date alone
        text = f"{midnight} 00:00"
    on, at, offset = _parts(text, days)
    on = on or day
    if on is None:
        raise ValueError(gettext("a start needs a day"))
    moment = _instant(on, at, offset, zone)
    if day is not None and clock.local(moment, zone).date() not in (day, midnight):
        raise ValueError(gettext("this is neither on the day of the session nor in the night after it"))
    return moment


def end_in(text: str, start: datetime, days: Collection[date], zone: str) -> int:
    """How many minutes after its start a session ends. A time before the start is on the next day, as in a programme
    file. Raises ValueError with the reason.
    """
    on, at, offset = _parts(text, days)
    if on is None and at == clock.local(start, zone).time():
        raise ValueError(gettext("it ends when it starts"))
    end = _instant(on, at, offset, zone) if on else _first_after(start, at, zone)
    if not timedelta(minutes=1) <= end - start <= LONGEST:
        raise ValueError(gettext("the end is not within a day after the start"))
    return (end - start) // timedelta(minutes=1)


def _is_day(text: str, day: date) -> bool:
    try:
        return day_in(text, [day]) == day
    except ValueError:
        return False


def _first_after(start: datetime, at: time, zone: str) -> datetime:
    there = clock.local(start, zone)
    return _instant(there.date() + timedelta(days=1) if at < there.time() else there.date(), at, "", zone)


def _parts(text: str, days: Collection[date]) -> tuple[date | None, time, str]:
    """The date, if there is one, the time and the offset of a moment that somebody wrote."""
    found = _MOMENT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        at = time(int(found[2]), int(found[3]), int(found[4] or 0))
    except ValueError:
        words = gettext("write a time such as 09:30, or after midnight with its date: 2014-09-03 00:30")
        raise ValueError(words) from None
    nights = {*days, *(one + timedelta(days=1) for one in days)}
    return (day_in(found[1], nights) if found[1] else None), at, found[5] or ""


def _instant(on: date, at: time, offset: str, zone: str) -> datetime:
    """The instant that the clock of a place shows so, the first of two. Raises ValueError where it leaves it out."""
    if offset:
        return datetime.fromisoformat(f"{on} {at}{offset}").astimezone(UTC)
    moment = clock.instant(on, at, zone)
    if clock.local(moment, zone).replace(tzinfo=None) != datetime.combine(on, at):
        raise ValueError(gettext("on this day the clocks go forward, and there is no such time"))
    return moment
