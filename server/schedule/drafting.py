"""The draft: what the programme team plans, changed edit by edit, none on an old state, and each can be taken back.

A session is planned as its `Draft` says, else as it is published. Only publishing (`versions.py`) shows it to anybody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from server.database import Database
from server.meetings.models import Meeting
from server.people.models import Person
from server.problems import Conflict, NotFound
from server.schedule.edits import meanwhile_of
from server.schedule.facts import End, planned_of, public_facts
from server.schedule.models import Draft, Edit, Programme, Session
from server.schedule.plan import PRIVATE, Planned
from server.schedule.queries import reading_order, whole_sessions
from server.web.language import N_, gettext


@dataclass(frozen=True)
class Held:
    """A session as the team has it: what is planned, by which edit, and what is published of it, if anything is."""

    planned: Planned
    rev: int
    published: Planned | None

    @property
    def pending(self) -> bool:
        """Whether publishing would change it."""
        return self.published is None or _shown(self.planned) != _shown(self.published)


def whole_plan(db: Database, meeting: Meeting) -> dict[str, Held]:
    """Every planned session by its code, in the order in which people read a programme: three queries."""
    return _plan(db, meeting, None)


def held(db: Database, meeting: Meeting, code: str) -> Held:
    """One planned session; raises NotFound."""
    found = _plan(db, meeting, [code]).get(code)
    if found is None:
        raise NotFound(N_("There is no session at this address."))
    return found


def _plan(db: Database, meeting: Meeting, codes: Collection[str] | None) -> dict[str, Held]:
    drafts = select(Draft).filter_by(meeting_id=meeting.id)
    published = whole_sessions(meeting).execution_options(populate_existing=True)
    if codes is not None:
        drafts, published = drafts.where(Draft.code.in_(codes)), published.where(Session.code.in_(codes))
    made: dict[str, Held] = {}
    for session in db.scalars(published):
        facts = planned_of(session)
        made[session.code] = Held(facts, session.rev, facts)
    for draft in db.scalars(drafts.execution_options(populate_existing=True)):
        before = made.get(draft.code)
        planned = Planned.from_json(draft.facts)
        made[draft.code] = Held(planned, draft.rev, before.published if before else None)
    rooms = {room.key: room.position for room in meeting.rooms}

    def order(one: Held) -> tuple[Any, ...]:
        planned = one.planned
        return reading_order(planned.code, planned.starts_at, planned.day, rooms.get(planned.room or ""))

    return {one.planned.code: one for one in sorted(made.values(), key=order)}


def edit(
    db: Database,
    person: Person | None,
    meeting: Meeting,
    kind: str,
    wanted: Mapping[str, Planned | None],
    bases: Mapping[str, int] | None,
    now: datetime,
    *,
    undoes: int | None = None,
) -> Edit | None:
    """Plan sessions otherwise, all of them or none; None for one takes away a session that was never published.

    `bases` says which edit of each session was seen (0 for a new one); without it nobody looked, and the change wins, as
    that of a file does. Returns None when everything is so already. Raises Conflict, with what happened meanwhile, for
    a change made on an old state, and for a type, track or room that is no more.
    """
    programme = take_turn(db, meeting)
    current = _plan(db, meeting, list(wanted))
    if bases is not None:
        _need_unchanged(db, meeting, current, {code: bases.get(code, 0) for code in wanted})
    changed = {code: after for code, after in wanted.items() if after != _planned(current, code)}
    if not changed:
        return None
    for code, after in changed.items():
        _check(meeting, current.get(code), after)
    programme.edits += 1
    made = Edit(
        meeting_id=meeting.id,
        number=programme.edits,
        kind=kind,
        at=now,
        person_id=person.id if person else None,
        before={code: _as_json(_planned(current, code)) for code in changed},
        after={code: _as_json(after) for code, after in changed.items()},
        undoes=undoes,
    )
    db.add(made)
    _keep(db, meeting, changed, made.number)
    db.flush()
    return made


def take_turn(db: Database, meeting: Meeting) -> Programme:
    """Wait for whoever else edits or publishes this meeting's programme, lest two use the same number; SQLite has one
    writer anyway. Returns the programme, made if there is none yet."""
    db.flush()
    db.execute(select(Meeting.id).filter_by(id=meeting.id).with_for_update(key_share=True))
    db.expire(meeting, ["tracks", "session_types", "rooms"])  # one may have gone while we waited
    programme = db.get(Programme, meeting.id, populate_existing=True)
    if programme is None:
        programme = Programme(meeting_id=meeting.id, version=0, edits=0, stamp=0, rules={})
        db.add(programme)
        db.flush()
    return programme


def _planned(current: Mapping[str, Held], code: str) -> Planned | None:
    return current[code].planned if code in current else None


def _as_json(planned: Planned | None) -> dict[str, object] | None:
    return planned.to_json() if planned else None


def _shown(planned: Planned) -> dict[str, object]:
    """What publishing is about; the accounts of people and the team's own notes are not."""
    return public_facts(planned, End(None, estimated=False))


def _check(meeting: Meeting, before: Held | None, after: Planned | None) -> None:
    if after is None:
        if before is not None and before.published is not None:
            raise Conflict(N_("A session that was published cannot be removed. Cancel it: people look for it."))
        return
    for key, parts in (
        (after.type, meeting.session_types),
        (after.track, meeting.tracks),
        (after.room, meeting.rooms),
    ):
        if key is not None and key not in {part.key for part in parts}:
            raise Conflict(
                N_("“%(name)s” was removed from this meeting meanwhile. Please choose another one."), name=key
            )


def _keep(db: Database, meeting: Meeting, changed: Mapping[str, Planned | None], number: int) -> None:
    """Keep a draft of each session where the plan differs from what is published, and none where it does not."""
    here = select(Draft).where(Draft.meeting_id == meeting.id, Draft.code.in_(changed))
    drafts = {draft.code: draft for draft in db.scalars(here)}
    published = {one.code: one for one in db.scalars(whole_sessions(meeting).where(Session.code.in_(changed)))}
    for code, after in changed.items():
        draft, session = drafts.get(code), published.get(code)
        if session is not None and after is not None:
            for name in PRIVATE:  # nobody outside sees these: they are so at once
                setattr(session, name, getattr(after, name))
        if after is None or (session is not None and after == planned_of(session)):
            if draft is not None:
                db.delete(draft)
            if session is not None:
                session.rev = number
        elif draft is None:
            db.add(Draft(meeting_id=meeting.id, code=code, facts=after.to_json(), rev=number))
        else:
            draft.facts, draft.rev = after.to_json(), number


def _need_unchanged(db: Database, meeting: Meeting, current: Mapping[str, Held], bases: Mapping[str, int]) -> None:
    """Raises Conflict for the first session that is not as it was seen."""
    for code, base in bases.items():
        rev = current[code].rev if code in current else 0
        if rev == base and (code in current or base == 0):
            continue
        meanwhile = meanwhile_of(db, meeting, code, base)
        raise Conflict(
            N_(
                "%(code)s was changed meanwhile: %(what)s. Nothing of yours was saved; look at it as it is now and try again."
            ),
            extra={"session": code, "rev": rev, "meanwhile": [one.as_json() for one in meanwhile]},
            code=code.upper(),
            what=gettext("; ").join(one.sentence for one in meanwhile) or gettext(N_("it is not there any more")),
        )


def undo(db: Database, person: Person, meeting: Meeting, number: int, now: datetime) -> Edit:
    """Take an edit back: each session it touched is planned as it was before, which is an edit of its own.

    Raises NotFound for an edit there is none of, and Conflict when it is taken back already or one of its sessions was
    changed since, with what came after.
    """
    take_turn(db, meeting)
    row = db.scalars(select(Edit).filter_by(meeting_id=meeting.id, number=number)).first()
    if row is None:
        raise NotFound(N_("There is no such change."))
    if row.undone_by is not None:
        raise Conflict(N_("This change was taken back already."))
    current = _plan(db, meeting, list(row.after))
    for code in row.after:
        _need_last(db, meeting, row, code, current.get(code))
    wanted = {code: Planned.from_json(kept) if kept else None for code, kept in row.before.items()}
    made = edit(db, person, meeting, "undo", wanted, None, now, undoes=number)
    if made is None:
        raise Conflict(N_("There is nothing to take back: everything is as it was before this change."))
    row.undone_by = made.number
    if row.undoes is not None:  # what it had taken back holds again
        taken = db.scalars(select(Edit).filter_by(meeting_id=meeting.id, number=row.undoes)).one()
        taken.undone_by = None
    return made


def _need_last(db: Database, meeting: Meeting, row: Edit, code: str, now_held: Held | None) -> None:
    """Raises Conflict when something came after this edit of the session."""
    if (now_held.rev if now_held else row.number) == row.number and (now_held is None) == (row.after[code] is None):
        return
    later = meanwhile_of(db, meeting, code, row.number)
    raise Conflict(
        N_(
            "This cannot be taken back: %(code)s was changed since: %(what)s. Take that back first, or change it by hand."
        ),
        extra={"session": code, "meanwhile": [one.as_json() for one in later]},
        code=code.upper(),
        what=gettext("; ").join(one.sentence for one in later),
    )
