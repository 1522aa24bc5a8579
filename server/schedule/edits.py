"""How edits of the draft are told: who did what to which session, and what came after."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import joinedload

from server.database import Database
from server.meetings.models import Meeting
from server.schedule.comparing import Difference, differences, kinds_of_change
from server.schedule.facts import End, frame_of, public_facts, usual_minutes
from server.schedule.models import Edit
from server.schedule.plan import Planned
from server.web.language import N_, gettext

#: Of how many edits the desk is shown the list, each of which can be taken back.
SHOWN_EDITS = 50
#: Sessions of one edit that are told one by one; a file may change a thousand.
MOST_TOLD = 10
#: Why an edit was made, as it is kept, and as people read it.
EDIT_KINDS = {
    "add": N_("added"),
    "change": N_("changed"),
    "place": N_("moved"),
    "park": N_("parked"),
    "swap": N_("swapped"),
    "cancel": N_("cancelled"),
    "uncancel": N_("reinstated"),
    "repeat": N_("repeat added"),
    "remove": N_("removed"),
    "file": N_("from a file"),
    "undo": N_("taken back"),
}


@dataclass(frozen=True)
class Told:
    """An edit as people are told of it: who did what to which session, and when."""

    number: int
    kind: str
    at: datetime
    who: str
    code: str
    title: dict[str, str]
    changes: list[Difference]
    undoes: int | None = None
    undone_by: int | None = None
    more: int = 0

    @property
    def sentence(self) -> str:
        """In one line: `Olga Organiser moved WS7 (Time: Tue 09:00 → 11:00)`."""
        said = gettext("%(who)s: %(what)s") % {"who": self.who, "what": gettext(EDIT_KINDS[self.kind])}
        if not self.changes:
            return said
        changes = gettext("; ").join(one.sentence for one in self.changes)
        return gettext("%(said)s (%(more)s)") % {"said": said, "more": changes}

    def as_json(self) -> dict[str, object]:
        """For programs, such as the board."""
        return {
            "number": self.number,
            "kind": self.kind,
            "at": self.at.isoformat(),
            "by": self.who,
            "says": self.sentence,
        }


def meanwhile_of(db: Database, meeting: Meeting, code: str, after: int) -> list[Told]:
    """What happened to a session since the edit with this number, oldest first."""
    return list(reversed(last_edits(db, meeting, after=after, code=code)))


def last_edits(
    db: Database, meeting: Meeting, *, after: int = 0, limit: int = SHOWN_EDITS, code: str | None = None
) -> list[Told]:
    """The last edits of the draft, newest first: one entry for each session that an edit touched, up to some, the last of
    which says how many more there were. With `code` only those of this session, however much happened since to others."""
    frame = frame_of(meeting)
    minutes = usual_minutes(meeting)
    found: list[Told] = []
    for row in _newest_first(db, meeting, after, limit, code):
        found += _told(row, frame, minutes, code)
        if code is not None and len(found) == limit:
            break
    return found


def _newest_first(db: Database, meeting: Meeting, after: int, limit: int, code: str | None) -> Iterator[Edit]:
    """The last `limit` edits; with `code` all that name it, in pieces of so many: how many are read is up to the caller."""
    query = (
        select(Edit)
        .filter_by(meeting_id=meeting.id)
        .where(Edit.number > after)
        .options(joinedload(Edit.person))
        .order_by(Edit.number.desc())
        .limit(limit)
    )
    if code is None:
        yield from db.scalars(query)
        return
    # the database leaves out most of the others; a code that stands in another session's facts comes along
    query = query.where(cast(Edit.after, Text).contains(json.dumps(code), autoescape=True))
    piece = db.scalars(query).all()
    while piece:
        yield from piece
        piece = db.scalars(query.where(Edit.number < piece[-1].number)).all() if len(piece) == limit else []


def _told(row: Edit, frame: Mapping[str, object], minutes: Mapping[str, int], only: str | None) -> Iterable[Told]:
    who = row.person.called if row.person else gettext("A file or a command")
    codes = [code for code in row.after if only in (None, code)]
    for place, code in enumerate(codes[:MOST_TOLD], 1):
        before, after = _facts(row.before.get(code), minutes), _facts(row.after[code], minutes)
        title = (after or before or {}).get("title", {})
        kinds = kinds_of_change(before, after, frame, frame) if after else []
        changes = differences(kinds, before, after, frame, frame) if after else []
        more = len(codes) - MOST_TOLD if place == MOST_TOLD else 0
        yield Told(row.number, row.kind, row.at, who, code, title, changes, row.undoes, row.undone_by, more)


def _facts(kept: Mapping[str, Any] | None, minutes: Mapping[str, int]) -> dict[str, Any] | None:
    """Facts to compare: the end is what was given, or the usual one."""
    if kept is None:
        return None
    planned = Planned.from_json(kept)
    end = planned.end(minutes.get(planned.type, 0))
    return public_facts(planned, End(end, planned.minutes is None and end is not None))
