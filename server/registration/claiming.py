"""The one registration of a mail address: claimed by one statement, under a reference of its own."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite

from server.database import Database
from server.meetings.models import Meeting
from server.registration.models import Registration
from server.registration.states import State
from server.tokens import short_code

_LONGEST_PREFIX = 12


def claim(db: Database, meeting: Meeting, email: str, facts: dict[str, Any]) -> tuple[Registration, bool]:
    """The one registration of this address, and whether it was made just now: of nothing, or of one that was withdrawn.

    The database's unique key decides between two at the same time, not a look before the insert. One statement does
    all of it, so how long it takes does not tell who is registered.
    """
    db.flush()
    row = {
        **facts, "meeting_id": meeting.id, "email": email, "reference": _free_reference(db, meeting), "generation": 1,
    }  # fmt: skip
    made = db.execute(_claiming(db.get_bind().dialect.name, *facts), [row]).first()
    wanted = select(Registration).filter_by(meeting_id=meeting.id, email=email)
    registration = db.scalars(wanted.execution_options(populate_existing=True)).one()
    return registration, made is not None


@lru_cache
def _claiming(engine: str, *facts: str) -> Insert:
    """The statement of `claim` on an engine; to put it together takes longer than to run it."""
    made = sqlite.insert(Registration) if engine == "sqlite" else postgresql.insert(Registration)
    made = made.on_conflict_do_update(
        index_elements=["meeting_id", "email"],
        # every link sent before leads nowhere: what a stranger may have filled in is listed only once the new one is used
        set_={**{name: made.excluded[name] for name in facts}, "generation": Registration.generation + 1},
        where=Registration.state == State.WITHDRAWN,
    )
    return made.returning(Registration.id)


def _free_reference(db: Database, meeting: Meeting) -> str:
    """A reference that nobody has; among ten thousand one in a hundred thousand would be somebody's."""
    while True:
        reference = new_reference(meeting.short_name, meeting.slug)
        if db.scalar(select(Registration.id).filter_by(reference=reference)) is None:
            return reference


def new_reference(short_name: str, slug: str) -> str:
    """A reference that can be read out over the telephone: `IGF2014-7K3QX9`."""
    prefix = "".join(letter for letter in short_name if letter.isascii() and letter.isalnum()) or slug.replace("-", "")
    return f"{prefix[:_LONGEST_PREFIX]}-{short_code(6)}".upper()
