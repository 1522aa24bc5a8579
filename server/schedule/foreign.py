"""Programmes that other conference software wrote, c3voc schedule JSON and frab XML, as far as they are understood."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from server import clock
from server.schedule.foreign_entry import Day, ForeignSession, day_in, moment_in, prose, read_entry, words
from server.schedule.foreign_tree import items, mapping, refused, schedule_in
from server.schedule.supplement import meeting_told, part_told
from server.web.language import gettext, ngettext

#: Bytes and sessions of the largest file that is read.
LARGEST = 20 * 1024 * 1024
MOST_SESSIONS = 20_000
#: The days of the longest meeting there can be.
MOST_DAYS = 60
MOST_NOTES = 500


@dataclass(frozen=True)
class ForeignPart:
    """A track, type or room under the `name` by which the file's sessions speak of it.

    What only a file of our own knows: its `key` and its `names` in each language. `facts` are columns of its record.
    """

    name: str
    key: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreign:
    """A whole file. `timezone` is an IANA zone or None; `notes` say, a line each, what was not understood."""

    title: str
    acronym: str
    first_day: date
    days: int
    has_day_zero: bool
    timezone: str | None
    sessions: tuple[ForeignSession, ...]
    tracks: tuple[ForeignPart, ...]
    types: tuple[ForeignPart, ...]
    rooms: tuple[ForeignPart, ...]
    notes: tuple[str, ...]


def read_foreign(name: str, content: bytes) -> Foreign:
    """What a file says, whose name helps to tell JSON from XML.

    What is not understood of a session becomes a note. Raises Refused, with the line where there is one, for what is no
    such file at all: not well-formed, with entities or a DTD, without sessions or days, or larger than sense.
    """
    if len(content) > LARGEST:
        raise refused(gettext("The file is larger than %(size)d MB.") % {"size": LARGEST // 1024 // 1024})
    schedule = schedule_in(name, content)
    conference, own = mapping(schedule.get("conference")) or schedule, mapping(schedule.get("plenary"))
    notes: list[str] = []
    return _foreign(conference, own, _sessions(conference, own, notes), notes)


def _sessions(conference: Mapping[str, Any], own: Mapping[str, Any], notes: list[str]) -> list[ForeignSession]:
    told = mapping(own.get("sessions"))
    passed: Counter[str] = Counter()
    found: dict[str, ForeignSession] = {}
    for day, room, entry in _entries(conference):
        session = read_entry(entry, day, room, told, notes, passed)
        if session.origin in found and session.number:
            session = session.known_by_number()
        if session.origin in found:
            notes.append(gettext("“%(title)s” is in the file twice; the first one counts.") % {"title": session.title})
            continue
        found[session.origin] = session
        if len(found) > MOST_SESSIONS:
            raise refused(gettext("The file has more than %(count)d sessions.") % {"count": MOST_SESSIONS})
    if not found:
        raise refused(gettext("There are no sessions in this file."))
    for member, count in sorted(passed.items()):
        line = ngettext(
            "Passed over: %(member)s of %(count)d session", "Passed over: %(member)s of %(count)d sessions", count
        )
        notes.append(line % {"member": words(member, 60), "count": count})
    return list(found.values())


def _entries(conference: Mapping[str, Any]) -> Iterator[tuple[Day, str, Mapping[str, Any]]]:
    for day in items(conference.get("days")):
        opens = moment_in(day.get("day_start", day.get("start")))
        on = Day(day_in(day.get("date")), opens.time() if opens else time(0))
        for room, entries in mapping(day.get("rooms")).items():
            for entry in items(entries):
                yield on, words(room), entry


def _foreign(
    conference: Mapping[str, Any], own: Mapping[str, Any], sessions: list[ForeignSession], notes: list[str]
) -> Foreign:
    title = words(conference.get("title"))
    first_day, days, has_day_zero = _days(conference, own, sessions)
    return Foreign(
        title=title,
        acronym=words(conference.get("acronym")),
        first_day=first_day,
        days=days,
        has_day_zero=has_day_zero,
        timezone=_zone(conference, own, sessions, notes),
        sessions=tuple(sessions),
        tracks=_parts("tracks", conference, own, sessions),
        types=_parts("types", conference, own, sessions),
        rooms=_parts("rooms", conference, own, sessions),
        notes=tuple(notes[:MOST_NOTES]),
    )


def _days(
    conference: Mapping[str, Any], own: Mapping[str, Any], sessions: list[ForeignSession]
) -> tuple[date, int, bool]:
    """First day, number of days, and whether there is a day 0, of which only a file of our own can tell."""
    told = meeting_told(mapping(own.get("meeting")))
    if told:
        return told.first_day, told.days, told.day_zero
    listed = [day for one in items(conference.get("days")) if (day := day_in(one.get("date")))]
    listed = listed or [day for session in sessions if (day := session.facts.get("day"))]
    listed = listed or [day for name in ("start", "end") if (day := day_in(conference.get(name)))]
    if not listed:
        raise refused(gettext("The file names no day."))
    return min(listed), min((max(listed) - min(listed)) // timedelta(days=1) + 1, MOST_DAYS), False


def _zone(
    conference: Mapping[str, Any], own: Mapping[str, Any], sessions: list[ForeignSession], notes: list[str]
) -> str | None:
    named = words(mapping(own.get("meeting")).get("timezone")) or words(conference.get("time_zone_name"))
    starts: list[datetime] = [start for session in sessions if (start := session.facts.get("starts_at"))]
    if clock.is_zone(named):
        if any(start.tzinfo and start.utcoffset() != clock.local(start, named).utcoffset() for start in starts):
            notes.append(
                gettext("The times in the file do not have the offset of its time zone, %(zone)s.") % {"zone": named}
            )
        return named
    if named:
        notes.append(gettext("There is no time zone “%(zone)s”.") % {"zone": named})
    offsets = {start.utcoffset() for start in starts}
    hours = offset / timedelta(hours=1) if len(offsets) == 1 and (offset := offsets.pop()) is not None else 0.5
    guess = "UTC" if hours == 0 else f"Etc/GMT{-int(hours):+d}"
    if not hours.is_integer() or not clock.is_zone(guess):
        return None
    line = gettext("The file names no time zone. All its times are as in %(zone)s, so that is used.")
    notes.append(line % {"zone": guess})
    return guess


def _parts(
    kind: str, conference: Mapping[str, Any], own: Mapping[str, Any], sessions: list[ForeignSession]
) -> tuple[ForeignPart, ...]:
    """Everything the file lists, in its order, and then what its sessions name besides. Each name counts once."""
    found: dict[str, ForeignPart] = {}
    for told in items(own.get(kind)):
        name, part = words(told.get("shown")), part_told(kind, told)
        if name and part:
            facts = part.model_dump(exclude={"key", "name"}, exclude_unset=True)
            found.setdefault(name, ForeignPart(name, part.key, part.name, facts))
    for listed in items(conference.get(kind)):
        name = words(listed.get("name"))
        facts = _room_facts(listed) if kind == "rooms" else {}
        if name:
            found.setdefault(name, ForeignPart(name, facts=facts))
    for session in sessions:
        if named := session.facts.get(kind[:-1]):
            found.setdefault(named, ForeignPart(named))
    return tuple(found.values())


def _room_facts(listed: Mapping[str, Any]) -> dict[str, Any]:
    capacity, place = listed.get("capacity"), words(prose(listed.get("description")))
    facts: dict[str, Any] = {"place": {"en": place}} if place else {}
    if isinstance(capacity, int | float) and 1 <= capacity <= 1_000_000:
        facts["capacity"] = int(capacity)
    return facts
