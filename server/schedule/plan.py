"""A session as it is planned: all its facts as one value, which drafts, versions, clash rules and files share.

It knows types, tracks and rooms by their keys, and no database. As JSON it is what drafts and versions keep.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from server.schedule.models import Status


@dataclass(frozen=True)
class Named:
    """Somebody named in a session: a name, an organisation or both. `person` is the id of their account, if known."""

    part: str
    name: str = ""
    organisation: str = ""
    stakeholder_group: str = ""
    person: int | None = None


@dataclass(frozen=True)
class Planned:
    """One session (one occurrence of it). `starts_at` is in UTC; a day may be known without a start.

    `minutes` is the length that somebody gave, if any. Not for the public: `expected` (people), `buffer` (minutes
    its room is kept free after it) and `origin` (what the file it came from calls it). `repeats` is the code of the
    session that is held again here.
    """

    code: str
    uid: str
    title: Mapping[str, str]
    type: str
    description: Mapping[str, str] = field(default_factory=dict)
    track: str | None = None
    room: str | None = None
    day: date | None = None
    part_of_day: str = ""
    starts_at: datetime | None = None
    minutes: int | None = None
    language: str = "en"
    format: str = ""
    tags: tuple[str, ...] = ()
    status: str = Status.CONFIRMED.value
    people: tuple[Named, ...] = ()
    repeats: str = ""
    expected: int | None = None
    buffer: int = 0
    origin: str = ""

    @property
    def cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.status == Status.CANCELLED

    @property
    def placed(self) -> bool:
        """Whether it has both a room and a start."""
        return self.room is not None and self.starts_at is not None

    def end(self, usual_minutes: int) -> datetime | None:
        """When it ends, where its type usually takes so many minutes; None without a start."""
        if self.starts_at is None:
            return None
        return self.starts_at + timedelta(minutes=self.minutes or usual_minutes)

    def changed(self, **facts: Any) -> "Planned":
        """The same session with other facts."""
        return replace(self, **facts)

    def to_json(self) -> dict[str, Any]:
        """Plain values that JSON has; `from_json` makes the same session of them."""
        made = {one.name: getattr(self, one.name) for one in fields(self)}
        made["day"] = self.day.isoformat() if self.day else None
        made["starts_at"] = self.starts_at.astimezone(UTC).isoformat() if self.starts_at else None
        made["title"], made["description"] = dict(self.title), dict(self.description)
        made["tags"] = list(self.tags)
        made["people"] = [{one.name: getattr(person, one.name) for one in fields(Named)} for person in self.people]
        return made

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Planned":
        """The session that was kept; members of other versions of this program are passed over."""
        known = {one.name for one in fields(cls)}
        facts = {name: value for name, value in kept.items() if name in known}
        facts["day"] = date.fromisoformat(facts["day"]) if facts.get("day") else None
        facts["starts_at"] = datetime.fromisoformat(facts["starts_at"]) if facts.get("starts_at") else None
        facts["tags"] = tuple(facts.get("tags", ()))
        named = {one.name for one in fields(Named)}
        people = facts.get("people", ())
        facts["people"] = tuple(Named(**{key: one[key] for key in one if key in named}) for one in people)
        return cls(**facts)


#: Facts that are the programme team's alone and never published.
PRIVATE = ("expected", "buffer", "origin")
