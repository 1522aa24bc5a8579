"""The database: records, and transactions that are saved when they end well and undone when they do not."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar

import anyio
import anyio.to_thread
import structlog
from sqlalchemy import JSON, DateTime, Dialect, Insert, MetaData, create_engine, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from server.problems import NotReady
from server.web.language import N_

log = structlog.get_logger()

Database = Session
T = TypeVar("T")

#: Threads that may work on the database at once in one process.
POOL = 20
#: A line to PostgreSQL on which nothing arrives is given up after 15 seconds (the second is in milliseconds), and
#: not after the quarter of an hour for which a kernel would go on trying.
LINE = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 15_000}
#: What SQLite is told on every line. What is deleted is overwritten: else it stands in the file until something needs room.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "secure_delete=ON")
#: Seconds after which it is worth trying again when the database could not.
RETRY = 2


class Instant(TypeDecorator[datetime]):
    """A point in time, always aware and in UTC, whatever the engine keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without zone rather than guess one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; PostgreSQL gives it in the connection's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Record(DeclarativeBase):
    """Base of everything that is stored."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: Instant,
        dict[str, str]: JSON,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
    }


def insert_unless_there(db: Database, kind: type[Record], *rows: Mapping[str, Any]) -> int:
    """Insert those rows that no unique key forbids; returns how many there were.

    The key decides between two at the same time, not a look before the insert.
    """
    if not rows:
        return 0
    db.flush()  # so that what these rows refer to is there
    return len(db.execute(_unless_there(kind, db.get_bind().dialect.name), [dict(row) for row in rows]).all())


@lru_cache
def _unless_there(kind: type[Record], engine: str) -> Insert:
    """The statement of `insert_unless_there`; to put it together takes longer than to run it."""
    insert = sqlite.insert if engine == "sqlite" else postgresql.insert
    return insert(kind).on_conflict_do_nothing().returning(*inspect(kind).primary_key)


class Board(Protocol):
    """What a finished transaction needs of the notice board."""

    def committed(self, db: Database) -> None:
        """Tell what has been posted."""


class Store:
    """One database: hands out transactions, from threads or from the event loop."""

    def __init__(self, url: str, board: Board) -> None:
        self.engine = connect(url)
        self.board = board
        # A page asks several questions and must not see half of what is written between two of them. SQLite sees to it.
        one_moment = self.engine if self.embedded else self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._reading = sessionmaker(one_moment, expire_on_commit=False)
        self._writing = sessionmaker(self.engine.execution_options(write=True), expire_on_commit=False)
        self._limiter: anyio.CapacityLimiter | None = None
        self._turn: asyncio.Lock | None = None
        self._watch: sqlite3.Connection | None = None

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite: one process, one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A transaction that changes nothing and sees one moment."""
        with _passing_faults_in_words(), self._reading() as db:
            db.info["board"] = self.board
            yield db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction that is committed at the end, after which the notices it posted are told."""
        with _passing_faults_in_words(), self._writing() as db:
            db.info["board"] = self.board
            yield db
            db.commit()
            self.board.committed(db)

    async def read(self, work: Callable[[Database], T]) -> T:
        """Run `work(db)` in a thread, in a transaction that changes nothing."""
        return await self._hop(self.reading, work)

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run `work(db)` in a thread and commit it.

        On SQLite the writers of a process take turns here, on the event loop: left to SQLite's own
        polling, 32 writers wait up to 0.7 s for each other; in turn, 0.06 s.
        """
        if not self.embedded:
            return await self._hop(self.writing, work)
        self._turn = self._turn or asyncio.Lock()
        async with self._turn:
            return await self._hop(self.writing, work)

    async def _hop(self, transaction: Callable[[], Any], work: Callable[[Database], T]) -> T:
        self._limiter = self._limiter or anyio.CapacityLimiter(POOL)

        def run() -> T:
            with transaction() as db:
                return work(db)

        return await anyio.to_thread.run_sync(run, limiter=self._limiter)

    def mark(self) -> int | None:
        """On SQLite a number that is another once anybody has committed anything; None on an engine that has none.

        It takes some microseconds and waits for nobody, so the event loop may ask, and only one thread must.
        """
        if not self.embedded:
            return None
        try:
            if self._watch is None:
                assert self.engine.url.database, "a database in memory is another for each connection"
                self._watch = sqlite3.connect(
                    self.engine.url.database, timeout=0, isolation_level=None, check_same_thread=False
                )
            [(number,)] = self._watch.execute("PRAGMA data_version").fetchall()
        except sqlite3.OperationalError:  # locked just now: whoever wants to know asks properly
            return None
        return int(number)

    def close(self) -> None:
        """Give the connections back."""
        if self._watch is not None:
            self._watch.close()
        self.engine.dispose()


#: What passes by itself or by an operator's hand. SQLite: busy, locked, out of memory, read-only, input/output,
#: full, cannot open, protocol. PostgreSQL: connection, conflict, read-only, resources, lock, operator, system.
SQLITE_PASSING = frozenset({5, 6, 7, 8, 10, 13, 14, 15})
POSTGRESQL_PASSING = ("08", "40", "25006", "53", "55", "57", "58")


def is_passing(fault: Exception) -> bool:
    """Whether a fault of the database says "not now" (it is gone, its disk is full), and not that we asked for nonsense."""
    if not isinstance(fault, DBAPIError):
        return isinstance(fault, NoConnectionFree)
    code = getattr(fault.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_PASSING  # the rest is the finer kind
    state = getattr(fault.orig, "sqlstate", None)
    if state is None:  # the driver's own word: there is no connection, or the statement makes no sense
        return fault.connection_invalidated or isinstance(fault, OperationalError)
    return str(state).startswith(POSTGRESQL_PASSING)


@contextmanager
def _passing_faults_in_words() -> Iterator[None]:
    """What the database cannot do just now becomes a problem: whoever asked may ask again. Other faults are ours.

    It does not say that nothing was saved: when the line is lost during a commit, nobody on this side knows.
    """
    try:
        yield
    except (DBAPIError, NoConnectionFree) as fault:
        if not is_passing(fault):
            raise
        log.error("the database says not now", fault=str(getattr(fault, "orig", None) or fault))
        sentence = N_("The server cannot use its database just now. Please try again in a moment.")
        raise NotReady(sentence, retry_after=RETRY) from fault


def connect(url: str, *, lines: int = POOL) -> Engine:
    """An engine for `url`; on SQLite durable (`synchronous=FULL`) and without upgrades of a reader to a writer.

    Its faults do not name the values of a statement: they end up in the log, and mail addresses are among them.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        engine = create_engine(
            address, pool_size=lines, max_overflow=0, pool_pre_ping=True, hide_parameters=True,
            connect_args={"connect_timeout": 10, **LINE},
        )  # fmt: skip
        event.listen(engine, "handle_error", _leave_values_out)
        return engine
    engine = create_engine(address, pool_size=lines, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A plain BEGIN that reads first and writes later fails at once when another writer came between.
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _leave_values_out(fault: ExceptionContext) -> None:
    """PostgreSQL says which key is there already, or repeats the whole row that it refuses, in a detail of its own."""
    for known in (fault.original_exception, fault.sqlalchemy_exception):
        if known is not None:
            known.args = tuple(str(words).partition("\nDETAIL:")[0] for words in known.args)
