"""The address of somebody's private calendar: sealed from the feed's handle, revoked by its generation."""

import re

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from server.database import Database
from server.problems import NotFound
from server.schedule.addresses import private_calendar
from server.schedule.models import PrivateFeed
from server.settings import Settings
from server.tokens import handle_of, is_sealed, seal
from server.web.language import N_

_KIND = "calendar"
_HANDLE = re.compile(r"[a-z0-9]{1,20}")


def path_of(feed: PrivateFeed, settings: Settings) -> str:
    """The path of the private calendar as it is now; empty when it is revoked."""
    if feed.revoked:
        return ""
    return private_calendar(seal(settings.secret.get_secret_value(), _KIND, feed.handle, feed.generation))


def feed_behind(db: Database, secret: str, settings: Settings) -> PrivateFeed:
    """The private feed at the address with this secret; raises NotFound.

    A wrong secret and a revoked one get the same answer, compared in constant time.
    """
    handle = handle_of(secret)
    if _HANDLE.fullmatch(handle):
        query = select(PrivateFeed).filter_by(handle=handle).options(joinedload(PrivateFeed.meeting))
        found = db.scalars(query).first()
        good = found and is_sealed(secret, settings.secret.get_secret_value(), _KIND, found.generation)
        if found and good and not found.revoked:
            return found
    raise NotFound(
        N_("There is no calendar at this address. Its owner may have revoked it, or given it another address.")
    )
