"""Countries (ISO 3166-1) as people choose them, and the regional group of the United Nations each belongs to."""

import csv
import unicodedata
from functools import lru_cache
from pathlib import Path

from babel import Locale

from server.registration.models import StakeholderGroup
from server.web import language

#: Codes of two letters that CLDR names and ISO 3166-1 does not assign to a country.
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])
_REGIONS = Path(__file__).with_name("regions.csv")

#: The 249 codes of ISO 3166-1 alpha-2.
CODES = frozenset(
    code
    for code in map(str, Locale("en").territories)
    if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
)


def country_choices(codes: frozenset[str] = CODES) -> list[tuple[str, str]]:
    """Code and name in the current language, in the order of the names."""
    return [choice for choice in _sorted_countries(language.current.get()) if choice[0] in codes]


@lru_cache
def _sorted_countries(tag: str) -> list[tuple[str, str]]:
    names = language.locale(tag).territories
    return sorted(((code, str(names.get(code, code))) for code in CODES), key=lambda pair: _in_order(pair[1]))


def _in_order(name: str) -> str:
    """Åland sorts with A, as a reader expects who does not know where Å stands."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


@lru_cache(maxsize=1)
def regional_groups() -> dict[str, str]:
    """The regional group of each of the 193 member states, by country code.

    Türkiye votes and stands for election in the Western European group; the United States attend it as an observer
    and are counted with it for elections.
    """
    with _REGIONS.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["group"] for row in csv.DictReader(file)}


def region_of(country: str, stakeholder_group: str) -> str:
    """The region under which somebody is counted; an intergovernmental organisation speaks for no country."""
    if stakeholder_group == StakeholderGroup.INTERGOVERNMENTAL:
        return "intergovernmental"
    return regional_groups().get(country, "none")
