"""How letters to those who serve at a meeting are worded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.database import Database
from server.mail import Composer, Content
from server.meetings.addresses import desk
from server.meetings.models import Grant, Meeting, Role
from server.people.actions import make_link
from server.people.addresses import sign_in_link
from server.people.models import INVITATION_LASTS
from server.settings import Settings
from server.web.language import gettext, pick
from server.web.render import render


def composers(settings: Settings) -> dict[str, Composer]:
    """The letters of this feature by name."""

    def invited(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        grant = db.get(Grant, {name: ids[name] for name in ("person_id", "meeting_id", "role")})
        if grant is None:
            return None  # the role was taken away before the letter left
        meeting = db.get_one(Meeting, grant.meeting_id)
        secret = make_link(db, grant.person, INVITATION_LASTS, desk(meeting.slug), now)
        link = sign_in_link(settings.base_url, secret)
        name = meeting.short_name or pick(meeting.name)
        text = render(
            "meetings/invited.txt",
            person=grant.person,
            meeting=meeting,
            role=Role(grant.role),
            link=link,
            base_url=settings.base_url,
            days=INVITATION_LASTS.days,
        )
        subject = gettext("Your role at %(meeting)s") % {"meeting": name}
        return Content(subject, text, {link: gettext("Open the page to sign in")})

    return {"meetings.invited": invited}
