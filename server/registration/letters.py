"""How letters to those who register are worded."""

from server.mail import Composer
from server.settings import Settings


def composers(settings: Settings) -> dict[str, Composer]:
    """The letters of this feature by name."""
    return {}
