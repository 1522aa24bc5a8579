"""A version as it is read: what the document says about itself, and the whole of it as plain text and as Markdown."""

import re
import textwrap
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from server import clock, markdown
from server.meetings.models import Meeting
from server.outputs.addresses import output_page
from server.outputs.models import Version
from server.outputs.source import tamed
from server.schedule.addresses import session_page
from server.schedule.models import Session
from server.web import render
from server.web.language import direction, gettext, language_of, pick

WIDTH = 78


@dataclass(frozen=True)
class Fact:
    """Something that a document says about itself: label, words, where they lead, and their language if it is known."""

    label: str
    words: str
    href: str = ""
    lang: str = ""

    @property
    def dir(self) -> str:
        """The direction of the words."""
        return direction(self.lang) if self.lang else "auto"


def day_of(moment: datetime | None, meeting: Meeting) -> date | None:
    """The day of an instant at the venue."""
    return clock.local(moment, meeting.timezone).date() if moment else None


def kind_of(version: Version) -> str:
    """What the document is, and which version of it."""
    return gettext("Chair's Summary, version %(number)s") % {"number": version.number}


def facts_of(version: Version) -> list[Fact]:
    """Where the document comes from: meeting, session, people, sign-off, publication, correction."""
    meeting, session = version.output.meeting, version.output.session
    track = session.track
    found = [
        Fact(gettext("Meeting"), _meeting(meeting), f"/{meeting.slug}"),
        Fact(gettext("Session"), _session(session), session_page(meeting.slug, session.code)),
        Fact(gettext("Held"), _held(session)),
        Fact(pick(meeting.track_label) or gettext("Track"), pick(track.name), lang=language_of(track.name))
        if track
        else None,
        Fact(gettext("Chair"), version.chair),
        Fact(gettext("Rapporteur"), version.rapporteur),
        Fact(gettext("Sign-off"), sign_off_of(version)),
        Fact(gettext("Published"), _day(day_of(version.published_at, meeting))),
        Fact(gettext("What was corrected"), version.correction, lang=version.lang),
    ]
    return [fact for fact in found if fact and fact.words]


def sign_off_of(version: Version) -> str:
    """Who answers for the text, in whose name, and since when; empty for what is not signed off."""
    if version.signed_at is None:
        return ""
    said = {"name": version.signed_name, "chair": version.chair}
    said["day"] = _day(day_of(version.signed_at, version.output.meeting))
    if version.signed_for_chair:
        return gettext("Signed off by %(name)s in the name of the chair %(chair)s, %(day)s") % said
    return gettext("Signed off by %(name)s as chair of the session, %(day)s") % said


def citation_of(version: Version, base_url: str) -> str:
    """How to cite this version, with the address under which it stays."""
    meeting = version.output.meeting
    said = {
        "meeting": meeting.short_name or pick(meeting.name),
        "title": version.title,
        "session": version.output.session.code.upper(),
        "version": version.number,
        "day": _day(day_of(version.published_at, meeting)),
        "address": _address(version, base_url),
    }
    words = gettext("%(meeting)s, “%(title)s” (%(session)s), Chair's Summary, version %(version)s, %(day)s.")
    return f"{words % said} {said['address']}"


def as_text(version: Version, base_url: str) -> str:
    """The document as plain text in lines of 78 columns; text without spaces between words is left in one piece."""
    title = _wrapped(version.title)
    lines = [title, "=" * min(WIDTH, max(map(_columns, title.split("\n")))), kind_of(version), ""]
    facts = [*facts_of(version), *_addresses(version, base_url)]
    lines += [_wrapped(f"{fact.label}: {fact.words}", hang="    ") for fact in facts]
    paragraphs = [_wrapped(markdown.to_plain(paragraph["text"])) for paragraph in version.paragraphs]
    return "\n".join(lines) + "\n\n" + "-" * WIDTH + "\n\n" + "\n\n".join(paragraphs) + "\n"


def as_markdown(version: Version, base_url: str) -> str:
    """The document as Markdown that shows nothing more in another program than it does here."""
    lines = [f"# {_escaped(version.title)}", "", f"**{_escaped(kind_of(version))}**", ""]
    for fact in [*facts_of(version), *_addresses(version, base_url)]:
        words = f"<{fact.href}>" if fact.href == fact.words else _escaped(fact.words)
        lines.append(f"- **{_escaped(fact.label)}:** {words}")
    paragraphs = [tamed(paragraph["text"]) for paragraph in version.paragraphs]
    return "\n".join(lines) + "\n\n---\n\n" + "\n\n".join(paragraphs) + "\n"


def _addresses(version: Version, base_url: str) -> list[Fact]:
    """Both addresses stand in every file, so that a kept copy leads to the newest version and never changes itself."""
    output = version.output
    newest = base_url + output_page(output.meeting.slug, output.slug)
    this = _address(version, base_url)
    return [Fact(gettext("This version"), this, this), Fact(gettext("Newest version"), newest, newest)]


def _address(version: Version, base_url: str) -> str:
    return base_url + output_page(version.output.meeting.slug, version.output.slug, version.number)


def _meeting(meeting: Meeting) -> str:
    name = pick(meeting.name) or meeting.short_name
    place = {"city": pick(meeting.city), "country": pick(meeting.country)}
    where = gettext("%(city)s, %(country)s") % place if all(place.values()) else place["city"] or place["country"]
    return gettext(", ").join(part for part in (name, where, render.days(meeting.first_day, meeting.last_day)) if part)


def _session(session: Session) -> str:
    return f"{pick(session.type.name)} {session.code.upper()}"


def _held(session: Session) -> str:
    zone = session.meeting.timezone
    if session.starts_at is None:
        return _day(session.day)
    hours = render.hour(session.starts_at, zone)
    if session.ends_at is not None and not session.end_is_estimate:
        hours = f"{hours}–{render.hour(session.ends_at, zone)}"
    day = _day(day_of(session.starts_at, session.meeting))
    return gettext("%(day)s, %(hours)s") % {"day": day, "hours": f"{hours} ({render.zone_name(zone)})"}


def _day(value: date | None) -> str:
    return render.day(value, "long") if value else ""


def _escaped(words: str) -> str:
    """The words so that no Markdown program reads a mark into them; an address within stays an address."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!&])", r"\\\1", " ".join(words.split()))


def _wrapped(words: str, hang: str = "") -> str:
    return "\n".join(_broken(line, hang or ("  " if line.startswith("- ") else "")) for line in words.split("\n"))


def _broken(line: str, hang: str) -> str:
    if len(line) <= WIDTH or _columns(line) > len(line):
        return line
    return textwrap.fill(line, WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)


def _columns(line: str) -> int:
    """How wide a line is where Chinese, Japanese and Korean characters take two columns (UAX 11)."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
