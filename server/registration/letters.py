"""How letters to those who register are worded.

Nothing that was typed into the form stands in them: whoever enters a stranger's address cannot make us carry a text.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.database import Database
from server.mail import Composer, Content
from server.meetings.addresses import home
from server.people.addresses import sign_in_page
from server.people.queries import person_by_address
from server.registration.links import private_link
from server.registration.models import Registration
from server.registration.words import ATTENDANCES, STATES
from server.schedule.addresses import my_schedule, programme_page
from server.schedule.queries import private_calendar_of
from server.settings import Settings
from server.web.language import N_, gettext, pick
from server.web.render import render

SUBJECTS = {
    "confirmed": N_("Your registration for %(meeting)s"),
    "again": N_("Your registration for %(meeting)s: nothing has changed"),
    "withdrawn": N_("Your registration for %(meeting)s is withdrawn"),
    "link": N_("Your new private link for %(meeting)s"),
}


def composers(settings: Settings) -> dict[str, Composer]:
    """The letters of this feature by name."""
    return {f"registration.{name}": _composer(name, settings) for name in SUBJECTS}


def _composer(name: str, settings: Settings) -> Composer:
    def compose(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        registration = db.get(Registration, ids["registration"])
        return _content(db, name, registration, settings) if registration is not None else None

    return compose


def _content(db: Database, name: str, registration: Registration, settings: Settings) -> Content:
    meeting = registration.meeting
    called = pick(meeting.name) or meeting.short_name
    text = render(
        f"registration/letters/{name}.txt",
        meeting=meeting,
        called=called,
        registration=registration,
        state=STATES[registration.state],
        attendance=ATTENDANCES[registration.attendance],
        link=private_link(registration, settings),
        calendar=_calendar(db, registration, settings),
        choose=settings.base_url + sign_in_page(my_schedule(meeting.slug)),
        home=settings.base_url + home(meeting.slug),
        programme=settings.base_url + programme_page(meeting.slug),
    )
    return Content(gettext(SUBJECTS[name]) % {"meeting": meeting.short_name or called}, text)


def _calendar(db: Database, registration: Registration, settings: Settings) -> str:
    """The address of the private calendar of who takes part; empty where it is revoked."""
    person = person_by_address(db, registration.email)
    if person is None or registration.withdrawn:
        return ""
    path = private_calendar_of(db, person, registration.meeting, settings)
    return settings.base_url + path if path else ""
