"""A row of a programme table, read as what it makes of a session that is planned, or as a new one."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from server import clock
from server.schedule.columns import PEOPLE, TEXTS, Words, cells, one_of_several, shown, text_column
from server.schedule.models import Part, Status
from server.schedule.plan import Named, Planned
from server.schedule.programme_file import SessionPart
from server.schedule.reading import reason_of
from server.schedule.sheets import text_of
from server.schedule.wall_times import day_in, end_in, start_in
from server.web.language import DEFAULT, N_, gettext

#: What an empty cell means where it is not nothing.
_EMPTY = {"language": DEFAULT, "status": Status.CONFIRMED.value}
_UNKNOWN = {
    "type": N_("there is no session type “%(key)s”; there is: %(there)s"),
    "track": N_("there is no track “%(key)s”; there is: %(there)s"),
    "room": N_("there is no room “%(key)s”; there is: %(there)s"),
}
_PERSON = re.compile(r"([^()]*)\((.*)\)", re.S)


@dataclass
class Row:
    """The cells of a row by column, the session that it is about, if there is one, and what is wrong, by column."""

    cells: Mapping[str, str]
    before: Planned | None
    words: Words
    faults: list[tuple[str, str]] = field(default_factory=list)

    def blame(self, column: str, reason: str) -> None:
        """Something in this column is wrong."""
        self.faults.append((column, reason))

    @cached_property
    def known(self) -> dict[str, str]:
        """What the table would say of the session as it is planned."""
        return {column: text_of(cell) for column, cell in cells(self.before, self.words).items()} if self.before else {}

    @cached_property
    def told(self) -> dict[str, str]:
        """The cells that say something else. Only they are read: what nobody touched stays as it is, to the letter."""
        return {column: text for column, text in self.cells.items() if text != self.known.get(column, "")}

    def cell(self, column: str) -> str:
        """What stands in a column; as it is planned where the table does not have the column."""
        return self.cells.get(column, self.known.get(column, ""))

    def faults_in(self, *columns: str) -> bool:
        """Whether something is wrong in one of these columns."""
        return any(column in columns for column, _ in self.faults)

    def attempt(self, column: str, read: Callable[[], Any]) -> Any:
        """What `read` gives, or None with blame for the ValueError that it raises."""
        try:
            return read()
        except ValueError as fault:
            self.blame(column, str(fault))
            return None


def read_row(row: Row, code: str) -> Planned | None:
    """The session under this code as the row has it; None where it has faults, which it then knows."""
    facts = _parts(row) | _when(row)
    part = _checked(row, code)
    start = facts.get("starts_at", row.before.starts_at if row.before else None)
    facts["minutes"] = _minutes(row, part, start)
    if part is not None:
        facts |= _plain(row, part) | _people(row, part)
    if row.faults:
        return None
    if row.before is not None:
        return row.before.changed(**facts)
    return Planned(**{"code": code, "uid": str(uuid.uuid4()), "title": {}, **facts})


def _parts(row: Row) -> dict[str, str | None]:
    """Type, track and room by their keys."""
    found: dict[str, str | None] = {}
    for column, listed in row.words.parts.items():
        text = row.cell(column)
        if column == "type" and not text:
            row.blame(column, gettext("this is missing"))
        elif column in row.told:
            found[column] = listed.key(text)
            if text and found[column] is None:
                there = ", ".join(listed.names.values())
                row.blame(column, gettext(_UNKNOWN[column]) % {"key": text[:80], "there": there})
    return found


def _when(row: Row) -> dict[str, Any]:
    """Day and start, where one of them is told."""
    if not {"day", "start"} & row.told.keys():
        return {}
    day: date | None = None
    days, zone, text = row.words.days, row.words.timezone, row.cell("day")
    if text:
        day = row.attempt("day", lambda: day_in(text, days))
        if day is None:
            return {}
    start: datetime | None = None
    if row.cell("start"):
        start = row.attempt("start", lambda: start_in(row.cell("start"), day, days, zone))
        if start is not None and day is None:
            day = clock.local(start, zone).date()
    if day is not None and day not in days and (row.before is None or day != row.before.day):
        reason = gettext("the meeting is from %(first)s to %(last)s")
        row.blame("day", reason % {"first": days[0], "last": days[-1]})
    return {"day": day, "starts_at": start}


def _checked(row: Row, code: str) -> SessionPart | None:
    """What is told beside place and time, checked as in a programme file."""
    given: dict[str, Any] = {"code": code, "type": "told", "title": {DEFAULT: "told"}}
    for column in ("status", "language", "format", "minutes", "expected", "buffer", "repeats"):
        if column in row.told:
            given[column] = row.told[column] or _EMPTY.get(column)
    for column in {"status", "repeats"} & given.keys():
        given[column] = str(given[column] or "").lower() or None
    for name in TEXTS:
        told = _texts(row, name)
        texts = {tag: text for tag, text in told.items() if text}
        if texts or (name == "title" and (told or row.before is None) and not _merged(row, name, told)):
            given[name] = texts
    if "tags" in row.told:
        given["tags"] = _pieces(row.told["tags"], ";" if ";" in row.told["tags"] else ",")
    named = [(column, piece) for column in PEOPLE if column in row.told for piece in _pieces(row.told[column], ";")]
    given["people"] = [_person(PEOPLE[column], piece) for column, piece in named]
    try:
        return SessionPart.model_validate(given)
    except ValidationError as error:
        for fault in error.errors():
            row.blame(_column_of(fault["loc"], [column for column, _ in named]), reason_of(fault))
        return None


def _pieces(text: str, between: str) -> list[str]:
    return [piece for one in text.split(between) if (piece := one.strip())]


def _person(part: Part, piece: str) -> dict[str, Any]:
    found = _PERSON.fullmatch(piece)
    name, organisation = found.groups() if found else (piece, "")
    return {"part": part, "name": name, "organisation": organisation}


def _column_of(place: tuple[int | str, ...], columns_of_people: list[str]) -> str:
    """The column of something that SessionPart has at a place."""
    name, *inside = place
    if name == "people" and inside:
        return columns_of_people[int(inside[0])]
    return text_column(str(name), str(inside[0])) if name in TEXTS and inside else str(name)


def _texts(row: Row, name: str) -> dict[str, str]:
    """The texts that are told, by language; an emptied one is empty."""
    columns = {column: tag for column in row.told if (tag := _language_of(column, name))}
    return {tag: row.told[column] for column, tag in columns.items()}


def _language_of(column: str, name: str) -> str:
    main, _, tag = column.partition(":")
    return (tag or DEFAULT) if main == name else ""


def _merged(row: Row, name: str, told: Mapping[str, str]) -> dict[str, str]:
    """A text in all its languages, once what is told is set in it."""
    before = dict(getattr(row.before, name)) if row.before else {}
    return {tag: text for tag, text in {**before, **told}.items() if text}


def _plain(row: Row, part: SessionPart) -> dict[str, Any]:
    """The facts that one column tells alone."""
    found: dict[str, Any] = {
        "status": str(part.status), "language": part.language, "format": part.format, "expected": part.expected,
        "buffer": part.buffer or 0, "repeats": part.repeats or "",
    }  # fmt: skip
    found = {column: value for column, value in found.items() if column in row.told}
    for name in TEXTS:
        if told := _texts(row, name):
            checked: dict[str, str] = getattr(part, name)
            found[name] = _merged(row, name, {tag: text and checked[tag] for tag, text in told.items()})
    if "tags" in row.told:
        as_is = {one_of_several(tag): tag for tag in row.before.tags} if row.before else {}
        found["tags"] = tuple(as_is.get(tag, tag) for tag in part.tags)
    return found


def _people(row: Row, part: SessionPart) -> dict[str, Any]:
    """Everybody named, in the order in which they were, with those of the columns that are told put in their places."""
    before = row.before.people if row.before else ()
    left = list(before)
    told: dict[str, list[Named]] = {PEOPLE[column].value: [] for column in PEOPLE if column in row.told}
    for one in part.people:
        told[one.part].append(_known(Named(one.part.value, one.name, one.organisation), left, before))
    if not told:
        return {}
    stayed: list[Named] = []
    for who in before:
        if who.part not in told:
            stayed.append(who)
        elif told[who.part]:
            stayed.append(told[who.part].pop(0))
    return {"people": (*stayed, *(who for one in Part for who in told.get(one, ())))}


def _known(one: Named, left: list[Named], before: Iterable[Named]) -> Named:
    """Somebody as they were named before: with account and group, or with the account where the organisation changed."""
    for who in left:
        if who.part == one.part and shown(who) == shown(one):
            left.remove(who)
            return who
    for who in before:
        if shown(who) == shown(one):
            return replace(who, part=one.part)
    accounts = (who.person for who in before if one.name and one_of_several(who.name) == one.name)
    return replace(one, person=next(accounts, None))


def _minutes(row: Row, part: SessionPart | None, start: datetime | None) -> int | None:
    """The length. Of end and minutes the one that was changed counts; where only the start was, the length stays."""
    before = row.before.minutes if row.before else None
    if not {"end", "minutes"} & row.told.keys():
        return before
    lengths = {part.minutes if part else None} if row.told.get("minutes") else set()
    end = row.told.get("end", "")
    if end and start is None and not row.faults_in("day", "start"):
        row.blame("end", gettext("an end needs a start"))
    if end and start is not None:
        lengths.add(row.attempt("end", lambda: end_in(end, start, row.words.days, row.words.timezone)))
    if len(lengths) > 1 and None not in lengths:
        row.blame("end", gettext("end and minutes say two different lengths; empty one of them"))
    if lengths:
        return lengths.pop()
    return before if row.cells.get("end") or row.cells.get("minutes") else None
