"""Loads a programme file: makes or updates the meeting it describes, and publishes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from server import clock
from server.database import Database
from server.loading import Refused, Report
from server.meetings.models import Meeting, Room, SessionType, Track
from server.people.actions import person_for
from server.schedule.actions import publish
from server.schedule.drafting import Held, edit, take_turn, whole_plan
from server.schedule.marked_yaml import Marked
from server.schedule.models import Session
from server.schedule.plan import Named, Planned
from server.schedule.programme_file import (
    MeetingPart,
    PersonPart,
    ProgrammeFile,
    RoomPart,
    SessionPart,
    TrackPart,
    TypePart,
)
from server.schedule.queries import published_version
from server.schedule.reading import read_programme
from server.web.language import gettext

#: Under this name every uid is made that a file does not give. It must never change.
_UIDS = uuid.UUID("b0c6f3f2-5d0e-5b0e-9a53-6c1f4f3a2f11")


def load_programme(db: Database, text: str, now: datetime, *, tell: bool = True) -> Report:
    """Make or update the meeting that a programme file describes, and publish it.

    Of the meeting, its tracks, types and rooms the fields are set that the file has; a session is set whole, whatever
    is drafted of it. What the file does not name is left as it is and reported; drafts of other sessions stay drafts.
    The same file again changes nothing. Raises Refused.
    """
    file, marked = read_programme(text)
    report = Report()
    meeting = _meeting(db, file.meeting, report)
    _set_lists(meeting, file, report)
    db.flush()
    take_turn(db, meeting)
    plan = whole_plan(db, meeting)
    uids = _uids(db, meeting, file, marked, plan)
    wanted = {
        part.code: _planned(db, meeting, part, uids[part.code], plan.get(part.code), now) for part in file.sessions
    }
    for code, planned in wanted.items():
        if code in plan:
            _report_changes(report, "session", code, _differing(plan[code].planned, planned))
        else:
            report.note(_new("session", code))
    edit(db, None, meeting, "file", wanted, None, now)
    _leave(report, "session", plan.keys() - wanted.keys())
    _publish(db, meeting, report, list(wanted), now, tell=tell)
    return report


def _meeting(db: Database, part: MeetingPart, report: Report) -> Meeting:
    # Days and day 0 go together: the file's sessions were checked against what it says, or does not say, of both.
    given = {name: getattr(part, name) for name in part.model_fields_set | {"day_zero"}}
    given["has_day_zero"] = given.pop("day_zero")
    meeting = db.scalars(select(Meeting).filter_by(slug=part.slug).with_for_update(key_share=True)).first()
    if meeting is None:
        meeting = Meeting(**given)
        db.add(meeting)
        db.flush()
        report.note(_new("meeting", part.slug))
    else:
        _report_changes(report, "meeting", part.slug, _set(meeting, given))
    return meeting


def _set_lists(meeting: Meeting, file: ProgrammeFile, report: Report) -> None:
    _set_list(meeting.tracks, Track, "track", file.tracks, report)
    _set_list(meeting.session_types, SessionType, "session type", file.session_types, report)
    _set_list(meeting.rooms, Room, "room", file.rooms, report)


def _set_list(
    stored: list[Any], make: type, what: str, parts: Sequence[TrackPart | TypePart | RoomPart], report: Report
) -> None:
    """Bring tracks, types or rooms to what the file says, in its order; those it does not name come after."""
    by_key = {thing.key: thing for thing in stored}
    for position, part in enumerate(parts, 1):
        given = {name: getattr(part, name) for name in part.model_fields_set} | {"position": position}
        if part.key in by_key:
            _report_changes(report, what, part.key, _set(by_key.pop(part.key), given))
        else:
            stored.append(make(**given))
            report.note(_new(what, part.key))
    for position, thing in enumerate(by_key.values(), len(parts) + 1):
        thing.position = position
    _leave(report, what, by_key.keys())


def _planned(db: Database, meeting: Meeting, part: SessionPart, uid: str, known: Held | None, now: datetime) -> Planned:
    """The session that the file describes; what a file cannot say of it stays as it is."""
    start, minutes = None, part.minutes
    if part.day and part.start:
        start = clock.instant(part.day, part.start, meeting.timezone)
        if part.end:
            day = part.day + timedelta(days=1) if part.end < part.start else part.day
            minutes = (clock.instant(day, part.end, meeting.timezone) - start) // timedelta(minutes=1)
    return Planned(
        code=part.code, uid=uid, title=part.title, description=part.description, type=part.type, track=part.track,
        room=part.room, day=part.day, part_of_day=part.part_of_day or "", starts_at=start, minutes=minutes,
        language=part.language, format=part.format, tags=tuple(part.tags), status=str(part.status),
        people=_people(db, part.people, known, now), repeats=part.repeats or "",
        expected=part.expected if part.expected is not None else known.planned.expected if known else None,
        buffer=part.buffer if part.buffer is not None else known.planned.buffer if known else 0,
        origin=known.planned.origin if known else "",
    )  # fmt: skip


def _people(db: Database, parts: list[PersonPart], known: Held | None, now: datetime) -> tuple[Named, ...]:
    """The people of a session. An account stays linked when the file gives no address: a file without addresses can
    be shared."""
    linked = {replace(one, person=None): one.person for one in known.planned.people} if known else {}
    people = []
    for part in parts:
        one = Named(str(part.part), part.name, part.organisation, part.stakeholder_group)
        person = person_for(db, part.email, now, name=part.name).id if part.email else linked.get(one)
        people.append(replace(one, person=person))
    return tuple(people)


def _differing(before: Planned, after: Planned) -> list[str]:
    return sorted(one.name for one in fields(Planned) if getattr(before, one.name) != getattr(after, one.name))


def _uids(
    db: Database, meeting: Meeting, file: ProgrammeFile, marked: Marked, plan: Mapping[str, Held]
) -> dict[str, str]:
    """The uid of each session. Calendars know a session by it, so one that is stored stays for ever: raises Refused
    for a file that would change it, or give it to two."""
    wanted = {part.code: str(part.uid or uuid.uuid5(_UIDS, f"{meeting.slug}/{part.code}")) for part in file.sessions}
    owners = {
        uid: (meeting_id, code)
        for uid, meeting_id, code in db.execute(
            select(Session.uid, Session.meeting_id, Session.code).where(Session.uid.in_(wanted.values()))
        )
    }
    for index, part in enumerate(file.sessions):
        place = ("sessions", index, "uid")
        known, uid = plan.get(part.code), wanted[part.code]
        if known is not None and part.uid is None:
            wanted[part.code] = known.planned.uid
        elif known is not None and known.planned.uid != uid:
            marked.blame(place, gettext("this session has the uid %(uid)s for ever") % {"uid": known.planned.uid})
        elif owners.setdefault(uid, (meeting.id, part.code)) != (meeting.id, part.code):
            if part.uid is not None:
                marked.blame(place, gettext("another session has this uid"))
            wanted[part.code] = str(uuid.uuid4())
    if marked.faults:
        raise Refused(marked.faults)
    return wanted


def _publish(db: Database, meeting: Meeting, report: Report, codes: list[str], now: datetime, *, tell: bool) -> None:
    before = published_version(db, meeting)
    version = publish(db, meeting, now, codes=codes, tell=tell)
    if before is None or before[0] != version:
        report.lines.append(gettext("Published as version %(version)d.") % {"version": version})
    elif not report.changed:
        report.lines.append(gettext("Everything is as in the file already."))


def _set(record: Any, given: dict[str, Any]) -> list[str]:
    """Set the fields that differ; returns their names."""
    changed = [name for name, value in given.items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, given[name])
    return sorted(changed)


def _new(what: str, key: str) -> str:
    return gettext("%(what)s %(key)s: new") % {"what": what, "key": key}


def _report_changes(report: Report, what: str, key: str, fields: list[str]) -> None:
    if fields:
        words = {"what": what, "key": key, "fields": ", ".join(fields)}
        report.note(gettext("%(what)s %(key)s: changed (%(fields)s)") % words)


def _leave(report: Report, what: str, keys: Any) -> None:
    for key in sorted(keys):
        report.lines.append(gettext("%(what)s %(key)s: not in the file, left as it is") % {"what": what, "key": key})
