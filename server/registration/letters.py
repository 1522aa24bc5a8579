"""How letters to those who register are worded.

Nothing that was typed into the form stands in them: whoever enters a stranger's address cannot make us carry a text.
A reminder says what the organisers wrote, and nothing of anybody else.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from server import clock
from server.database import Database
from server.mail import Composer, Content
from server.meetings.addresses import home
from server.meetings.models import Meeting
from server.people.addresses import sign_in_page
from server.people.queries import person_by_address
from server.registration.claiming import new_reference
from server.registration.links import confirming_link, private_link
from server.registration.models import Attendance, Registration, Reminder
from server.registration.queries import reason_of
from server.registration.reminders import TEMPLATE as REMINDER
from server.registration.states import State
from server.registration.words import ATTENDANCES, STATES
from server.schedule.addresses import my_schedule, private_calendar, programme_page
from server.schedule.queries import private_calendar_of
from server.settings import Settings
from server.web import language
from server.web.language import N_, gettext, pick
from server.web.render import day, hour, render, zone_name

SUBJECTS = {
    "again": N_("Your registration for %(meeting)s: nothing has changed"),
    "link": N_("Your new private link for %(meeting)s"),
    "address": N_("Confirm your mail address for %(meeting)s"),
    "address_left": N_("Your registration for %(meeting)s goes to another address"),
}
STATE_SUBJECTS: dict[str, str] = {
    State.CONFIRMED: N_("Your registration for %(meeting)s"),
    State.CHECKED_IN: N_("Your registration for %(meeting)s"),
    State.WAITING: N_("Your registration for %(meeting)s: you are on the waiting list"),
    State.OFFERED: N_("A place at %(meeting)s is offered to you"),
    State.PENDING: N_("Your registration for %(meeting)s waits for approval"),
    State.DECLINED: N_("Your registration for %(meeting)s cannot be confirmed"),
    State.WITHDRAWN: N_("Your registration for %(meeting)s is withdrawn"),
}
#: Letters of which thousands leave at once.
CROWD = frozenset({REMINDER})


def composers(settings: Settings) -> dict[str, Composer]:
    """The letters of this feature by name."""
    named = {f"registration.{name}": _composer(name, settings) for name in SUBJECTS}
    return {**named, "registration.state": _state_composer(settings), REMINDER: _reminder_composer(settings)}


def _composer(name: str, settings: Settings) -> Composer:
    def compose(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        registration = _known(db, ids, new=name == "address")
        if registration is None:
            return None
        return _content(db, f"registration/letters/{name}.txt", SUBJECTS[name], registration, settings)

    return compose


def _state_composer(settings: Settings) -> Composer:
    def compose(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        registration = _known(db, ids)
        if registration is None or _told_as(registration.state) != _told_as(ids["state"]):
            return None  # it stands elsewhere by now, and another letter says where
        subject = STATE_SUBJECTS[registration.state]
        kind, reason = ids["kind"], reason_of(db, registration)
        return _content(db, "registration/letters/state.txt", subject, registration, settings, kind=kind, reason=reason)

    return compose


def _told_as(state: str) -> str:
    """Of having checked in no letter tells: who has is confirmed."""
    return State.CONFIRMED if state == State.CHECKED_IN else state


def _reminder_composer(settings: Settings) -> Composer:
    def compose(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        reminder, registration = db.get(Reminder, ids["reminder"]), _known(db, ids)
        if reminder is None or reminder.stopped_at is not None:
            return None
        if registration is None or registration.out:
            return None
        return _reminder(db, reminder, registration, settings)

    return compose


def _reminder(
    db: Database, reminder: Reminder, registration: Registration, settings: Settings, *, calendar: str | None = None
) -> Content:
    template, body = "registration/letters/reminder.txt", pick(reminder.body)
    made = _content(db, template, "", registration, settings, calendar=calendar, body=body)
    return replace(made, subject=pick(reminder.subject))


def reminder_example(db: Database, reminder: Reminder, meeting: Meeting, tag: str, settings: Settings) -> Content:
    """A reminder in a language as its readers will get it, of somebody whose reference and links are made up."""
    prefix = new_reference(meeting.short_name, meeting.slug).rpartition("-")[0]
    states, ways = reminder.filters.get("state"), reminder.filters.get("attendance")
    somebody = Registration(
        meeting=meeting, reference=f"{prefix}-EXAMPLE", generation=1, email="", new_email="", offer_until=None,
        state=states[0] if states else State.CONFIRMED, attendance=ways[0] if ways else Attendance.ONSITE,
    )  # fmt: skip
    token = language.current.set(tag)
    try:
        calendar = settings.base_url + private_calendar("example")
        return _reminder(db, reminder, somebody, settings, calendar=calendar)
    finally:
        language.current.reset(token)


def _known(db: Database, ids: Mapping[str, Any], *, new: bool = False) -> Registration | None:
    """The registration, unless it is erased, or has another address (or new one) by now than the letter goes to."""
    registration = db.get(Registration, ids["registration"])
    if registration is None or registration.erased_at is not None:
        return None
    address = registration.new_email if new else registration.email
    return registration if ids.get("email", address) == address else None


def _content(
    db: Database,
    template: str,
    subject: str,
    registration: Registration,
    settings: Settings,
    *,
    calendar: str | None = None,
    **more: Any,
) -> Content:
    meeting = registration.meeting
    called = pick(meeting.name) or meeting.short_name
    link = private_link(registration, settings)
    confirm = confirming_link(registration, settings)
    calendar = _calendar(db, registration, settings) if calendar is None else calendar
    text = render(
        template,
        meeting=meeting,
        called=called,
        registration=registration,
        state=registration.state,
        state_words=STATES[registration.state],
        attendance=ATTENDANCES[registration.attendance],
        until=_instant(registration.offer_until, meeting.timezone),
        link=link,
        confirm=confirm,
        calendar=calendar,
        choose=settings.base_url + sign_in_page(my_schedule(meeting.slug)),
        home=settings.base_url + home(meeting.slug),
        programme=settings.base_url + programme_page(meeting.slug),
        **more,
    )
    names = {link: gettext("Open your registration"), confirm: gettext("Confirm this address")}
    subject = gettext(subject) % {"meeting": meeting.short_name or called}
    return Content(subject, text, {**names, calendar: gettext("Subscribe to your calendar")})


def _instant(moment: datetime | None, zone: str) -> str:
    """An instant on the venue's clock, in one line: `2 September 2014, 18:00 Istanbul time`."""
    if moment is None:
        return ""
    return f"{day(clock.local(moment, zone).date(), 'long')}, {hour(moment, zone)} {zone_name(zone)}"


def _calendar(db: Database, registration: Registration, settings: Settings) -> str:
    """The address of the private calendar of who may take part; empty for who is out, and where it is revoked."""
    person = person_by_address(db, registration.email)
    if person is None or registration.out:
        return ""
    path = private_calendar_of(db, person, registration.meeting, settings)
    return settings.base_url + path if path else ""
