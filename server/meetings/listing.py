"""The list of the series' meetings, read from a CSV file in which each row is one meeting."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from server.clock import is_zone
from server.database import Database
from server.loading import Faults, Refused, Report, rows_of
from server.meetings.actions import MeetingChanged
from server.meetings.models import Meeting, Mode
from server.meetings.names import english_name, japanese_name
from server.notices import post

REQUIRED = ("number", "year", "start_date", "end_date", "city_en", "country_en")
OPTIONAL = ("city_ja", "country_ja", "timezone", "mode", "theme_en", "theme_ja")
#: Columns in which whoever keeps the file notes things; they are not loaded.
NOTES = ("mode_ja", "theme_source", "in_seed", "source")
#: Days of the longest meeting; a later end is a slip of the pen.
LONGEST = 60
#: Facts that the list only guesses: they never replace what a meeting says of itself.
GUESSED = ("name", "short_name", "timezone")


@dataclass(frozen=True)
class Listed:
    """A row that has no fault. What its cells leave empty is empty here, and clears nothing."""

    line: int
    slug: str
    facts: dict[str, Any]


def load_listing(db: Database, text: str, now: datetime) -> Report:
    """Make or update the meetings of the list; raises Refused, with each line and reason, and then does nothing.

    A meeting that has rooms, tracks or session types comes from a programme file or from the desk: it knows
    better, and only gaps are filled in it.
    """
    listed = read_listing(text)
    known = {meeting.slug: meeting for meeting in db.scalars(select(Meeting))}
    report = Report()
    for row in listed:
        line = _update(db, known[row.slug], row, now) if row.slug in known else _make(db, row)
        if line:
            report.note(line)
    return report


def _make(db: Database, row: Listed) -> str:
    facts = {"mode": Mode.HYBRID, "timezone": "UTC", **row.facts}
    db.add(Meeting(slug=row.slug, **facts))
    db.flush()
    return f"{row.slug}: new, {facts['first_day']}, {facts['days']} days"


def _update(db: Database, meeting: Meeting, row: Listed, now: datetime) -> str:
    fills_only = bool(meeting.rooms or meeting.tracks or meeting.session_types)
    changed = [name for name, value in row.facts.items() if _take(meeting, name, value, fills_only)]
    if not changed:
        return ""
    post(db, MeetingChanged(meeting.id, now))
    return f"{row.slug}: changed {', '.join(changed)}"


def _take(meeting: Meeting, name: str, value: Any, fills_only: bool) -> bool:
    """Let the meeting have this fact of the list; says whether that changed anything."""
    old = getattr(meeting, name)
    fills_only = fills_only or name in GUESSED
    if isinstance(value, dict):
        new: Any = {**value, **old} if fills_only else {**old, **value}
    else:
        new = old if fills_only and old not in (None, "", "UTC") else value
    if new == old:
        return False
    setattr(meeting, name, new)
    return True


def read_listing(text: str) -> list[Listed]:
    """The rows of the file; raises Refused with every fault in it."""
    faults: Faults = []
    listed: list[Listed] = []
    for line, cells in rows_of(text, REQUIRED, (*REQUIRED, *OPTIONAL, *NOTES), faults):
        row = _read_row(line, cells, faults)
        listed += [row] if row else []
    _check_twice(listed, faults)
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault[0] or 0))
    return listed


def _read_row(line: int, cells: dict[str, str], faults: Faults) -> Listed | None:
    before = len(faults)
    number = _whole_number(line, cells, "number", faults)
    year = _whole_number(line, cells, "year", faults)
    first, last = _date(line, cells, "start_date", faults), _date(line, cells, "end_date", faults)
    if first and last and not 0 <= (last - first).days < LONGEST:
        faults.append((line, f"the meeting would last from {first} to {last}"))
    if first and year and first.year != year:
        faults.append((line, f"the year is {year} but the meeting begins on {first}"))
    mode, zone = cells.get("mode", ""), cells.get("timezone", "")
    if mode and mode not in list(Mode):
        faults.append((line, f"the mode {mode!r} is not known; known are {', '.join(Mode)}, or nothing"))
    if zone and not is_zone(zone):
        faults.append((line, f"{zone!r} is no IANA time zone such as Europe/Istanbul"))
    if len(faults) > before or not (number and year and first and last):
        return None
    facts = {
        "number": number,
        "short_name": f"IGF {year}",
        "name": {"en": english_name(number), "ja": japanese_name(number)},
        "first_day": first,
        "days": (last - first).days + 1,
        "city": _texts(cells, "city"),
        "country": _texts(cells, "country"),
        "theme": _texts(cells, "theme"),
        "mode": mode,
        "timezone": zone,
    }
    return Listed(line, f"igf{year}", {name: value for name, value in facts.items() if value not in ("", {})})


def _texts(cells: dict[str, str], name: str) -> dict[str, str]:
    return {tag: cells[f"{name}_{tag}"] for tag in ("en", "ja") if cells.get(f"{name}_{tag}")}


def _whole_number(line: int, cells: dict[str, str], name: str, faults: Faults) -> int | None:
    text = cells[name]
    if text.isascii() and text.isdigit() and 0 < int(text) < 10000:
        return int(text)
    faults.append((line, f"the {name} is {text!r}, which is no whole number from 1 to 9999"))
    return None


def _date(line: int, cells: dict[str, str], name: str, faults: Faults) -> date | None:
    try:
        if len(cells[name]) == len("2014-09-02"):
            return date.fromisoformat(cells[name])
    except ValueError:
        pass
    faults.append((line, f"the {name} is {cells[name]!r}, which is no date such as 2014-09-02"))
    return None


def _check_twice(listed: list[Listed], faults: Faults) -> None:
    """A year or a number that stands in two rows is a fault of the later one."""
    seen: dict[object, int] = {}
    for row in listed:
        for thing, name in (
            (row.slug, f"the year of {row.slug}"),
            (row.facts["number"], f"the number {row.facts['number']}"),
        ):
            if thing in seen:
                faults.append((row.line, f"{name} is already on line {seen[thing]}"))
            seen.setdefault(thing, row.line)
