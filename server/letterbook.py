"""The letter book: which letters went to whom, for as long as that is kept."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from server.database import Database
from server.mail import Letter
from server.sweeping import sweep

#: How long is kept that a letter was sent, or given up: until then one can look what became of it.
KEPT = timedelta(days=90)


def letters_to(db: Database, address: str, *, about: str = "", value: int = 0) -> list[Letter]:
    """The letters to an address, and to whichever address those whose ids say that they are about this, oldest first."""
    mine = Letter.to == address
    concerned = or_(mine, Letter.ids[about].as_integer() == value) if about else mine
    return list(db.scalars(select(Letter).where(concerned).order_by(Letter.id)))


def forget_letters(db: Database, about: str, values: Collection[int]) -> None:
    """Delete the letters, sent or not, whose ids say that they are about one of these. One in hand just now leaves."""
    db.execute(delete(Letter).where(Letter.ids[about].as_integer().in_(values)))


def forget_letters_to(db: Database, addresses: Collection[str]) -> None:
    """Delete the letters, sent or not, to these addresses."""
    db.execute(delete(Letter).where(Letter.to.in_(addresses)))


def _is_old(now: datetime) -> ColumnElement[bool]:
    """Of letters that were given up it is not kept when that was: it is two days after they were written at most."""
    return and_(Letter.due_at.is_(None), func.coalesce(Letter.sent_at, Letter.written_at) <= now - KEPT)


#: What comes due by itself.
JOBS = [sweep("letters", Letter, _is_old)]
