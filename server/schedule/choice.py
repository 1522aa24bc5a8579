"""What a reader of the programme page chose: a filter, a view, and a time zone of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import available_timezones

from server import clock
from server.schedule import addresses
from server.schedule.filters import Filter
from server.web.language import N_

#: What can be made of a programme; the first is what an address without `view` shows.
VIEWS: dict[str, str] = {
    "list": N_("List"),
    "grid": N_("Grid"),
    "now": N_("Now and next"),
    "rooms": N_("By room"),
    "tracks": N_("By track"),
    "people": N_("By person"),
}
_FIRST = next(iter(VIEWS))
_REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@dataclass(frozen=True)
class Choice:
    """All of it is in the page's address, so a choice can be kept, sent to somebody and subscribed to."""

    slug: str
    filter: Filter = field(default_factory=Filter)
    view: str = _FIRST
    zone: str | None = None

    @classmethod
    def parse(cls, slug: str, pairs: Sequence[tuple[str, str]]) -> "Choice":
        """From the pairs of a query string; a view or a zone that does not exist says nothing."""
        given = dict(pairs)
        view = given.get("view", "")
        return cls(slug, Filter.parse(pairs), view if view in VIEWS else _FIRST, chosen_zone(given.get("tz")))

    def link(self, **changes: str | Filter) -> str:
        """The page with another `filter` or `view`; what else was chosen stays."""
        return replace(self, **changes).address  # type: ignore[arg-type]

    def on_day(self, day: str) -> str:
        """The page with this day alone."""
        return self.link(filter=self.filter.replaced("day", day))

    @property
    def every_day(self) -> str:
        """The page with all days."""
        return self.link(filter=self.filter.replaced("day"))

    @property
    def everything(self) -> str:
        """The page without a filter."""
        return self.link(filter=Filter())

    def of_person(self, name: str) -> str:
        """All sessions in which somebody is named, as a list."""
        return self.link(filter=Filter().replaced("person", name), view=_FIRST)

    @property
    def booklet(self) -> str:
        """The same sessions made for printing."""
        return addresses.booklet(self.slug, self.filter.query_string())

    @property
    def address(self) -> str:
        """The page as it is."""
        own = ([("view", self.view)] if self.view != _FIRST else []) + ([("tz", self.zone)] if self.zone else [])
        query = urlencode([*self.filter.pairs(), *own])
        return addresses.programme_page(self.slug) + (f"?{query}" if query else "")


def chosen_zone(given: str | None) -> str | None:
    """The zone a reader asks for, or None where there is no such zone."""
    return given if given and clock.is_zone(given) else None


@lru_cache(maxsize=1)
def zones_by_region() -> dict[str, list[str]]:
    """Every zone that is named after a place, by region: `{"Asia": ["Asia/Aden", ...], ...}`."""
    names = sorted(available_timezones())
    return {region: [name for name in names if name.startswith(f"{region}/")] for region in _REGIONS}
