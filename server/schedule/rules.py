"""The rules of a meeting about its programme, and how strictly it takes each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: Nobody walks, and no room is kept free, for longer than a day.
MOST_MINUTES = 24 * 60


class Rule(StrEnum):
    """What a plan can offend against, the gravest first."""

    ROOM_TWICE = "room-twice"
    PERSON_TWICE = "person-twice"
    ROOM_CLOSED = "room-closed"
    ROOM_SMALL = "room-small"
    PERSON_ABSENT = "person-absent"
    NOT_ALONE = "not-alone"
    TRACK_TWICE = "track-twice"
    ROOM_CHANGE = "room-change"
    BUFFER = "buffer"
    OUTSIDE_DAYS = "outside-days"
    UNUSUAL_LENGTH = "unusual-length"


class Severity(StrEnum):
    """How a meeting takes a rule: what is forbidden cannot be published, what is ignored is not looked for."""

    FORBIDDEN = "forbidden"
    WARNED = "warned"
    IGNORED = "ignored"


#: Tracks are ignored because many meetings run several sessions of a track in parallel.
DEFAULTS: Mapping[Rule, Severity] = {
    **dict.fromkeys(Rule, Severity.WARNED),
    Rule.ROOM_TWICE: Severity.FORBIDDEN,
    Rule.PERSON_TWICE: Severity.FORBIDDEN,
    Rule.ROOM_CLOSED: Severity.FORBIDDEN,
    Rule.TRACK_TWICE: Severity.IGNORED,
}


@dataclass(frozen=True)
class Rules:
    """How strict a meeting is. `walk` is the minutes between two rooms, `buffer` those between sessions of a room."""

    severities: Mapping[Rule, Severity] = field(default_factory=dict)
    walk: int = 0
    buffer: int = 0

    def severity(self, rule: Rule) -> Severity:
        """How a rule is taken, by default as most meetings take it."""
        return self.severities.get(rule, DEFAULTS[rule])

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Rules":
        """The rules that were kept; whatever this version of the program does not know is passed over."""
        given = kept.get("severities")
        known = given if isinstance(given, Mapping) else {}
        severities = {rule: Severity(known[rule.value]) for rule in Rule if known.get(rule.value) in tuple(Severity)}
        return cls(severities, _minutes(kept.get("walk")), _minutes(kept.get("buffer")))

    def to_json(self) -> dict[str, Any]:
        """Plain values that JSON has; `from_json` makes the same rules of them."""
        severities = {rule.value: severity.value for rule, severity in self.severities.items()}
        return {"severities": severities, "walk": self.walk, "buffer": self.buffer}


def _minutes(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value <= MOST_MINUTES else 0
