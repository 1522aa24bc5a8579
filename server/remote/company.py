"""Who is at a summary at this moment: each open page says so every few seconds, and is forgotten when it stops."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from server.database import Database
from server.people.models import Person
from server.remote.actions import NAMELESS
from server.remote.models import Writing
from server.schedule.models import Session

#: How long a page that says nothing more counts as open: it speaks every ten seconds.
FRESH = timedelta(seconds=30)
NEXT, LOOKS_ON = 0, -1
#: More than this many open pages nobody can take in.
MOST = 50


@dataclass(frozen=True)
class Colleague:
    """Somebody at the summary; `number` as in `Writing`. `own`: the same person, in another window."""

    name: str
    number: int
    own: bool

    @property
    def id(self) -> str | None:
        """The paragraph they work on, as followers know it."""
        return f"p{self.number}" if self.number > NEXT else None

    def facts(self) -> dict[str, Any]:
        """As programs are told."""
        return {"name": self.name, "id": self.id, "writes": self.number != LOOKS_ON, "own": self.own}


def be_there(db: Database, person: Person, session: Session, tab: str, number: int, *, now: datetime) -> None:
    """Note that the page `tab` is open, and on what its person works; forget the pages that have gone silent."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    facts = {"person_id": person.id, "number": number, "seen_at": now}
    row = insert(Writing).values(session_id=session.id, tab=tab, **facts)
    db.execute(row.on_conflict_do_update(index_elements=["session_id", "tab"], set_=facts))
    silent = select(Writing.tab).where(Writing.session_id == session.id, Writing.seen_at < now - FRESH)
    taken = silent.with_for_update(skip_locked=True)  # two who tidy up at once would else wait for each other
    db.execute(delete(Writing).where(Writing.session_id == session.id, Writing.tab.in_(taken)))


def be_gone(db: Database, person: Person, session: Session, tab: str) -> None:
    """Note that a page was closed."""
    db.execute(delete(Writing).filter_by(session_id=session.id, tab=tab, person_id=person.id))


def company_of(db: Database, person: Person, session: Session, tab: str, *, now: datetime) -> list[Colleague]:
    """Who else is there, each thing that somebody does named once; `tab` is the page that asks."""
    rows = db.execute(
        select(Person, Writing.number)
        .join(Writing, Writing.person_id == Person.id)
        .where(Writing.session_id == session.id, Writing.tab != tab, Writing.seen_at >= now - FRESH)
        .order_by(Person.name, Person.id, Writing.number.desc())
        .limit(MOST)
    )
    there = {(one.id, number): Colleague(one.name or NAMELESS, number, own=one.id == person.id) for one, number in rows}
    at_work = {who for who, number in there if number != LOOKS_ON}
    return [one for (who, number), one in there.items() if number != LOOKS_ON or who not in at_work]
