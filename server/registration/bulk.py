"""Something done with many registrations at once: each by the rules that hold for one, all in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from server.database import Database
from server.meetings.models import Meeting
from server.problems import Conflict, Problem
from server.registration.filters import Filters
from server.registration.line import held_admission, settled_at_the_end
from server.registration.listing import arrivals
from server.registration.models import Registration
from server.registration.queries import registration_by_reference
from server.web.language import N_, gettext

#: Registrations that are taken at once: on SQLite nobody else writes meanwhile.
PIECE = 500

Step = Callable[[Database, Registration], None]


@dataclass
class Outcome:
    """With whom it was done and where they stand now; with whom not, and why; how many are left, after whom."""

    done: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    left: int = 0
    after: str = ""


def do_with_these(
    db: Database, meeting: Meeting, references: Sequence[str], step: Step, *, moves: bool, now: datetime
) -> Outcome:
    """Do it with each of those named; of what `moves` somebody it is told, too, when they stood there already."""
    admission = held_admission(db, meeting.id)
    names = list(dict.fromkeys(reference.strip().upper() for reference in references))
    wanted = select(Registration.id).filter_by(meeting_id=meeting.id, erased_at=None)
    found = db.execute(wanted.add_columns(Registration.reference).where(Registration.reference.in_(names)))
    known = {reference: one for one, reference in found}
    with settled_at_the_end(db, admission, now):
        outcome = _with_each(db, list(known.values()), step, moves=moves)
    missing = gettext(N_("There is no registration with this reference."))
    outcome.skipped += [{"reference": name, "why": missing} for name in names if name not in known]
    return outcome


def do_with_all(
    db: Database, meeting: Meeting, filters: Filters, step: Step, *, moves: bool, count: int, after: str, now: datetime
) -> Outcome:
    """Do it with all who fit, those first who registered first; with so many as are taken at once, and say what is left.

    `after` is the reference of the last with whom it was done before. Raises Conflict when it is not `count` that fit
    by now: somebody would be meant whom nobody has seen.
    """
    admission = held_admission(db, meeting.id)
    last = registration_by_reference(db, meeting, after) if after else None
    ids = arrivals(db, meeting, filters, last)
    if len(ids) != count:
        sentence = N_("By now it is %(now)d that fit, and not %(then)d. Look at the list again, and decide then.")
        raise Conflict(sentence, extra={"count": len(ids)}, now=len(ids), then=count)
    with settled_at_the_end(db, admission, now):
        outcome = _with_each(db, ids[:PIECE], step, moves=moves)
    if len(ids) > PIECE:
        last = db.get_one(Registration, ids[PIECE - 1])
        outcome.left, outcome.after = len(arrivals(db, meeting, filters, last)), last.reference
    return outcome


def _with_each(db: Database, ids: Sequence[int], step: Step, *, moves: bool) -> Outcome:
    """The admission is held already. What a step refuses leaves no trace, whatever it did before."""
    outcome = Outcome()
    wanted = select(Registration).where(Registration.id.in_(ids)).with_for_update()
    rows = list(db.scalars(wanted.execution_options(populate_existing=True)))
    for one in sorted(rows, key=lambda one: (one.turn or 0, one.registered_at, one.id)):  # first come first served
        reference, before = one.reference, one.state
        try:
            with db.begin_nested():
                step(db, one)
        except Problem as problem:
            outcome.skipped.append({"reference": reference, "why": problem.worded(gettext)})
            continue
        if moves and one.state == before:
            outcome.skipped.append({"reference": reference, "why": gettext(N_("This was so already."))})
        else:
            outcome.done.append({"reference": reference, "state": one.state})
    return outcome
