"""Reads a programme file and finds every fault in it at once, each with its line."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from server.loading import Refused
from server.meetings.models import Meeting
from server.schedule.marked_yaml import Marked, Place, read_marked
from server.schedule.programme_file import DAY, MeetingPart, ProgrammeFile
from server.web.language import N_, gettext

#: What is said of a fault that pydantic finds, by its type.
_REASONS = {
    "missing": N_("this is missing"),
    "extra_forbidden": N_("there is no field of this name"),
    "string_type": N_("write text here"),
    "string_too_long": N_("write at most %(max_length)d characters"),
    "too_long": N_("write at most %(max_length)d characters"),
    "string_too_short": N_("write something here"),
    "too_short": N_("write something here"),
    "int_type": N_("write a whole number"),
    "int_parsing": N_("write a whole number"),
    "greater_than_equal": N_("write %(ge)s or more"),
    "less_than_equal": N_("write %(le)s or less"),
    "bool_type": N_("write true or false"),
    "bool_parsing": N_("write true or false"),
    "enum": N_("write one of: %(expected)s"),
    "literal_error": N_("write one of: %(expected)s"),
    "list_type": N_("write a list here"),
    "dict_type": N_("write fields here, each with its value"),
    "model_type": N_("write fields here, each with its value"),
    "uuid_parsing": N_("write a UUID of 36 characters"),
    "uuid_type": N_("write a UUID of 36 characters"),
    "value_error": "%(error)s",
}


def read_programme(text: str) -> tuple[ProgrammeFile, Marked]:
    """What a file says, with the line of every part of it. Raises Refused with every fault found."""
    marked = read_marked(text)
    made = _checked(marked)
    _check_keys(marked)
    _check_references(marked)
    _check_days(marked)
    if marked.faults or made is None:
        raise Refused(sorted(marked.faults, key=lambda fault: fault[0] or 0))
    return made, marked


def _checked(marked: Marked) -> ProgrammeFile | None:
    try:
        return ProgrammeFile.model_validate(marked.value)
    except ValidationError as error:
        for fault in error.errors():
            place = tuple(step for step in fault["loc"] if step != "[key]")
            marked.blame(place, reason_of(fault))
        return None


def reason_of(fault: ErrorDetails) -> str:
    """What is said to people of a fault that pydantic finds."""
    reason = _REASONS.get(fault["type"])
    return gettext(reason) % fault.get("ctx", {}) if reason else fault["msg"]


def _check_keys(marked: Marked) -> None:
    """No two tracks, types, rooms or sessions may go by the same key."""
    for section, name in (
        ("tracks", "key"),
        ("session_types", "key"),
        ("rooms", "key"),
        ("sessions", "code"),
        ("sessions", "uid"),
    ):
        first: dict[str, int] = {}
        for place, key in _values(marked, section, name):
            if key in first:
                reason = gettext("“%(key)s” is taken already, in line %(line)d")
                marked.blame(place, reason % {"key": key, "line": first[key]})
            first.setdefault(key, marked.line(place))


def _check_references(marked: Marked) -> None:
    """A session's type, track and room, and the session it repeats, must be in the file."""
    for name, section, reason in (
        ("type", "session_types", N_("there is no session type “%(key)s”")),
        ("track", "tracks", N_("there is no track “%(key)s”")),
        ("room", "rooms", N_("there is no room “%(key)s”")),
        ("repeats", "sessions", N_("there is no session “%(key)s”")),
    ):
        known = {key for _, key in _values(marked, section, "code" if section == "sessions" else "key")}
        for place, key in _values(marked, "sessions", name):
            if key not in known:
                marked.blame(place, gettext(reason) % {"key": key})


def _check_days(marked: Marked) -> None:
    """A session's day must be one of the meeting's."""
    try:
        part = MeetingPart.model_validate(marked.value["meeting"])
    except (ValidationError, KeyError, TypeError):
        return
    meeting = Meeting(first_day=part.first_day, days=part.days, has_day_zero=part.day_zero)
    days = meeting.all_days
    for place, day in _values(marked, "sessions", "day"):
        if DAY.fullmatch(day) and day not in map(str, days):
            reason = gettext("the meeting is from %(first)s to %(last)s")
            marked.blame(place, reason % {"first": days[0], "last": days[-1]})


def _values(marked: Marked, section: str, name: str) -> Iterator[tuple[Place, str]]:
    """Every text that stands under `name` in the parts of a section, whatever else is wrong with them."""
    parts = marked.value.get(section) if isinstance(marked.value, dict) else None
    for index, part in enumerate(parts if isinstance(parts, list) else []):
        value = part.get(name) if isinstance(part, dict) else None
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield (section, index, name), str(value).strip()
