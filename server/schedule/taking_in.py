"""Takes in what a file from elsewhere says: into the draft, by way of a preview, or published at once by a command."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from server.database import Database
from server.loading import Report
from server.meetings.actions import MeetingChanged
from server.meetings.models import Meeting, Mode
from server.meetings.parts import KINDS
from server.notices import post
from server.people.models import Person
from server.problems import NotFound
from server.schedule.actions import publish
from server.schedule.drafting import edit, take_turn, whole_plan
from server.schedule.facts import frame_of
from server.schedule.foreign import Foreign, read_foreign
from server.schedule.incoming import Frame, Incoming
from server.schedule.matching import matched
from server.schedule.models import Edit, Session, Status
from server.schedule.plan import Planned
from server.schedule.queries import published_version
from server.schedule.tables import read_table
from server.schedule.versions import Change, changes_between
from server.web.language import N_, gettext, pick

#: Under this name a uid is made of a foreign id that is none. It must never change.
_UIDS = uuid.UUID("5f0c0a0e-7a52-5d3b-8f53-0a5c5f6f8d21")
TABLES = (".csv", ".tsv", ".txt", ".xlsx")


@dataclass(frozen=True)
class Preview:
    """What taking a file in would do: sessions that change, parts that are new, codes that are gone, and notes."""

    changes: list[Change]
    incoming: Incoming

    @property
    def is_empty(self) -> bool:
        """Whether everything is as in the file already."""
        return not (self.changes or self.incoming.parts or self.incoming.sessions)


def incoming_of(db: Database, meeting: Meeting, name: str, content: bytes) -> Incoming:
    """What a file says, matched with the draft of a meeting. Raises Refused with every fault by its line."""
    planned = [one.planned for one in whole_plan(db, meeting).values()]
    if name.lower().endswith(TABLES):
        return read_table(name, content, Frame.of(meeting), planned)
    return _matched(db, meeting, read_foreign(name, content), planned)


def _matched(db: Database, meeting: Meeting, foreign: Foreign, planned: list[Planned]) -> Incoming:
    """Matched, with no uid that a session of another meeting has."""
    found = matched(foreign, Frame.of(meeting), planned, uuid.uuid5(_UIDS, meeting.slug))
    wanted = [one.uid for one in found.sessions]
    taken = select(Session.uid).where(Session.uid.in_(wanted), Session.meeting_id != meeting.id)
    others = set(db.scalars(taken))
    sessions = tuple(
        one.changed(uid=str(uuid.uuid5(_UIDS, f"{meeting.slug}/{one.uid}"))) if one.uid in others else one
        for one in found.sessions
    )
    return Incoming(sessions, found.parts, found.gone, found.notes)


def preview(db: Database, meeting: Meeting, incoming: Incoming) -> Preview:
    """What taking it in would change, in words of the current language."""
    plan = {code: one.planned for code, one in whole_plan(db, meeting).items()}
    frame = frame_of(meeting)
    grown = {**frame, **{kind: {**frame[kind], **_new(incoming, kind)} for kind in ("tracks", "types", "rooms")}}
    after = {**plan, **{one.code: one for one in incoming.sessions}}
    told = {one.code for one in incoming.sessions}
    changes = changes_between(plan, after, frame, grown)
    return Preview([change for change in changes if change.code in told], incoming)


def _new(incoming: Incoming, kind: str) -> dict[str, Any]:
    """The new parts of a kind as a frame has them."""
    return {part.key: {"name": part.name, **part.facts} for part in incoming.parts if part.kind == kind}


def take_in(
    db: Database,
    person: Person | None,
    meeting: Meeting,
    incoming: Incoming,
    now: datetime,
    *,
    cancel_gone: bool = False,
) -> Edit | None:
    """Plan what the file says, as one edit; what is gone from it is cancelled only when told to.

    New tracks, types and rooms are the meeting's at once, as those are that somebody adds at the desk.
    """
    if incoming.parts:
        _add_parts(db, meeting, incoming)
        post(db, MeetingChanged(meeting.id, now))
    wanted: dict[str, Planned | None] = {one.code: one for one in incoming.sessions}
    if cancel_gone:
        plan = whole_plan(db, meeting)
        wanted |= {
            code: plan[code].planned.changed(status=Status.CANCELLED.value) for code in incoming.gone if code in plan
        }
    return edit(db, person, meeting, "file", wanted, None, now)


def _add_parts(db: Database, meeting: Meeting, incoming: Incoming) -> None:
    for part in incoming.parts:
        kind = KINDS[part.kind]
        facts: Mapping[str, Any] = {"name": dict(part.name), **part.facts}
        position = len(kind.of(meeting)) + 1
        db.add(kind.record(meeting_id=meeting.id, key=part.key, position=position, **facts))
        db.flush()
        db.expire(meeting, ["tracks", "session_types", "rooms"])


def load_foreign(
    db: Database,
    slug: str,
    name: str,
    content: bytes,
    now: datetime,
    *,
    cancel_gone: bool = False,
    publish_it: bool = True,
    tell: bool = True,
) -> Report:
    """Load an exchange file or a table into the meeting at an address, which an exchange file makes if need be.

    Loading it again updates by its own ids, and changes nothing where nothing changed. Raises Refused.
    """
    report = Report()
    meeting = db.scalars(select(Meeting).filter_by(slug=slug)).first()
    if meeting is None and name.lower().endswith(TABLES):
        raise NotFound(N_("There is no meeting at this address."))
    if meeting is None:
        meeting = _meeting_for(db, slug, read_foreign(name, content))
        report.note(gettext("%(what)s %(key)s: new") % {"what": "meeting", "key": slug})
    take_turn(db, meeting)
    incoming = incoming_of(db, meeting, name, content)
    known = whole_plan(db, meeting)
    for part in incoming.parts:
        report.note(gettext("%(what)s %(key)s: new") % {"what": part.kind.removesuffix("s"), "key": part.key})
    for change in preview(db, meeting, incoming).changes:
        report.note(_line(change))
    for one in incoming.sessions:
        if one.code in known and not any(line.startswith(f"session {one.code}:") for line in report.lines):
            report.note(gettext("session %(code)s: changed") % {"code": one.code})
    made = take_in(db, None, meeting, incoming, now, cancel_gone=cancel_gone)
    for code in incoming.gone:
        words = (
            gettext("session %(code)s: cancelled")
            if cancel_gone
            else gettext("session %(code)s: not in the file, left as it is")
        )
        (report.note if cancel_gone else report.lines.append)(words % {"code": code})
    report.lines += [gettext("Not understood: %(what)s") % {"what": note} for note in incoming.notes]
    if publish_it:
        before = published_version(db, meeting)
        version = publish(db, meeting, now, codes=list(made.after) if made else (), tell=tell)
        if before is None or before[0] != version:
            report.lines.append(gettext("Published as version %(version)d.") % {"version": version})
        elif not report.changed:
            report.lines.append(gettext("Everything is as in the file already."))
    return report


def _line(change: Change) -> str:
    title = pick(change.after["title"])
    if change.before is None:
        return gettext("session %(code)s: new (%(title)s)") % {"code": change.code, "title": title}
    told = gettext("; ").join(one.sentence for one in change.differences)
    return gettext("session %(code)s: %(changes)s") % {"code": change.code, "changes": told}


def _meeting_for(db: Database, slug: str, foreign: Foreign) -> Meeting:
    """A meeting as far as an exchange file describes one; an organiser completes it at the desk."""
    meeting = Meeting(
        slug=slug,
        name={"en": foreign.title[:300] or slug},
        short_name=(foreign.acronym or foreign.title or slug)[:60],
        mode=Mode.HYBRID,
        timezone=foreign.timezone or "UTC",
        first_day=foreign.first_day,
        days=max(1, foreign.days),
        has_day_zero=False,
    )
    db.add(meeting)
    db.flush()
    return meeting
