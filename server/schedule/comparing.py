"""What changed between two states of a session, by kind and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from server.schedule.models import Part, Status
from server.schedule.words import PARTS, ROOM_UNKNOWN, TIME_UNKNOWN
from server.web import language
from server.web.language import N_, gettext
from server.web.render import day as day_words
from server.web.render import hour

#: The public facts of a session and the frame it stands in, as `facts.public_facts` and `facts.frame_of` make them.
Facts = Mapping[str, Any]
Frame = Mapping[str, Any]


class Kind(StrEnum):
    """What about a session changed, in the order in which it is told."""

    ADDED = "added"
    CANCELLED = "cancelled"
    UNCANCELLED = "uncancelled"
    TIME = "time"
    LENGTH = "length"
    ROOM = "room"
    TITLE = "title"
    PEOPLE = "people"
    TYPE = "type"
    TRACK = "track"
    TEXT = "text"
    PLACE = "place"
    DETAILS = "details"


LABELS: dict[Kind, str] = {
    Kind.ADDED: N_("Added"),
    Kind.CANCELLED: N_("Cancelled"),
    Kind.UNCANCELLED: N_("Reinstated"),
    Kind.TIME: N_("Time"),
    Kind.LENGTH: N_("Length"),
    Kind.ROOM: N_("Room"),
    Kind.TITLE: N_("Title"),
    Kind.PEOPLE: N_("People"),
    Kind.TYPE: N_("Type"),
    Kind.TRACK: N_("Track"),
    Kind.TEXT: N_("Description"),
    Kind.PLACE: N_("Venue"),
    Kind.DETAILS: N_("Details"),
}
#: What a fact is now that says nothing.
NOTHING = N_("none")
#: What people who go to a session, or are in it, are written to about.
TOLD = frozenset(set(Kind) - {Kind.TRACK, Kind.TEXT, Kind.DETAILS})


@dataclass(frozen=True)
class Difference:
    """One kind of change in the current language: what it was and what it is; empty where there is nothing to say."""

    kind: Kind
    before: str = ""
    after: str = ""

    @property
    def label(self) -> str:
        """The kind in words."""
        return gettext(LABELS[self.kind])

    @property
    def sentence(self) -> str:
        """In one line: `Room: Main Hall → Room 3`."""
        if self.before:
            words = gettext("%(what)s: %(before)s → %(after)s")
            return words % {"what": self.label, "before": self.before, "after": self.after}
        return f"{self.label}{gettext(': ')}{self.after}" if self.after else self.label


def kinds_of_change(before: Facts | None, after: Facts, frame_before: Frame, frame_after: Frame) -> list[Kind]:
    """Everything about a session that differs, in order; empty where nothing does."""
    if before is None:
        return [Kind.ADDED]
    found = {kind for kind, is_other in _COMPARED.items() if is_other(before, after, frame_before, frame_after)}
    if before["status"] != after["status"]:
        found.add(Kind.CANCELLED if after["status"] == Status.CANCELLED else Kind.UNCANCELLED)
    return [kind for kind in Kind if kind in found]


def _differ(*names: str) -> Any:
    return lambda before, after, _before, _after: any(before.get(name) != after.get(name) for name in names)


def _named(name: str, group: str) -> Any:
    """Whether a session has another track, type or room, or the same under another name."""

    def is_other(before: Facts, after: Facts, frame_before: Frame, frame_after: Frame) -> bool:
        return bool(
            before[name] != after[name]
            or _part(frame_before, group, before[name]) != _part(frame_after, group, after[name])
        )

    return is_other


def _part(frame: Frame, group: str, key: str | None) -> list[Any]:
    """What people are shown of a track, type or room."""
    part = frame.get(group, {}).get(key, {})
    return [part.get("name"), part.get("place"), part.get("mark")]


def _length(facts: Facts) -> Any:
    if not facts["starts_at"] or not facts["ends_at"]:
        return None
    return datetime.fromisoformat(facts["ends_at"]) - datetime.fromisoformat(facts["starts_at"])


def _lasts_otherwise(before: Facts, after: Facts, _before: Frame, _after: Frame) -> bool:
    lengths = _length(before), _length(after)
    estimated = before["end_is_estimate"] != after["end_is_estimate"]
    return None not in lengths and (lengths[0] != lengths[1] or estimated)


def _stands_elsewhere(_facts: Facts, _after: Facts, before: Frame, after: Frame) -> bool:
    names = ("timezone", "venue", "city", "country")
    return any(before.get("meeting", {}).get(name) != after.get("meeting", {}).get(name) for name in names)


_COMPARED = {
    Kind.TIME: _differ("day", "starts_at", "part_of_day"),
    Kind.LENGTH: _lasts_otherwise,
    Kind.ROOM: _named("room", "rooms"),
    Kind.TITLE: _differ("title"),
    Kind.PEOPLE: _differ("people"),
    Kind.TYPE: _named("type", "types"),
    Kind.TRACK: _named("track", "tracks"),
    Kind.TEXT: _differ("description"),
    Kind.PLACE: _stands_elsewhere,
    Kind.DETAILS: _differ("language", "format", "tags", "repeats", "code"),
}


def differences(
    kinds: Sequence[str], before: Facts | None, after: Facts, frame_before: Frame, frame_after: Frame
) -> list[Difference]:
    """These kinds of change in words of the current language; unknown ones, of a later program, are passed over."""
    known = [Kind(kind) for kind in kinds if kind in set(Kind)]
    return [_worded(kind, before, after, frame_before, frame_after) for kind in known]


def _worded(kind: Kind, before: Facts | None, after: Facts, frame_before: Frame, frame_after: Frame) -> Difference:
    words = _WORDS.get(kind)
    if kind == Kind.ADDED:
        return Difference(kind, "", gettext(", ").join([_time(after, frame_after), room_words(after, frame_after)]))
    if words is None or before is None:
        return Difference(kind)
    old, new = words(before, frame_before), words(after, frame_after)
    if old == new:  # it is another translation that differs
        return Difference(kind, "", new)
    return Difference(kind, old or gettext(NOTHING), new or gettext(NOTHING))


def _time(facts: Facts, frame: Frame) -> str:
    """Day and hours at the venue: `Tue 2 Sept, 09:00–10:30`."""
    day = day_words(date.fromisoformat(facts["day"]), "MMMEd") if facts["day"] else ""
    if not facts["starts_at"]:
        return gettext(", ").join(filter(None, (day, gettext(TIME_UNKNOWN))))
    zone = frame["meeting"]["timezone"]
    hours = hour(datetime.fromisoformat(facts["starts_at"]), zone)
    if facts["ends_at"]:
        hours += "–" + hour(datetime.fromisoformat(facts["ends_at"]), zone)
    return gettext("%(day)s, %(hours)s") % {"day": day, "hours": hours} if day else hours


def _minutes(facts: Facts, _frame: Frame) -> str:
    length = _length(facts)
    if length is None:
        return ""
    count = round(length.total_seconds() / 60)
    words = language.ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}
    return gettext("about %(length)s") % {"length": words} if facts["end_is_estimate"] else words


def room_words(facts: Facts, frame: Frame) -> str:
    """The room's name and place in the current language."""
    room = frame.get("rooms", {}).get(facts["room"])
    if room is None:
        return gettext(ROOM_UNKNOWN)
    return gettext(", ").join(filter(None, (language.pick(room["name"]), language.pick(room.get("place")))))


def _people(facts: Facts, _frame: Frame) -> str:
    colon = gettext(": ")
    return gettext("; ").join(
        f"{gettext(PARTS[Part(one['part'])])}{colon}{one['name'] or one['organisation']}" for one in facts["people"]
    )


def _name_in(name: str, group: str) -> Any:
    return lambda facts, frame: language.pick(frame.get(group, {}).get(facts[name], {}).get("name"))


def _venue(_facts: Facts, frame: Frame) -> str:
    meeting = frame.get("meeting", {})
    return gettext(", ").join(filter(None, (language.pick(meeting.get(name)) for name in ("venue", "city", "country"))))


_WORDS = {
    Kind.TIME: _time,
    Kind.LENGTH: _minutes,
    Kind.ROOM: room_words,
    Kind.TITLE: lambda facts, _frame: language.pick(facts["title"]),
    Kind.PEOPLE: _people,
    Kind.TYPE: _name_in("type", "types"),
    Kind.TRACK: _name_in("track", "tracks"),
    Kind.PLACE: _venue,
}


def title_of(facts: Facts) -> str:
    """The title in the current language."""
    return language.pick(facts["title"])


__all__ = [
    "LABELS", "TOLD", "Difference", "Facts", "Frame", "Kind", "differences", "kinds_of_change",
    "room_words", "title_of",
]  # fmt: skip
