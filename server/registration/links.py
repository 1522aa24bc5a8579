"""A private link is an address that only its owner has: sealed from the reference, revoked by the generation."""

import re
from datetime import datetime

from sqlalchemy import select

from server.database import Database
from server.problems import NotFound
from server.registration.addresses import confirming_page, own_page
from server.registration.models import Registration
from server.settings import Settings
from server.tokens import handle_of, is_sealed, seal
from server.web.language import N_

_KIND = "registration"
#: What somebody hears whose link confirms nothing.
LINK_OVER = N_(
    "This link is no longer good: it has been used already, or its time is over. "
    "With your private link you can have a new one sent."
)
_NEW_ADDRESS = "registration address"
_HANDLE = re.compile(r"[a-z0-9-]{1,20}")


def secret_of(registration: Registration, settings: Settings) -> str:
    """The secret part of somebody's private link, as it is now."""
    key = settings.secret.get_secret_value()
    return seal(key, _KIND, registration.reference.lower(), registration.generation)


def private_link(registration: Registration, settings: Settings) -> str:
    """The whole address, for a letter."""
    return settings.base_url + own_page(secret_of(registration, settings))


def confirming_link(registration: Registration, settings: Settings) -> str:
    """The whole address at which the new mail address of a registration is confirmed, for a letter to it.

    It is good for that address only, and for as long as nothing else about the links has changed.
    """
    key, handle = settings.secret.get_secret_value(), registration.reference.lower()
    sealed = seal(key, f"{_NEW_ADDRESS}:{registration.new_email}", handle, registration.generation)
    return settings.base_url + confirming_page(sealed)


def registration_to_confirm(db: Database, secret: str, settings: Settings, now: datetime) -> Registration:
    """The registration that waits for its new address to be confirmed by this secret; raises NotFound.

    A wrong secret, one that was used and one whose time is over get the same answer.
    """
    found = _named(db, secret)
    if found is not None and found.new_email and found.new_email_until and now < found.new_email_until:
        kind = f"{_NEW_ADDRESS}:{found.new_email}"
        if is_sealed(secret, settings.secret.get_secret_value(), kind, found.generation):
            return found
    raise NotFound(LINK_OVER)


def _named(db: Database, secret: str) -> Registration | None:
    handle = handle_of(secret)
    if not _HANDLE.fullmatch(handle):
        return None
    return db.scalars(select(Registration).filter_by(reference=handle.upper(), erased_at=None)).first()


def registration_behind(db: Database, secret: str, settings: Settings) -> Registration:
    """The registration whose private link has this secret; raises NotFound.

    A wrong secret and a revoked one get the same answer, compared in constant time.
    """
    found = _named(db, secret)
    if found is not None and is_sealed(secret, settings.secret.get_secret_value(), _KIND, found.generation):
        return found
    raise NotFound(
        N_(
            "This link leads to no registration. A newer one may have replaced it: look for our latest letter, "
            "or register again with the same address and we send you the link that works."
        )
    )
