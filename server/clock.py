"""The clock: what time it is, and what an instant is called in a place."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


def now() -> datetime:
    """This instant in UTC, to the whole second of which every page and feed speaks."""
    return datetime.now(UTC).replace(microsecond=0)


def is_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone such as `Asia/Kathmandu`."""
    return name in _zones()


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall-clock time on a day in an IANA zone."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def local(moment: datetime, zone: str) -> datetime:
    """An instant as the wall clock of `zone` shows it."""
    return moment.astimezone(ZoneInfo(zone))


def day_span(day: date, zone: str) -> tuple[datetime, datetime]:
    """First instant of a local day and first instant of the next, in UTC (23 to 25 hours apart)."""
    return instant(day, time(0), zone), instant(day + timedelta(days=1), time(0), zone)
