"""Who has registered at a meeting, and how many."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from server.database import Database
from server.meetings.models import Meeting
from server.problems import NotFound
from server.registration.countries import CODES
from server.registration.models import Attendance, Registration, StakeholderGroup, State
from server.web.language import N_

#: Rows on a page of a long list.
PAGE = 50
_LONGEST_SEARCH = 100
_KNOWN: dict[str, frozenset[str]] = {
    "state": frozenset(State),
    "group": frozenset(StakeholderGroup),
    "attendance": frozenset(Attendance),
    "country": CODES,
}


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means everything. Values nobody knows select nothing."""

    q: str = ""
    state: str = ""
    group: str = ""
    attendance: str = ""
    country: str = ""

    @classmethod
    def asked(cls, query: Mapping[str, str], *names: str) -> "Filters":
        """Those of `names` that stand in the query of an address."""
        return cls(**{name: query.get(name, "").strip() for name in names})

    @property
    def given(self) -> dict[str, str]:
        """Those that narrow, for an address."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def words(self) -> list[str]:
        """What is searched for, word by word; marks that no name has are left out."""
        text = "".join(mark if unicodedata.category(mark) not in ("Cc", "Cs") else " " for mark in self.q)
        return unicodedata.normalize("NFC", text)[:_LONGEST_SEARCH].split()

    @property
    def selects_nothing(self) -> bool:
        """Whether a value was given that does not exist."""
        return any(getattr(self, name) and getattr(self, name) not in known for name, known in _KNOWN.items())


@dataclass(frozen=True)
class Listing:
    """One page of a list: its rows, how many there are in all, which page this is and of how many."""

    rows: Sequence[Registration]
    total: int
    page: int
    pages: int


def page_asked(query: Mapping[str, str]) -> int:
    """The page that the query of an address names; the first when it names none."""
    text = query.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def participant_count(db: Database, meeting: Meeting) -> int:
    """How many take part: registrations that are confirmed, onsite and online alike."""
    confirmed = select(func.count()).select_from(Registration).filter_by(meeting_id=meeting.id, state=State.CONFIRMED)
    return db.scalar(confirmed) or 0


def listed_participants(db: Database, meeting: Meeting, filters: Filters, page: int) -> Listing:
    """Those who may be named in public: confirmed, with consent, and known to own their address.

    The search looks at what is shown and at nothing else, so that nobody can try out mail addresses.
    """
    shown = _narrowed(_listed(meeting), filters, (Registration.organisation,))
    return _listing(db, shown, page)


def listed_countries(db: Database, meeting: Meeting) -> dict[str, int]:
    """How many are listed from each country."""
    listed = _listed(meeting).subquery()
    rows = db.execute(select(listed.c.country, func.count()).group_by(listed.c.country))
    return {country: count for country, count in rows}  # noqa: C416 (rows are no pairs to mypy)


def registrations(db: Database, meeting: Meeting, filters: Filters, page: int) -> Listing:
    """The desk's list, by name."""
    return _listing(db, _for_desk(meeting, filters), page)


def registrations_after(db: Database, meeting: Meeting, filters: Filters, after: int, most: int) -> list[Registration]:
    """The next stretch of the desk's list in the order of arrival, for a file that is read piece by piece."""
    wanted = _for_desk(meeting, filters).where(Registration.id > after)
    return list(db.scalars(wanted.order_by(Registration.id).limit(most)))


def registration_by_reference(db: Database, meeting: Meeting, reference: str) -> Registration:
    """A registration of this meeting, held until the transaction ends if it writes; raises NotFound."""
    found = None
    if reference.isascii() and reference.isprintable():
        wanted = select(Registration).filter_by(meeting_id=meeting.id, reference=reference.upper())
        found = db.scalars(wanted.with_for_update()).first()
    if found is None:
        raise NotFound(N_("There is no registration with this reference."))
    return found


def composition(db: Database, meeting: Meeting) -> list[tuple[str, str, str, int]]:
    """How many take part from each country, in each group, in each way: (country, group, attendance, count)."""
    parts = (Registration.country, Registration.stakeholder_group, Registration.attendance)
    wanted = select(*parts, func.count()).filter_by(meeting_id=meeting.id, state=State.CONFIRMED).group_by(*parts)
    return [(country, group, attendance, count) for country, group, attendance, count in db.execute(wanted)]


def _listed(meeting: Meeting) -> Select[Registration]:
    wanted = select(Registration).filter_by(meeting_id=meeting.id, state=State.CONFIRMED, public=True)
    return wanted.where(Registration.opened_at.is_not(None))


def _for_desk(meeting: Meeting, filters: Filters) -> Select[Registration]:
    wanted = select(Registration).filter_by(meeting_id=meeting.id)
    return _narrowed(wanted, filters, (Registration.email, Registration.reference, Registration.organisation))


def _narrowed(
    wanted: Select[Registration], filters: Filters, searched: tuple[InstrumentedAttribute[str], ...]
) -> Select[Registration]:
    """The rows that fit every filter and have each searched word in a name or in one of `searched`."""
    exact = {
        "state": filters.state,
        "stakeholder_group": filters.group,
        "attendance": filters.attendance,
        "country": filters.country,
    }
    if filters.selects_nothing:
        return wanted.where(Registration.id.is_(None))
    wanted = wanted.filter_by(**{name: value for name, value in exact.items() if value})
    names = (Registration.given_name, Registration.family_name)
    for word in filters.words:
        wanted = wanted.where(or_(*(_has(column, word) for column in (*names, *searched))))
    return wanted


def _has(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Whether the column has the word. SQLite ignores case in ASCII only, so the usual spellings are all tried."""
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    return or_(*(column.icontains(spelling, autoescape=True) for spelling in sorted(spellings)))


def _listing(db: Database, wanted: Select[Registration], page: int) -> Listing:
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    by_name = (func.lower(Registration.family_name), func.lower(Registration.given_name), Registration.id)
    rows = db.scalars(wanted.order_by(*by_name).limit(PAGE).offset((page - 1) * PAGE))
    return Listing(list(rows), total, page, pages)
