"""Sweeping: rows that are kept no longer are deleted, table by table and a stretch at a time."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, delete, exists, inspect, select, tuple_

from server.database import Database, Record
from server.jobs import Job

log = structlog.get_logger()

#: Seconds between two looks: to find what is over takes reading a whole table, and nothing hurries.
PAUSE = 3600.0
#: Rows that are deleted in one transaction: on SQLite nobody else writes meanwhile.
PIECE = 1000


def sweep(what: str, kind: type[Record], over: Callable[[datetime], ColumnElement[bool]]) -> Job:
    """The job that deletes each row of `kind` of which `over(now)` holds. The log says how many, and nothing else."""
    key = tuple_(*inspect(kind).primary_key)

    def due(db: Database, now: datetime) -> list[str]:
        return [what] if db.scalar(select(exists().where(over(now)))) else []

    def act(db: Database, _piece: str, now: datetime) -> bool:
        some = select(*inspect(kind).primary_key).where(over(now)).limit(PIECE)
        gone = len(db.execute(delete(kind).where(key.in_(some)).returning(*inspect(kind).primary_key)).all())
        if gone:
            log.info("swept", what=what, count=gone)
        return gone > 0

    return Job(what, due, act, PAUSE)
