"""One session of a file that other conference software wrote, understood as far as it can be."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from server.schedule.models import Part
from server.schedule.plan import Named
from server.schedule.programme_file import Language, SessionPart
from server.schedule.prose import markdown_of
from server.schedule.supplement import completed, session_told
from server.schedule.words import clean
from server.web.language import N_, gettext

LONGEST_LINE = 500
#: A title to which a word is added, as exports do with one that is cancelled.
LONGEST_TITLE = 600
LONGEST_NAME = 200
LONGEST_ORGANISATION = 300
LONGEST_PROSE = 20_000
LONGEST_MINUTES = 1440
_YEARS = range(1970, 2200)
#: Members that are read, or that say nothing which others do not say.
_READ = frozenset({
    "id", "guid", "date", "start", "duration", "room", "slug", "url", "title", "subtitle", "track", "type", "language",
    "abstract", "description", "persons", "links",
})  # fmt: skip
_NOTHING: tuple[Any, ...] = (None, False, "false", [], {})
_NAMES_OF_A_PERSON = ("public_name", "full_public_name", "name", "display_name")
_LANGUAGE: TypeAdapter[str] = TypeAdapter(Language)
_UNKNOWN = N_("“%(title)s”: the %(member)s “%(value)s” was not understood.")


@dataclass(frozen=True)
class Day:
    """A day of the file; what begins before it `opens` is after its midnight."""

    date: date | None
    opens: time


@dataclass(frozen=True)
class ForeignSession:
    """A session as a file tells it.

    `facts` are those of `Planned` that the file tells, with type, track and room by name, and an instant without an
    offset where the file has none. In a file of our own title and description are in every language; else they are one
    text. `ours` is the code it has there, if so.
    """

    origin: str
    guid: str
    number: str
    title: str
    facts: Mapping[str, Any]
    ours: str = ""

    def known_by_number(self) -> "ForeignSession":
        """The same, recognised by its number and not by its guid, which another one has as well."""
        return replace(self, origin=self.number, guid="")


def read_entry(
    entry: Mapping[str, Any],
    day: Day,
    room: str,
    told: Mapping[str, Any],
    notes: list[str],
    passed: Counter[str],
) -> ForeignSession:
    """A session of `room` on `day`. `told` is what our own export adds of each session, by guid.

    What is not understood goes into `notes`, and `passed` counts the members that have no place here.
    """
    guid, number = words(entry.get("guid"), LONGEST_NAME), words(entry.get("id"), LONGEST_NAME)
    title = words(entry.get("title"), LONGEST_TITLE) or guid or number or gettext("Untitled")
    facts: dict[str, Any] = {"title": title}
    facts |= {"room": room_name} if (room_name := words(entry.get("room")) or room) else {}
    facts |= {"type": kind} if (kind := words(entry.get("type"))) else {}
    facts |= {"track": words(entry["track"]) or None} if "track" in entry else {}
    facts |= _language(entry, title, notes) | _when(entry, day, title, notes) | _people(entry, title, notes)
    own = _own(told.get(guid), title, notes)
    if text := prose(entry.get("description")) if own else _text(entry):
        facts["description"] = text
    if own:
        facts = completed(facts, own, told[guid])
    if isinstance(facts["title"], str):
        facts["title"] = facts["title"][:LONGEST_LINE]
    passed.update(member for member, value in entry.items() if member not in _READ and not _says_nothing(value))
    origin = guid or number or words(entry.get("slug"), LONGEST_NAME) or title[:LONGEST_NAME]
    return ForeignSession(origin, guid, number, title, facts, own.code if own else "")


def _own(told: Any, title: str, notes: list[str]) -> SessionPart | None:
    own = session_told(told) if isinstance(told, dict) else None
    if own is None and told is not None:
        notes.append(gettext("“%(title)s”: what Plenary added about it was not understood.") % {"title": title})
    return own


def words(value: Any, longest: int = LONGEST_LINE) -> str:
    """A text or number of a file as one line."""
    return " ".join(prose(value, longest).split())


def prose(value: Any, longest: int = LONGEST_PROSE) -> str:
    """A text or number of a file without what no text may have; in English where it is in several languages."""
    if isinstance(value, dict):
        value = value.get("en") or next(iter(value.values()), "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return fit(str(value)).strip()[:longest]


def fit(text: str) -> str:
    """The text without control characters and halves of characters, which no database has room for."""
    return clean(text.encode(errors="replace").decode())


def day_in(value: Any) -> date | None:
    """The day with which a text begins (ISO 8601), if any."""
    try:
        day = date.fromisoformat(words(value)[:10])
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def moment_in(value: Any) -> datetime | None:
    """The instant that a text says (ISO 8601), to the second; without a zone where the text has none."""
    text = words(value)
    try:
        moment = datetime.fromisoformat(text) if len(text) > len("2014-09-02") else None
    except ValueError:
        return None
    return moment.replace(microsecond=0) if moment and moment.year in _YEARS else None


def _language(entry: Mapping[str, Any], title: str, notes: list[str]) -> dict[str, Any]:
    said = words(entry.get("language"))
    tag = said.replace("_", "-")
    try:
        return {"language": _LANGUAGE.validate_python(tag if "-" in tag else tag.lower())}
    except ValidationError:
        if said:
            notes.append(gettext(_UNKNOWN) % {"title": title, "member": "language", "value": said})
        return {}


def _when(entry: Mapping[str, Any], day: Day, title: str, notes: list[str]) -> dict[str, Any]:
    """Day, start and length, as far as they are told."""
    start = moment_in(entry.get("date")) or moment_in(entry.get("start")) or _on(day, entry)
    facts: dict[str, Any] = {}
    if on := day.date or (start.date() if start else None):
        facts["day"] = on
    if start:
        facts["starts_at"] = start
    else:
        value = " ".join(filter(None, (words(entry.get("date")), words(entry.get("start")))))
        line = _UNKNOWN if value else N_("“%(title)s” has no time.")
        notes.append(gettext(line) % {"title": title, "member": "date", "value": value})
    duration = words(entry.get("duration"))
    minutes = _minutes(duration)
    if 1 <= minutes <= LONGEST_MINUTES:
        facts["minutes"] = minutes
    elif duration:
        notes.append(gettext(_UNKNOWN) % {"title": title, "member": "duration", "value": duration})
    return facts


def _on(day: Day, entry: Mapping[str, Any]) -> datetime | None:
    """The hour that is told, on the day that is told or listed."""
    on = day_in(entry.get("date")) or day.date
    found = re.fullmatch(r"(\d{1,2}):(\d\d)(:\d\d)?", words(entry.get("start")))
    if on is None or not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    at = time(int(found[1]), int(found[2]))
    return datetime.combine(on + timedelta(days=1) if on == day.date and at < day.opens else on, at)


def _minutes(text: str) -> int:
    """Minutes of `00:30`, `1:00`, `01:00:00` or `90`; 0 for anything else."""
    found = re.fullmatch(r"(?:(\d{1,4}):)?(\d{1,4})(?::\d\d)?", text, re.ASCII)
    return int(found[1] or 0) * 60 + int(found[2]) if found else 0


def _text(entry: Mapping[str, Any]) -> str:
    """All that is written about it, as Markdown: frab has subtitle, abstract and description, each of which may repeat
    another, and links."""
    pieces: list[str] = []
    for member in ("subtitle", "abstract", "description"):
        piece = markdown_of(prose(entry.get(member)))
        if piece and piece != words(entry.get("title")):
            pieces = [one for one in pieces if one not in piece]
            pieces.append(piece)
    links = entry.get("links")
    listed = [_link(one) for one in links if isinstance(one, dict)] if isinstance(links, list) else []
    return "\n\n".join([*pieces, "\n".join(filter(None, listed))]).strip()[:LONGEST_PROSE]


def _link(one: Mapping[str, Any]) -> str:
    url, title = words(one.get("url")), words(one.get("title") or one.get("name"))
    if not re.fullmatch(r"https?://[^\s<>]+", url):
        return ""
    escaped = re.sub(r"([][\\])", r"\\\1", title)
    return f"- [{escaped}](<{url}>)" if title and title != url else f"- <{url}>"


def _people(entry: Mapping[str, Any], title: str, notes: list[str]) -> dict[str, Any]:
    given = entry.get("persons")
    if not isinstance(given, list):
        return {}
    found: dict[str, Named] = {}
    for one in given:
        told = one if isinstance(one, dict) else {"name": one}
        name = next(filter(None, (words(told.get(member), LONGEST_NAME) for member in _NAMES_OF_A_PERSON)), "")
        organisation = words(told.get("organization") or told.get("organisation"), LONGEST_ORGANISATION)
        if name or organisation:
            found.setdefault(name or organisation, Named(Part.SPEAKER.value, name, organisation))
        else:
            notes.append(gettext(_UNKNOWN) % {"title": title, "member": "person", "value": words(one, 60)})
    return {"people": tuple(found.values())}


def _says_nothing(value: Any) -> bool:
    values = value.values() if isinstance(value, dict) else [value]
    return all(one in _NOTHING or (isinstance(one, str) and not one.strip()) for one in values)
