"""How letters about signing in are worded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.database import Database
from server.mail import Composer, Content
from server.people.actions import make_link
from server.people.addresses import sign_in_link
from server.people.models import LINK_LASTS, Person
from server.settings import Settings
from server.web.language import gettext
from server.web.render import render


def composers(settings: Settings) -> dict[str, Composer]:
    """The letters of this feature by name."""

    def sign_in(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        # The link is made only now: its half hour begins when the letter leaves, and the outbox holds no secret.
        person = db.get(Person, ids["person_id"]) if ids["person_id"] is not None else None
        if person is None:
            return None
        link = sign_in_link(settings.base_url, make_link(db, person, LINK_LASTS, ids["next"], now))
        text = render(
            "people/sign_in.txt",
            person=person,
            link=link,
            minutes=int(LINK_LASTS.total_seconds() // 60),
            host=settings.base_url,
        )
        return Content(gettext("Your link to sign in"), text, {link: gettext("Open the page to sign in")})

    return {"people.sign_in": sign_in}
