"""Statistics are plain counts of those who take part, by group, region, country and attendance."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from server.registration.countries import region_of
from server.registration.words import ATTENDANCES, GROUPS, REGIONS
from server.web.render import country_name


@dataclass(frozen=True)
class Count:
    """How many there are of one kind, and what it is called."""

    name: str
    count: int


@dataclass(frozen=True)
class Numbers:
    """The numbers of a meeting. Groups, regions and ways to attend are all there, also those with nobody."""

    total: int
    groups: list[Count]
    regions: list[Count]
    attendances: list[Count]
    countries: list[Count]


def numbers_of(composition: Iterable[tuple[str, str, str, int]]) -> Numbers:
    """The numbers in `registration.queries.composition`, countries with most people first."""
    groups, regions, attendances, countries = (Counter[str]() for _ in range(4))
    for country, group, attendance, count in composition:
        groups[group] += count
        regions[region_of(country, group)] += count
        attendances[attendance] += count
        countries[country] += count
    by_name = [Count(country_name(code), count) for code, count in countries.items()]
    return Numbers(
        total=groups.total(),
        groups=_in_order(GROUPS, groups),
        regions=_in_order(REGIONS, regions),
        attendances=_in_order(ATTENDANCES, attendances),
        countries=sorted(by_name, key=lambda one: (-one.count, one.name)),
    )


def _in_order(names: dict[str, str], counts: Counter[str]) -> list[Count]:
    return [Count(str(name), counts[key]) for key, name in names.items()]
