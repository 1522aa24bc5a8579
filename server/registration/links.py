"""A private link is an address that only its owner has: sealed from the reference, revoked by the generation."""

import re

from sqlalchemy import select

from server.database import Database
from server.problems import NotFound
from server.registration.addresses import own_page
from server.registration.models import Registration
from server.settings import Settings
from server.tokens import handle_of, is_sealed, seal
from server.web.language import N_

_KIND = "registration"
_HANDLE = re.compile(r"[a-z0-9-]{1,20}")


def secret_of(registration: Registration, settings: Settings) -> str:
    """The secret part of somebody's private link, as it is now."""
    key = settings.secret.get_secret_value()
    return seal(key, _KIND, registration.reference.lower(), registration.generation)


def private_link(registration: Registration, settings: Settings) -> str:
    """The whole address, for a letter."""
    return settings.base_url + own_page(secret_of(registration, settings))


def registration_behind(db: Database, secret: str, settings: Settings) -> Registration:
    """The registration whose private link has this secret, held until the transaction ends; raises NotFound.

    A wrong secret and a revoked one get the same answer, compared in constant time.
    """
    handle = handle_of(secret)
    if _HANDLE.fullmatch(handle):
        found = db.scalars(select(Registration).filter_by(reference=handle.upper()).with_for_update()).first()
        if found and is_sealed(secret, settings.secret.get_secret_value(), _KIND, found.generation):
            return found
    raise NotFound(
        N_(
            "This link leads to no registration. A newer one may have replaced it: look for our latest letter, "
            "or register again with the same address and we send you the link that works."
        )
    )
