"""What published figures of past meetings are called: measures, groups, regions and genders as lists of them name them."""

from collections.abc import Iterable

from server.registration.models import Gender, StakeholderGroup
from server.registration.words import GENDERS, GROUPS, REGIONS
from server.web.language import lazy
from server.web.render import country_name

PAST_WORDS: dict[str, str] = {
    "onsite_participants": lazy("Onsite"),
    "remote_participants": lazy("Online"),
    "participants_total": lazy("In all"),
    "registrations": lazy("Registered"),
    "countries": lazy("Countries and areas"),
    "first_time": lazy("First time"),
    "stakeholder_group": lazy("Stakeholder group"),
    "region": lazy("Region"),
    "gender": lazy("Gender"),
}
_NAMES: dict[str, str] = {
    **{group.replace("-", "_"): GROUPS[group] for group in StakeholderGroup},
    **{region.replace("-", "_"): name for region, name in REGIONS.items()},
    "intergovernmental": GROUPS[StakeholderGroup.INTERGOVERNMENTAL],
    "igo": REGIONS["intergovernmental"],
    "grulac": REGIONS["latin-american-caribbean"],
    "weog": REGIONS["western-european-others"],
    "host_country": lazy("Host country"),
    "female": GENDERS[Gender.WOMAN],
    "male": GENDERS[Gender.MAN],
    "other": GENDERS[Gender.OTHER],
}
#: Regions of the world, as their codes in M49 and CLDR.
_AREAS = {"asia": "142", "oceania": "009", "north_america": "003", "western_europe": "155", "europe": "150"}


def past_name(group: str) -> str:
    """What a group of such a list is called in the current language; its own word where nobody has another."""
    if group in _AREAS:
        return country_name(_AREAS[group])
    return str(_NAMES.get(group, group.replace("_", " ")))


def in_order(groups: Iterable[str]) -> list[str]:
    """The groups as the words above have them, those that nobody knows after them."""
    known = [*_NAMES, *_AREAS]
    return sorted(groups, key=lambda group: known.index(group) if group in known else len(known))
