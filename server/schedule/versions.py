"""Versions: the draft is published at one moment, what changed is kept session by session, and old ones stay readable."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from server.database import Database
from server.meetings.models import Meeting
from server.schedule.comparing import Difference, Kind, differences, kinds_of_change
from server.schedule.drafting import Held
from server.schedule.facts import End, ends_of, frame_of, planned_of, public_facts
from server.schedule.models import Draft, Entry, Publication, Session, SessionPerson
from server.schedule.plan import PRIVATE, Planned

#: Under this name a session gets a UID whose own is another meeting's. It must never change.
_UIDS = uuid.UUID("3d1b0c52-9a0f-5c7e-9a57-0c8f5c1f4e77")


@dataclass(frozen=True)
class Change:
    """What publishing did, or would do, with one session. `people` are the accounts named in it before or after."""

    code: str
    kinds: list[Kind]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    people: frozenset[int] = frozenset()
    differences: list[Difference] = field(default_factory=list)


def changes_between(
    before: Mapping[str, Planned],
    after: Mapping[str, Planned],
    frame_before: Mapping[str, Any],
    frame: Mapping[str, Any],
) -> list[Change]:
    """What differs between two states of a whole programme in their frames, session by session, in the order of `after`."""
    minutes = _minutes_of(frame)
    old, new = ends_of(before.values(), {**minutes, **_minutes_of(frame_before)}), ends_of(after.values(), minutes)
    found = []
    for code, planned in after.items():
        was = public_facts(before[code], old[code]) if code in before else None
        now = public_facts(planned, new[code])
        if kinds := kinds_of_change(was, now, frame_before, frame):
            people = _accounts(planned) | (_accounts(before[code]) if code in before else frozenset())
            told = differences(kinds, was, now, frame_before, frame)
            found.append(Change(code, kinds, was, now, people, told))
    return found


def _minutes_of(frame: Mapping[str, Any]) -> dict[str, int]:
    return {key: kind["usual_minutes"] for key, kind in frame.get("types", {}).items()}


def _accounts(planned: Planned) -> frozenset[int]:
    return frozenset(one.person for one in planned.people if one.person is not None)


def coming_changes(db: Database, meeting: Meeting, plan: Mapping[str, Held]) -> list[Change]:
    """What publishing this plan would change, in words of the current language."""
    before = {code: one.published for code, one in plan.items() if one.published is not None}
    after = {code: one.planned for code, one in plan.items()}
    frame = frame_of(meeting)
    return changes_between(before, after, last_frame(db, meeting) or frame, frame)


def last_frame(db: Database, meeting: Meeting) -> dict[str, Any] | None:
    """What the sessions of the last version stand in; None before the first."""
    newest = select(Publication).filter_by(meeting_id=meeting.id).order_by(Publication.number.desc()).limit(1)
    publication = db.scalars(newest).first()
    return publication.frame if publication else None


def show(db: Database, meeting: Meeting, drafts: Iterable[Draft], now: datetime) -> list[Session]:
    """Make what is drafted the published facts, and let go of the drafts; returns the sessions that are new."""
    stored = {session.code: session for session in db.scalars(select(Session).filter_by(meeting_id=meeting.id))}
    added = []
    for draft in drafts:
        planned = Planned.from_json(draft.facts)
        session = stored.get(draft.code)
        if session is None:
            uid = planned.uid
            if db.scalar(select(Session.id).filter_by(uid=uid)) is not None:  # another meeting took the same file in
                uid = str(uuid.uuid5(_UIDS, f"{meeting.slug}/{uid}"))
            session = Session(meeting=meeting, code=planned.code, uid=uid, changed_at=now)
            added.append(session)
        _set(session, meeting, planned)
        session.rev = draft.rev
        db.add(session)
        db.delete(draft)
    db.flush()
    return added


def _set(session: Session, meeting: Meeting, planned: Planned) -> None:
    for name in ("language", "format", "status", "day", "part_of_day", "starts_at", "minutes", "repeats", *PRIVATE):
        setattr(session, name, getattr(planned, name))
    session.title, session.description, session.tags = (
        dict(planned.title),
        dict(planned.description),
        list(planned.tags),
    )
    session.type = next(kind for kind in meeting.session_types if kind.key == planned.type)
    session.track = next((track for track in meeting.tracks if track.key == planned.track), None)
    session.room = next((room for room in meeting.rooms if room.key == planned.room), None)
    if planned_of(session).people != planned.people:
        session.people = [
            SessionPerson(
                position=position, part=one.part, name=one.name, organisation=one.organisation,
                stakeholder_group=one.stakeholder_group, person_id=one.person,
            )
            for position, one in enumerate(planned.people, 1)
        ]  # fmt: skip


def keep(
    db: Database, meeting: Meeting, publication: Publication, sessions: Sequence[Session], changes: Iterable[Change]
) -> None:
    """Keep a version: each session that changed in it, and each that no version has yet."""
    db.add(publication)
    db.flush()
    changed = {one.code: one for one in changes}
    known = set(db.scalars(select(Entry.code).filter_by(meeting_id=meeting.id).distinct()))
    for session in sessions:
        if session.code in changed or session.code not in known:
            end = End(session.ends_at, session.end_is_estimate)
            kinds = [str(kind) for kind in changed[session.code].kinds] if session.code in changed else []
            facts = public_facts(planned_of(session), end) | {"sequence": session.sequence}
            db.add(Entry(meeting_id=meeting.id, number=publication.number, code=session.code, facts=facts, kinds=kinds))
    db.flush()


@dataclass(frozen=True)
class Told:
    """A version as the change log tells it, newest first, with each session that changed."""

    number: int
    published_at: datetime
    note: str
    note_language: str
    changes: list[Change]


def version_numbers(db: Database, meeting: Meeting, code: str | None = None) -> list[int]:
    """The numbers of the versions, newest first; with `code` only of those in which this session changed."""
    if code is None:
        query = select(Publication.number).filter_by(meeting_id=meeting.id).order_by(Publication.number.desc())
        return list(db.scalars(query))
    kept = select(Entry.number, Entry.kinds).filter_by(meeting_id=meeting.id, code=code).order_by(Entry.number.desc())
    return [number for number, kinds in db.execute(kept) if kinds]


def change_log(
    db: Database,
    meeting: Meeting,
    *,
    numbers: Collection[int] | None = None,
    newest: int | None = None,
    code: str | None = None,
    all_of_first: bool = False,
) -> list[Told]:
    """The versions, newest first, with what changed in each in words of the current language: two queries.

    With `numbers` only these versions, with `newest` the last so many (one query more); either costs what it tells and
    not what the whole log would. With `code` only those in which this session changed. The sessions of the first
    version are told one by one only with `all_of_first` or `code`: all of them were new.
    """
    if newest is not None:
        numbers = version_numbers(db, meeting, code)[:newest]
    publications = _with_those_before(db, meeting, numbers)
    frames = {one.number: one.frame for one in publications}
    before_it = dict(pairwise(frames))  # newest first: after each comes the one before it
    told: dict[int, list[Change]] = defaultdict(list)
    for entry, before in _with_predecessors(db, meeting, code, numbers):
        if entry.kinds and entry.number in frames:
            old = frames[before_it.get(entry.number, entry.number)]
            facts = before.facts if before else None
            words = differences(entry.kinds, facts, entry.facts, old, frames[entry.number])
            kinds = [one.kind for one in words]
            told[entry.number].append(Change(entry.code, kinds, facts, entry.facts, differences=words))
    first = min(frames, default=0)
    return [
        Told(
            one.number,
            one.published_at,
            one.note,
            one.note_language,
            [] if one.number == first and code is None and not all_of_first else told[one.number],
        )
        for one in publications
        if (numbers is None or one.number in numbers) and (code is None or told[one.number])
    ]


def _with_those_before(db: Database, meeting: Meeting, numbers: Collection[int] | None) -> list[Publication]:
    """These versions and of each the one before it, newest first."""
    query = select(Publication).filter_by(meeting_id=meeting.id).order_by(Publication.number.desc())
    if numbers is not None:
        following = func.lead(Publication.number).over(order_by=Publication.number)
        keys = select(Publication.number, following.label("following"))
        placed = keys.where(Publication.meeting_id == meeting.id).subquery()
        wanted = placed.c.number.in_(numbers) | placed.c.following.in_(numbers)
        query = query.join(placed, placed.c.number == Publication.number).where(wanted)
    return list(db.scalars(query))


def _with_predecessors(
    db: Database, meeting: Meeting, code: str | None, numbers: Collection[int] | None
) -> list[tuple[Entry, Entry | None]]:
    """Each entry of these versions with the one before it of the same session.

    The keys alone are looked through to find which those are: reading all that the sessions were takes a hundred times
    as long, and every letter about a version asks.
    """
    query = select(Entry).filter_by(meeting_id=meeting.id).order_by(Entry.code, Entry.number)
    if code is not None:
        query = query.where(Entry.code == code)
    if numbers is not None:
        following = func.lead(Entry.number).over(partition_by=Entry.code, order_by=Entry.number)
        keys = select(Entry.code, Entry.number, following.label("following")).where(Entry.meeting_id == meeting.id)
        placed = (keys if code is None else keys.where(Entry.code == code)).subquery()
        wanted = placed.c.number.in_(numbers) | placed.c.following.in_(numbers)
        same = (placed.c.code == Entry.code) & (placed.c.number == Entry.number)
        query = query.join(placed, same).where(wanted)
    pairs: list[tuple[Entry, Entry | None]] = []
    last: Entry | None = None
    for entry in db.scalars(query):
        if numbers is None or entry.number in numbers:
            pairs.append((entry, last if last is not None and last.code == entry.code else None))
        last = entry
    return pairs


def entries_as_of(db: Database, meeting: Meeting, number: int) -> list[Entry]:
    """Every session as it was in a version: of each its last entry up to then."""
    newest = (
        select(Entry.code, func.max(Entry.number).label("number"))
        .where(Entry.meeting_id == meeting.id, Entry.number <= number)
        .group_by(Entry.code)
        .subquery()
    )
    query = select(Entry).join(newest, (Entry.code == newest.c.code) & (Entry.number == newest.c.number))
    return list(db.scalars(query.where(Entry.meeting_id == meeting.id)))


def publication_numbered(db: Database, meeting: Meeting, number: int) -> Publication | None:
    """A version; None where there is none of this number."""
    return db.get(Publication, (meeting.id, number))
