"""How clashes are worded: the names of the rules, and each clash in a sentence that says enough to mend it."""

from collections.abc import Callable
from datetime import date

from server.schedule.clashes import Clash, Hours
from server.schedule.rules import Rule, Severity
from server.web.language import N_, gettext
from server.web.render import day, number

RULE_NAMES: dict[Rule, str] = {
    Rule.ROOM_TWICE: N_("Room used twice"),
    Rule.PERSON_TWICE: N_("Person in two places"),
    Rule.ROOM_CLOSED: N_("Room closed"),
    Rule.ROOM_SMALL: N_("Room too small"),
    Rule.PERSON_ABSENT: N_("Person cannot come"),
    Rule.NOT_ALONE: N_("Session that is to stand alone"),
    Rule.TRACK_TWICE: N_("Two sessions of a track at a time"),
    Rule.ROOM_CHANGE: N_("Too little time to change rooms"),
    Rule.BUFFER: N_("Too little time between sessions of a room"),
    Rule.OUTSIDE_DAYS: N_("Outside the days of the meeting"),
    Rule.UNUSUAL_LENGTH: N_("Unusual length"),
}
SEVERITY_NAMES: dict[Severity, str] = {
    Severity.FORBIDDEN: N_("Forbidden"),
    Severity.WARNED: N_("Warning"),
    Severity.IGNORED: N_("Ignored"),
}
_SENTENCES: dict[Rule, str] = {
    Rule.ROOM_TWICE: N_("%(other)s is also in %(room)s at this time."),
    Rule.PERSON_TWICE: N_("%(person)s is also in %(other)s at this time."),
    Rule.ROOM_CLOSED: N_("%(room)s is closed at this time: %(hours)s."),
    Rule.ROOM_SMALL: N_("More people are expected (%(found)s) than %(room)s has seats (%(wanted)s)."),
    Rule.PERSON_ABSENT: N_("%(person)s cannot come at this time: %(hours)s."),
    Rule.NOT_ALONE: N_("No other session is to be at the same time, but %(other)s is."),
    Rule.TRACK_TWICE: N_("%(other)s is at the same time and also belongs to %(track)s."),
    Rule.ROOM_CHANGE: N_(
        "%(person)s has %(found)s min between this session and %(other)s, and needs %(wanted)s min to change rooms."
    ),
    Rule.BUFFER: N_(
        "%(room)s is free for %(found)s min between this session and %(other)s; it has to be %(wanted)s min."
    ),
    Rule.OUTSIDE_DAYS: N_("%(day)s is not a day of the meeting."),
    Rule.UNUSUAL_LENGTH: N_("It takes %(found)s min. Sessions of its type usually take %(wanted)s min."),
}
_VENUE_CLOSED = N_("The whole venue is closed at this time: %(hours)s.")
_NOT_BESIDE = N_("No other session is to be at the same time as %(other)s.")
_OTHER_DAY = N_("It belongs to %(day)s but starts on %(start)s.")


def worded(clash: Clash, code: str, names: Callable[[str, str], str]) -> str:
    """A clash in the current language, as seen from the session with this code.

    `names(what, key)` gives the words for a `session`, a `room` or a `track`.
    """
    first, _, last = clash.subject.partition("/") if clash.rule == Rule.OUTSIDE_DAYS else ("", "", "")
    facts = {
        "other": names("session", clash.other if clash.code == code else clash.code) if clash.other else "",
        "room": names("room", clash.subject) if clash.rule in _OF_ROOMS else "",
        "track": names("track", clash.subject) if clash.rule == Rule.TRACK_TWICE else "",
        "person": clash.subject,
        "found": number(clash.found),
        "wanted": number(clash.wanted),
        "hours": _stretch(clash.hours) if clash.hours else "",
        "day": _day(first),
        "start": _day(last),
    }
    return gettext(_sentence(clash, code)) % facts


_OF_ROOMS = (Rule.ROOM_TWICE, Rule.ROOM_CLOSED, Rule.ROOM_SMALL, Rule.BUFFER)


def _sentence(clash: Clash, code: str) -> str:
    if clash.rule == Rule.ROOM_CLOSED and not clash.subject:
        return _VENUE_CLOSED
    if clash.rule == Rule.NOT_ALONE and clash.subject != code:
        return _NOT_BESIDE
    if clash.rule == Rule.OUTSIDE_DAYS and "/" in clash.subject:
        return _OTHER_DAY
    return _SENTENCES[clash.rule]


def _day(value: str) -> str:
    return day(date.fromisoformat(value), "MMMEd") if value else ""


def _stretch(hours: Hours) -> str:
    """`10:00–12:00 (fire drill)`, with the days where they differ."""
    same = hours.starts_at.date() == hours.ends_at.date()
    ends = [
        f"{moment:%H:%M}" if same else f"{day(moment.date(), 'MMMEd')}, {moment:%H:%M}"
        for moment in (hours.starts_at, hours.ends_at)
    ]
    words = ("–" if same else " – ").join(ends)
    return gettext("%(hours)s (%(reason)s)") % {"hours": words, "reason": hours.reason} if hours.reason else words
