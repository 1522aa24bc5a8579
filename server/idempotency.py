"""A request that is sent twice with one key is done once, and answered the same both times."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Database, Record
from server.problems import Faulty
from server.sweeping import sweep
from server.tokens import hashed
from server.web.language import N_

LONGEST_KEY = 200
#: How long an answer is kept for a request that is sent again.
ANSWER_LASTS = timedelta(days=2)


class Answered(Record):
    """The answer given to a request that carried a key."""

    __tablename__ = "answered"
    scope: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]


def once(db: Database, scope: str, key: str | None, act: Callable[[], dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Do `act` unless `scope` has seen `key`; either way give its answer (a JSON object).

    Of two requests at the same time the second waits for the first (the row's key is unique in the database).
    Raises Faulty when the key is too long.
    """
    if not key:
        return act()
    if len(key) > LONGEST_KEY:
        raise Faulty(N_("An Idempotency-Key has at most %(n)d characters."), n=LONGEST_KEY)
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"scope": scope, "key": hashed(key), "answer": {}, "at": now}
    with db.begin_nested():  # what `act` refuses leaves no trace, so that it may be tried again with the same key
        taken = db.execute(insert(Answered).values(row).on_conflict_do_nothing().returning(Answered.key)).first()
        seen = db.scalars(select(Answered).filter_by(scope=scope, key=hashed(key))).one()
        if taken is not None:
            seen.answer = act()
    return seen.answer


def answer_known(db: Database, scope: str, key: str) -> dict[str, Any] | None:
    """The answer that was given to the request with this key; None when there was none, or it is no longer kept."""
    return db.scalar(select(Answered.answer).filter_by(scope=scope, key=hashed(key)))


def forget_answers(db: Database, *scopes: str) -> None:
    """Forget every answer that was given within these scopes."""
    db.execute(delete(Answered).where(Answered.scope.in_(scopes)))


#: What comes due by itself.
JOBS = [sweep("answers to requests with a key", Answered, lambda now: Answered.at <= now - ANSWER_LASTS)]
