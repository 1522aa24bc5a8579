"""How letters about a changed programme are worded."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from server.database import Database
from server.mail import Composer, Content
from server.meetings.models import Meeting
from server.people.models import Person
from server.schedule import addresses
from server.schedule.versions import change_log
from server.settings import Settings
from server.web.language import gettext, ngettext, pick
from server.web.render import render


def composers(settings: Settings) -> dict[str, Composer]:
    """The letters of this feature by name."""

    def changed(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        meeting, person = db.get(Meeting, ids["meeting"]), db.get(Person, ids["person"])
        told = change_log(db, meeting, numbers=[ids["version"]], all_of_first=True) if meeting and person else []
        changes = [one for version in told for one in version.changes if one.code in ids["codes"]]
        if meeting is None or not changes:
            return None  # the meeting is gone
        text = render(
            "schedule/letters/changed.txt",
            meeting=meeting,
            called=pick(meeting.name) or meeting.short_name,
            version=told[0],
            changes=changes,
            base_url=settings.base_url,
            session_page=addresses.session_page,
            changes_page=settings.base_url + addresses.changes_page(meeting.slug),
            my_schedule=settings.base_url + addresses.my_schedule(meeting.slug),
        )
        name = meeting.short_name or pick(meeting.name)
        subject = ngettext("%(meeting)s: a session has changed", "%(meeting)s: sessions have changed", len(changes))
        only_new = all(one.before is None for one in changes)
        if only_new:
            subject = gettext("%(meeting)s: you are in the programme")
        return Content(subject % {"meeting": name}, text, _names(settings, meeting, [one.code for one in changes]))

    return {"schedule.changed": changed}


def _names(settings: Settings, meeting: Meeting, codes: Iterable[str]) -> dict[str, str]:
    """What the links to sessions are called, by address."""
    pages = {code: settings.base_url + addresses.session_page(meeting.slug, code) for code in codes}
    return {page: gettext("See %(code)s") % {"code": code.upper()} for code, page in pages.items()}
