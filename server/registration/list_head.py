"""The head of the desk's list: what it can be narrowed to and sorted by, in words and as links."""

from server.database import Database
from server.meetings.models import Meeting
from server.registration.addresses import desk_list
from server.registration.filters import Filters
from server.registration.listing import Order, counts_by_state
from server.registration.words import ATTENDANCES, GROUPS, REGIONS, STATES
from server.web.language import LANGUAGES, lazy
from server.web.render import country_name

#: The columns of the list by which it can be sorted.
HEADS = {
    "name": lazy("Name"),
    "state": lazy("State"),
    "line": lazy("Place in line"),
    "registered": lazy("Registered"),
    "organisation": lazy("Organisation"),
    "country": lazy("Country or area"),
    "group": lazy("Stakeholder group"),
}
LINKS = {"unopened": lazy("Not opened yet"), "opened": lazy("Opened")}
#: What a filter is called, and what its values are.
FILTERS: dict[str, tuple[str, dict[str, str]]] = {
    "q": (lazy("Search"), {}),
    "state": (lazy("State"), STATES),
    "group": (lazy("Stakeholder group"), GROUPS),
    "attendance": (lazy("Attendance"), ATTENDANCES),
    "country": (lazy("Country or area"), {}),
    "region": (lazy("Regional group"), REGIONS),
    "language": (lazy("Language of letters"), LANGUAGES),
    "link": (lazy("Private link"), LINKS),
    "since": (lazy("Registered since"), {}),
    "until": (lazy("Registered until"), {}),
}


def heads(meeting: Meeting, filters: Filters, order: Order) -> list[tuple[str, str, str]]:
    """Of each column by which the list can be sorted: what it is called, where that is done, how it is sorted now."""
    found = []
    for by, called in HEADS.items():
        standing = "" if by != order.by else "descending" if order.down else "ascending"
        address = desk_list(meeting.slug, [*filters.pairs, *order.turned(by).pairs])
        found.append((called, address, standing))
    return found


def states(db: Database, meeting: Meeting, filters: Filters, order: Order) -> list[tuple[str, int, str, bool]]:
    """Each state in which somebody stands who fits otherwise: its words, how many, their list, whether it is this one."""
    counts = counts_by_state(db, meeting, filters)
    wanted = filters.of("state")

    def link(called: str, count: int, *state: str) -> tuple[str, int, str, bool]:
        address = desk_list(meeting.slug, [*filters.having("state", *state).pairs, *order.pairs])
        return called, count, address, wanted == state

    every = link(lazy("All"), sum(counts.values()))
    return [every, *(link(STATES[one], count, one) for one, count in counts.items() if count or wanted == (one,))]


def said(filters: Filters) -> list[tuple[str, list[str]]]:
    """The filters in words: what each is called, and what is wanted under it."""
    return [
        (
            FILTERS[name][0],
            [country_name(value) if name == "country" else FILTERS[name][1].get(value, value) for value in values],
        )
        for name, values in filters.values.items()
    ]
