"""What a list of registrations is narrowed to, as an address says it and as the database is asked for it."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from server import clock
from server.folding import fold
from server.meetings.models import Meeting
from server.registration.countries import CODES, regional_groups
from server.registration.models import EAST_ASIAN, Attendance, Registration, StakeholderGroup, State
from server.registration.words import REGIONS
from server.web.language import LANGUAGES

_LONGEST_SEARCH = 100
#: Values of one name; nobody means more.
_MOST_VALUES = 300
_LONGEST_VALUE = 40
_COLUMNS: dict[str, tuple[InstrumentedAttribute[str], Collection[str]]] = {
    "state": (Registration.state, frozenset(State)),
    "group": (Registration.stakeholder_group, frozenset(StakeholderGroup)),
    "attendance": (Registration.attendance, frozenset(Attendance)),
    "country": (Registration.country, CODES),
    "language": (Registration.language, frozenset(LANGUAGES)),
}
_LINKS = {"opened": Registration.opened_at.is_not(None), "unopened": Registration.opened_at.is_(None)}
#: What the desk's list can be narrowed by.
NAMES = ("q", *_COLUMNS, "region", "link", "since", "until")
#: What the list of participants can be narrowed by.
PUBLIC_NAMES = ("q", "group", "country")


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to: every name has to fit, with one of its values. Values nobody knows fit nobody."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def asked(cls, pairs: Iterable[tuple[str, object]], names: Collection[str] = NAMES) -> "Filters":
        """Those of `names` that stand in an address or a form; empty ones, which a form sends, say nothing."""
        values: dict[str, dict[str, None]] = {}
        for name, value in pairs:
            given = str(value).strip()[: _LONGEST_SEARCH if name == "q" else _LONGEST_VALUE]
            if name in names and given and len(values.get(name, ())) < _MOST_VALUES:
                values.setdefault(name, {})[given] = None
        return cls({name: tuple(given) for name, given in values.items()})

    def of(self, name: str) -> tuple[str, ...]:
        """What is wanted under a name."""
        return self.values.get(name, ())

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The same, for an address or a form."""
        return [(name, value) for name, values in self.values.items() for value in values]

    def having(self, name: str, *values: str) -> "Filters":
        """The same with these values for one name; none at all takes the name away."""
        others = {other: given for other, given in self.values.items() if other != name}
        return Filters({**others, name: values} if values else others)

    @property
    def words(self) -> list[str]:
        """What is searched for, word by word; marks that no name has are left out."""
        text = " ".join(self.of("q"))[:_LONGEST_SEARCH]
        return "".join(mark if unicodedata.category(mark) not in ("Cc", "Cs") else " " for mark in text).split()


def fits(filters: Filters, meeting: Meeting) -> Iterator[ColumnElement[bool]]:
    """What has to be true of a registration, besides the words that are searched for."""
    for name, (column, known) in _COLUMNS.items():
        if values := filters.of(name):
            yield column.in_([value for value in values if value in known])
    if regions := filters.of("region"):
        yield or_(false(), *(_in_region(region) for region in regions if region in REGIONS))
    if links := filters.of("link"):
        yield or_(false(), *(_LINKS[link] for link in links if link in _LINKS))
    for day in filters.of("since"):
        begins, _ = _span(day, meeting.timezone)
        yield Registration.registered_at >= begins if begins else false()
    for day in filters.of("until"):
        _, ends = _span(day, meeting.timezone)
        yield Registration.registered_at < ends if ends else false()


def _in_region(region: str) -> ColumnElement[bool]:
    """Whether somebody is counted under a region: `countries.region_of` as the database says it."""
    international = Registration.stakeholder_group == StakeholderGroup.INTERGOVERNMENTAL
    if region == "intergovernmental":
        return international
    groups = regional_groups()
    if region == "none":
        return and_(~international, Registration.country.not_in(groups))
    return and_(~international, Registration.country.in_([code for code in groups if groups[code] == region]))


def _span(day: str, zone: str) -> tuple[datetime, datetime] | tuple[None, None]:
    """A day at the venue (ISO 8601), from its first instant to that of the next; nothing for what is no day."""
    try:
        return clock.day_span(date.fromisoformat(day), zone)
    except (ValueError, OverflowError):
        return None, None


def named(word: str) -> ColumnElement[bool]:
    """Whether the word is found in what is public of somebody, in whatever way it is written.

    Chinese, Japanese and Korean names are sought without a space between family name and given name.
    """
    searched = func.replace(Registration.searched, "\n", "") if EAST_ASIAN.search(word) else Registration.searched
    return and_(true(), *(searched.contains(piece, autoescape=True) for piece in fold(word).split()))


def known(word: str) -> ColumnElement[bool]:
    """Whether the word is found in what the desk knows of somebody: mail address and reference too."""
    columns = (Registration.email, Registration.reference)
    return or_(named(word), *(column.icontains(word, autoescape=True) for column in columns))
