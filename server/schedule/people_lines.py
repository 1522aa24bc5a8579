"""The lines of a session's form about its people, as they were typed and what is wrong with them."""

import re
from dataclasses import dataclass, field
from typing import Any

from server.people.models import normal_address
from server.schedule.models import Part
from server.schedule.words import PARTS
from server.web.form import one_line
from server.web.language import gettext

#: Lines for people that an empty form offers, and that one with people offers beside theirs.
SPARE_LINES = 3
MOST_PEOPLE = 60
_GROUP = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def part_names() -> dict[str, str]:
    """What somebody can do in a session, in words of the current language."""
    return {part.value: gettext(words) for part, words in PARTS.items()}


@dataclass
class PersonLine:
    """A line of the form about somebody in a session, as it was typed, and what is wrong with it."""

    part: str = Part.SPEAKER.value
    name: str = ""
    organisation: str = ""
    group: str = ""
    email: str = ""
    fault: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nobody is named in it."""
        return not (self.name or self.organisation or self.email)


@dataclass
class PeopleLines:
    """All of them. Each field of a line comes as one of many of the same name: `person_name`, `person_email`, ..."""

    lines: list[PersonLine] = field(default_factory=list)

    @classmethod
    def read(cls, data: Any) -> "PeopleLines":
        """From what was posted."""
        columns = [
            [one_line(str(value)) for value in data.getlist(f"person_{name}")]
            for name in ("part", "name", "organisation", "group", "email")
        ]
        longest = min(max(map(len, columns)), MOST_PEOPLE + SPARE_LINES)
        rows = [[column[index] if index < len(column) else "" for column in columns] for index in range(longest)]
        return cls([line for line in (PersonLine(*row) for row in rows) if not line.is_blank])

    def check(self) -> bool:
        """Whether every line can be taken; otherwise each faulty one says why not."""
        for one in self.lines:
            one.fault = _fault_of(one)
        return not any(one.fault for one in self.lines)

    def with_spare(self) -> list[PersonLine]:
        """The lines, and blank ones to name more people in."""
        return [*self.lines, *(PersonLine() for _ in range(SPARE_LINES))]


def _fault_of(one: PersonLine) -> str:
    if one.part not in set(Part):
        return gettext("Choose what they do.")
    if not (one.name or one.organisation):
        return gettext("Write a name or an organisation.")
    if len(one.name) > 200 or len(one.organisation) > 300:
        return gettext("This is too long. A name has at most 200 characters, an organisation 300.")
    if one.group and not _GROUP.fullmatch(one.group):
        return gettext("A stakeholder group is written in small letters and hyphens, such as civil-society.")
    try:
        if one.email:
            one.email = normal_address(one.email)
    except ValueError:
        return gettext("This is not a mail address. It looks like name@example.org.")
    return ""
