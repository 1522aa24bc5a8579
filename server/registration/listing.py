"""The lists of registrations: who is on them, in which order they stand, and what is on a page of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, collate, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from server.database import Database
from server.meetings.models import Meeting
from server.registration.countries import country_choices
from server.registration.filters import Filters, fits, known, named
from server.registration.models import Registration, State
from server.registration.states import TAKES_PART
from server.registration.words import GROUPS, STATES

#: Rows on a page of a long list.
PAGE = 50


@dataclass(frozen=True)
class Order:
    """By what a list is sorted, and whether the other way round."""

    by: str = "name"
    down: bool = False

    @classmethod
    def asked(cls, text: str) -> "Order":
        """From an address: `registered`, or `-registered` for the newest first. By name when it says nothing we know."""
        by = text.removeprefix("-")
        return cls(by, text.startswith("-")) if by in ORDERS else cls()

    def __str__(self) -> str:
        return f"{'-' if self.down else ''}{self.by}"

    def turned(self, by: str) -> "Order":
        """By something else, or the other way round; of the times of registering the newest is asked for first."""
        return Order(by, not self.down if by == self.by else by == "registered")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The same, for an address; by name needs no word."""
        return [] if self == Order() else [("sort", str(self))]


def _by_country() -> ColumnElement[int]:
    """Where a country stands in the list of their names in the current language."""
    return _ranked(Registration.country, [code for code, _ in country_choices()])


def _ranked(column: InstrumentedAttribute[str], known: Sequence[str]) -> ColumnElement[int]:
    return case({value: rank for rank, value in enumerate(known)}, value=column, else_=len(known))


def _in_line() -> ColumnElement[int | None]:
    return case((Registration.state == State.WAITING, Registration.turn), else_=None)


#: What the desk's list can be sorted by. Beyond it rows stand by name, so that they stand still.
ORDERS: Mapping[str, Callable[[], Sequence[Any]]] = {
    "name": lambda: (),
    "registered": lambda: (Registration.registered_at, Registration.id),
    "country": lambda: (_by_country(),),
    "organisation": lambda: (Registration.organisation_key,),
    "group": lambda: (_ranked(Registration.stakeholder_group, list(GROUPS)),),
    "state": lambda: (_ranked(Registration.state, list(STATES)),),
    "line": lambda: (_in_line(),),
}


@dataclass(frozen=True)
class Listing:
    """One page of a list: its rows, how many there are in all, which page this is and of how many."""

    rows: Sequence[Registration]
    total: int
    page: int
    pages: int


def listed_participants(db: Database, meeting: Meeting, filters: Filters, page: int) -> Listing:
    """Those who may be named in public: taking part, with consent, and known to own their address.

    The search looks at what is shown and at nothing else, so that nobody can try out mail addresses.
    """
    shown = _listed(meeting).where(*fits(filters, meeting), *(named(word) for word in filters.words))
    return _page(db, shown, Order(), page)


def listed_countries(db: Database, meeting: Meeting) -> dict[str, int]:
    """How many are listed from each country."""
    listed = _listed(meeting).subquery()
    rows = db.execute(select(listed.c.country, func.count()).group_by(listed.c.country))
    return {country: count for country, count in rows}  # noqa: C416 (rows are no pairs to mypy)


def _listed(meeting: Meeting) -> Select[Registration]:
    wanted = select(Registration).filter_by(meeting_id=meeting.id, public=True, erased_at=None)
    return wanted.where(Registration.state.in_(TAKES_PART), Registration.opened_at.is_not(None))


def registrations(db: Database, meeting: Meeting, filters: Filters, order: Order, page: int) -> Listing:
    """A page of the desk's list."""
    return _page(db, _at_desk(meeting, filters), order, page)


def counts_by_state(db: Database, meeting: Meeting, filters: Filters) -> dict[str, int]:
    """How many of those who fit everything else stand in each state, whatever `filters` say of the state."""
    wanted = _at_desk(meeting, filters.having("state")).with_only_columns(Registration.state, func.count())
    counts = {state: count for state, count in db.execute(wanted.group_by(Registration.state))}  # noqa: C416
    return {state: counts.get(state, 0) for state in STATES}


def registration_ids(db: Database, meeting: Meeting, filters: Filters, order: Order) -> list[int]:
    """Everybody on the desk's list in its order, for a file that is then read piece by piece."""
    wanted = _at_desk(meeting, filters).with_only_columns(Registration.id)
    return list(db.scalars(_ordered(db, wanted, order)))


def registrations_by_id(db: Database, ids: Sequence[int]) -> list[Registration]:
    """These registrations in this order, as they are now; who was erased meanwhile is left out."""
    found = db.scalars(select(Registration).where(Registration.id.in_(ids), Registration.erased_at.is_(None)))
    known = {one.id: one for one in found}
    return [known[one] for one in ids if one in known]


def registrations_by_reference(db: Database, meeting: Meeting, references: Collection[str]) -> dict[str, Registration]:
    """Those of a meeting that have one of these references, by it."""
    wanted = select(Registration).filter_by(meeting_id=meeting.id, erased_at=None)
    rows = db.scalars(wanted.where(Registration.reference.in_(references)))
    return {one.reference: one for one in rows}


def arrivals(db: Database, meeting: Meeting, filters: Filters, after: Registration | None) -> list[int]:
    """Who fits now in the order in which they registered, from the one that came after `after`."""
    wanted = _at_desk(meeting, filters).with_only_columns(Registration.id)
    if after is not None:
        later = and_(Registration.registered_at == after.registered_at, Registration.id > after.id)
        wanted = wanted.where(or_(Registration.registered_at > after.registered_at, later))
    return list(db.scalars(wanted.order_by(Registration.registered_at, Registration.id)))


def places_in_line(db: Database, meeting: Meeting, ids: Collection[int]) -> dict[int, int]:
    """At which place of the waiting list each of these stands who waits, the first being 1."""
    place = func.row_number().over(order_by=(Registration.turn, Registration.id)).label("place")
    waiting = (Registration.meeting_id == meeting.id, Registration.state == State.WAITING)
    line = select(Registration.id, place).where(*waiting).subquery()
    rows = db.execute(select(line.c.id, line.c.place).where(line.c.id.in_(ids)))
    return {one: at for one, at in rows}  # noqa: C416


def _at_desk(meeting: Meeting, filters: Filters) -> Select[Registration]:
    wanted = select(Registration).filter_by(meeting_id=meeting.id, erased_at=None)
    return wanted.where(*fits(filters, meeting), *(known(word) for word in filters.words))


def _page(db: Database, wanted: Select[Registration], order: Order, page: int) -> Listing:
    total = db.scalar(wanted.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.scalars(_ordered(db, wanted, order).limit(PAGE).offset((page - 1) * PAGE))
    return Listing(list(rows), total, page, pages)


def _ordered(db: Database, wanted: Select[Any], order: Order) -> Select[Any]:
    keys = [*ORDERS[order.by](), _by_letters(db, Registration.searched), Registration.id]
    if order.by == "line":  # those who do not wait stand behind those who do, whichever way these are sorted
        wanted = wanted.order_by(case((Registration.state == State.WAITING, 0), else_=1))
    return wanted.order_by(*(key.desc() if order.down else key.asc() for key in keys))


def _by_letters(db: Database, column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Sorted letter by letter, which is what is meant of folded texts. PostgreSQL would else leave out the line breaks."""
    return collate(column, "C") if db.get_bind().dialect.name == "postgresql" else column.expression
