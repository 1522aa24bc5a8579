"""How a registration moves from state to state: by the table, into its history, and with a letter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from server.database import Database
from server.mail import write_letter
from server.registration.models import HistoryEntry, HistoryKind, Registration
from server.registration.states import By, State, need_move

#: Characters of a reason.
LONGEST_REASON = 500


@dataclass(frozen=True)
class Mover:
    """Who does something with a registration; of staff also which account."""

    by: By
    person_id: int | None = None


PARTICIPANT = Mover(By.PARTICIPANT)
RULE = Mover(By.RULE)

#: States about whose coming nobody is written to.
_WITHOUT_LETTER = frozenset({State.CHECKED_IN})


def note(
    db: Database,
    registration_id: int,
    kind: HistoryKind,
    mover: Mover,
    now: datetime,
    *,
    before: str = "",
    after: str = "",
    reason: str = "",
    fields: Collection[str] = (),
) -> None:
    """Keep in the history of a registration that something was done, by whom and why."""
    db.add(
        HistoryEntry(
            registration_id=registration_id, at=now, kind=kind, before=before, after=after, by=mover.by,
            person_id=mover.person_id, reason=reason[:LONGEST_REASON], fields=list(fields),
        )
    )  # fmt: skip


def move(
    db: Database,
    registration: Registration,
    state: State,
    kind: HistoryKind,
    mover: Mover,
    now: datetime,
    *,
    reason: str = "",
    letter: bool = True,
) -> None:
    """Let a registration stand somewhere else, and write to the person. Raises Conflict for what the table forbids.

    The letter says where it stands when it is worded, and is dropped when that has become another by then.
    """
    before = State(registration.state)
    need_move(before, state, mover.by)
    registration.state, registration.changed_at = state, now
    if state != State.OFFERED:
        registration.offer_until = None
    note(db, registration.id, kind, mover, now, before=before, after=state, reason=reason)
    if letter and state not in _WITHOUT_LETTER:
        tell_state(db, registration, now, kind=kind)


def tell_state(db: Database, registration: Registration, now: datetime, *, kind: HistoryKind | None = None) -> None:
    """Write the letter that says where a registration stands, and why (`kind`)."""
    ids = {
        "registration": registration.id,
        "email": registration.email,
        "state": registration.state,
        "kind": kind or "",
    }
    write_letter(db, registration.email, "registration.state", ids, registration.language, now)
