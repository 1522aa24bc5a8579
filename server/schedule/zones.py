"""Time zones from which a reader chooses their own."""

from functools import lru_cache
from zoneinfo import available_timezones

from server import clock

_REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def zones_by_region() -> dict[str, list[str]]:
    """Every zone that is named after a place, by region: `{"Asia": ["Asia/Aden", ...], ...}`."""
    names = sorted(available_timezones())
    return {region: [name for name in names if name.startswith(f"{region}/")] for region in _REGIONS}


def chosen_zone(given: str | None) -> str | None:
    """The zone a reader asks for, or None where there is no such zone."""
    return given if given and clock.is_zone(given) else None
