"""What changed in the programme, version by version, as an Atom feed (RFC 4287)."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from feedgenerator import Atom1Feed
from markupsafe import Markup, escape

from server.meetings.models import Meeting
from server.schedule import addresses
from server.schedule.filters import Filter
from server.schedule.versions import Change, Told
from server.schedule.words import clean, meeting_name
from server.web import language
from server.web.language import gettext, ngettext

#: Versions that the feed tells of.
SHOWN = 20
#: Under this name the feed and its entries get ids (RFC 4287 4.2.6) that outlive a change of address. It must never change.
_IDS = uuid.UUID("c2a1b6f4-0f0e-5b8a-8a55-2d3d6c6b9f10")


def atom(meeting: Meeting, log: Sequence[Told], shown: set[str] | None, chosen: Filter, base_url: str) -> bytes:
    """These versions, newest first, in the current language; with `shown` only what concerns these sessions, by code."""
    query = chosen.query_string()
    name = gettext("%(meeting)s: what changed in the programme") % {"meeting": meeting_name(meeting)}
    feed = Atom1Feed(
        title=name,
        link=base_url + addresses.changes_page(meeting.slug),
        description=None,
        language=language.current.get(),
        feed_url=base_url + addresses.programme_feed(meeting.slug, "atom", query),
        feed_guid=_id(meeting, query),
        author_name=meeting_name(meeting),
    )
    for version in _concerning(log, shown):
        feed.add_item(
            title=_title(version),
            link=base_url + f"{addresses.changes_page(meeting.slug)}#v{version.number}",
            description=None,
            content=clean(_content(meeting, version, base_url)),
            unique_id=_id(meeting, query, str(version.number)),
            pubdate=version.published_at,
            updateddate=version.published_at,
        )
    written: str = feed.writeString("utf-8")
    return written.encode()


def _concerning(log: Sequence[Told], shown: set[str] | None) -> list[Told]:
    if shown is None:
        return list(log)
    kept = [replace(one, changes=[change for change in one.changes if change.code in shown]) for one in log]
    return [one for one in kept if one.changes]


def _title(version: Told) -> str:
    count = len(version.changes)
    words = gettext("Version %(number)s") % {"number": version.number}
    if not count:
        return words
    changed = ngettext("%(count)s session changed", "%(count)s sessions changed", count) % {"count": count}
    return f"{words}: {changed}"


def _content(meeting: Meeting, version: Told, base_url: str) -> str:
    note = Markup("<p>{}</p>").format(version.note) if version.note else Markup("")
    lines = Markup("").join(
        Markup('<li><a href="{}">{}</a>: {}</li>').format(
            base_url + addresses.session_page(meeting.slug, change.code),
            f"{change.code.upper()} {language.pick(change.after['title'])}",
            _told(change),
        )
        for change in version.changes
    )
    return str(note + (Markup("<ul>{}</ul>").format(lines) if version.changes else ""))


def _told(change: Change) -> Markup:
    return Markup("; ").join(escape(one.sentence) for one in change.differences)


def _id(meeting: Meeting, *what: str) -> str:
    return uuid.uuid5(_IDS, "/".join((meeting.slug, *what))).urn
