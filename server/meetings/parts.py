"""The parts into which a meeting is divided: tracks, session types and rooms, each an ordered list."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from server.meetings.models import Meeting, Room, SessionType, Track

Part = Track | SessionType | Room
LONGEST_KEY = 60


@dataclass(frozen=True)
class Kind:
    """One of the three kinds; `name` is its word in addresses."""

    name: str
    record: type[Track] | type[SessionType] | type[Room]

    def of(self, meeting: Meeting) -> Sequence[Part]:
        """The meeting's parts of this kind, in their order."""
        lists: dict[str, Sequence[Part]] = {
            "tracks": meeting.tracks,
            "types": meeting.session_types,
            "rooms": meeting.rooms,
        }
        return lists[self.name]


KINDS = {kind.name: kind for kind in (Kind("tracks", Track), Kind("types", SessionType), Kind("rooms", Room))}


def key_for(name: str, taken: Collection[str], fallback: str, counted: dict[str, int] | None = None) -> str:
    """A key for addresses, `[a-z0-9-]+`, made from a name and not yet taken.

    Who asks for thousands hands over the same `counted` each time: it keeps how far each name has been counted.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub("[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_KEY - 5].strip("-") or fallback
    counted = {} if counted is None else counted
    number = counted.get(stem, 1)
    key = stem if number == 1 else f"{stem}-{number}"
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    counted[stem] = number
    return key


class Placed(Protocol):
    """Something that has a position among others of its kind."""

    position: int


def put_in_order(parts: Sequence[Placed], moved: Placed, position: int | None) -> None:
    """Number the parts from 1, with `moved` at the wanted position (None: last) and the others as they were."""
    others = sorted((part for part in parts if part is not moved), key=lambda part: part.position)
    at = len(others) if position is None else min(max(position - 1, 0), len(others))
    for number, part in enumerate([*others[:at], moved, *others[at:]], 1):
        part.position = number
