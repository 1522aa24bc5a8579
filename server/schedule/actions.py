"""What people do about a programme."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from server import clock
from server.database import Database, insert_unless_there
from server.meetings.actions import MeetingChanged
from server.meetings.models import Meeting
from server.notices import post
from server.people.models import Person
from server.problems import Conflict
from server.schedule.drafting import take_turn, whole_plan
from server.schedule.facts import frame_of, planned_of, programme_fingerprint, set_ends, settle
from server.schedule.judging import judged
from server.schedule.models import Draft, PrivateFeed, Programme, Publication, Session
from server.schedule.queries import private_feed_of, programme_sessions
from server.schedule.telling import write_to_affected
from server.schedule.versions import changes_between, coming_changes, keep, last_frame, show
from server.tokens import short_code
from server.web import language
from server.web.language import N_


@dataclass(frozen=True)
class SessionAdded:
    """A session is now part of a meeting's programme."""

    session_id: int


@dataclass(frozen=True)
class ProgrammePublished:
    """The public sees a new version of a meeting's programme."""

    meeting_id: int
    version: int


def publish(
    db: Database,
    meeting: Meeting,
    now: datetime,
    *,
    person: Person | None = None,
    note: str = "",
    codes: Collection[str] | None = None,
    tell: bool = True,
) -> int:
    """Show the public the programme as it now stands, with the drafts of these sessions (None: of all); returns its
    version.

    Publishing what already is published changes nothing. Sessions whose public facts changed get the next
    sequence number and `now` as the instant of their last change; the version counts up by one and is kept with
    what changed in it. With `tell` each person affected is written to, once.
    """
    programme = take_turn(db, meeting)
    frame_before = last_frame(db, meeting)
    before = {session.code: planned_of(session) for session in programme_sessions(db, meeting)}
    drafts = select(Draft).filter_by(meeting_id=meeting.id).order_by(Draft.code)
    added = show(db, meeting, db.scalars(drafts if codes is None else drafts.where(Draft.code.in_(codes))).all(), now)
    sessions = programme_sessions(db, meeting)
    settle(meeting, sessions, now)
    made = programme_fingerprint(meeting, sessions)
    if programme.version and programme.fingerprint == made:
        return programme.version
    programme.version, programme.published_at, programme.fingerprint = programme.version + 1, now, made
    programme.stamp += 1
    frame = frame_of(meeting)
    changes = changes_between(before, {one.code: planned_of(one) for one in sessions}, frame_before or frame, frame)
    publication = Publication(
        meeting_id=meeting.id, number=programme.version, published_at=now, note=note,
        note_language=language.current.get(), person_id=person.id if person else None, frame=frame,
    )  # fmt: skip
    keep(db, meeting, publication, sessions, changes)
    for session in added:
        post(db, SessionAdded(session.id))
    if tell:
        write_to_affected(db, meeting, programme.version, changes, now)
    post(db, ProgrammePublished(meeting.id, programme.version))
    return programme.version


def publish_draft(db: Database, person: Person, meeting: Meeting, note: str, now: datetime, *, tell: bool) -> int:
    """Publish all that is drafted, as a version with a note; returns its number.

    Raises Conflict when it would change nothing, and when something in it is forbidden by the meeting's rules and
    not waived.
    """
    take_turn(db, meeting)
    plan = whole_plan(db, meeting)
    if not coming_changes(db, meeting, plan) and db.get_one(Programme, meeting.id).version:
        raise Conflict(N_("There is nothing to publish: everything is as the public sees it already."))
    if blocking := [clash for clash in judged(db, meeting, plan) if clash.blocks]:
        raise Conflict(
            N_(
                "This cannot be published yet: %(count)d clashes are forbidden. Mend them, or waive each with a reason."
            ),
            count=len(blocking),
        )
    return publish(db, meeting, now, person=person, note=note, tell=tell)


def republish(db: Database, notice: MeetingChanged) -> None:
    """Publish again where something about the meeting changed that its programme shows; an unpublished one waits.

    Drafts stay drafts, and nobody is written to: a room that is called otherwise has not moved.
    Raises Conflict when a draft needs what was taken away.
    """
    meeting = db.get(Meeting, notice.meeting_id)
    programme = db.get(Programme, notice.meeting_id)
    if meeting is None or programme is None:
        return
    programme.stamp += 1
    _need_parts_of_drafts(db, meeting)
    if programme.version:
        publish(db, meeting, notice.at, codes=(), tell=False)


def _need_parts_of_drafts(db: Database, meeting: Meeting) -> None:
    keys = {part.key for parts in (meeting.tracks, meeting.session_types, meeting.rooms) for part in parts}
    for draft in db.scalars(select(Draft).filter_by(meeting_id=meeting.id)):
        for name in ("type", "track", "room"):
            if draft.facts[name] is not None and draft.facts[name] not in keys:
                raise Conflict(
                    N_("“%(name)s” cannot be removed: %(code)s uses it in the draft. Change that session first."),
                    name=draft.facts[name],
                    code=draft.code.upper(),
                )


def private_feed_for(db: Database, person: Person, meeting: Meeting, now: datetime) -> PrivateFeed:
    """The calendar of what this person chooses at the meeting, made if need be; a revoked one stays revoked."""
    row = {"person_id": person.id, "meeting_id": meeting.id, "handle": short_code(12), "changed_at": now}
    insert_unless_there(db, PrivateFeed, row)
    feed = private_feed_of(db, person, meeting)
    assert feed is not None, "a handle is given twice once in 10**17"
    return feed


def shift_to_today(db: Database, meeting: Meeting, today: date, now: datetime) -> None:
    """Move a meeting so that its first day is today, each session keeping its time of day at the venue, and publish.

    If nothing is on at `now`, the next session with a start (else the first of all) begins at the last full
    five minutes: whoever tries a demonstration finds a meeting in progress.
    """
    take_turn(db, meeting)
    sessions = programme_sessions(db, meeting)
    by = today - meeting.first_day
    meeting.first_day = today
    for session in sessions:
        _move(session, by, meeting.timezone)
    set_ends(sessions)
    _start_something(meeting, sessions, now)
    db.flush()
    publish(db, meeting, now, codes=(), tell=False)


def _move(session: Session, by: timedelta, zone: str) -> None:
    if session.day is not None:
        session.day += by
    if session.starts_at is not None:
        start = clock.local(session.starts_at, zone)
        session.starts_at = clock.instant(start.date() + by, start.time(), zone)


def _start_something(meeting: Meeting, sessions: list[Session], now: datetime) -> None:
    timed = [(session.starts_at, session) for session in sessions if session.starts_at and not session.cancelled]
    if not timed or any(start <= now < (session.ends_at or start) for start, session in timed):
        return
    ahead = [session for start, session in timed if start > now]
    chosen = (ahead or [session for _, session in timed])[0]
    chosen.starts_at = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    chosen.day = clock.local(chosen.starts_at, meeting.timezone).date()
