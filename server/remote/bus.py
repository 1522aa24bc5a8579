"""The bus: PostgreSQL tells every process at once that something was written to a log, whoever wrote it."""

import asyncio
import random
from contextlib import aclosing, suppress
from typing import Any

import structlog
from psycopg import AsyncConnection
from sqlalchemy import Engine, func, select

from server import database
from server.database import Database
from server.remote.actions import SummaryChanged
from server.remote.hub import Hub
from server.remote.log import parse_cursor

log = structlog.get_logger()

TOPIC = "plenary_summary"
#: Seconds that a server waits at its start until it listens.
START = 2.0
#: Seconds of silence after which the line is tried, and seconds that the answer may take.
SILENCE, PATIENCE = 5.0, 5.0
#: Seconds until the first and between the later attempts to listen again; each is shortened at random.
FIRST_PAUSE, LONGEST_PAUSE = 0.4, 5.0
LINE = {**database.LINE, "application_name": "plenary listener", "connect_timeout": 5}


def announce(db: Database, notice: SummaryChanged) -> None:
    """Have every process told once this transaction is committed, and none if it is undone.

    Ids are all that is told: the words are in the log, and who misses a note finds them there.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_notify(TOPIC, f"{notice.session_id} {notice.head}")))


class Listener:
    """One line to PostgreSQL on which this process hears what was written to logs; when it is lost, the hub knows."""

    def __init__(self, engine: Engine, hub: Hub) -> None:
        _, address = engine.dialect.create_connect_args(engine.url)
        self._address: dict[str, Any] = {**address, **LINE}
        self._hub = hub
        self._failures = 0
        self._tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen. Ends when the first attempt has, well or not, or takes too long: nobody is served before."""
        self._hub.hear(False)
        self._task = asyncio.create_task(self._run())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), START)

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as fault:  # whatever the driver says: the logs are in the database and will be there again
                log.warning("does not hear other processes", fault=f"{type(fault).__name__}: {fault}".strip())
            self._hub.hear(False)
            self._tried.set()
            self._failures += 1
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10))
            await asyncio.sleep(random.uniform(longest / 2, longest))  # noqa: S311 (spreads load, keeps no secret)

    async def _listen(self) -> None:
        """Listen until the line is lost, which raises.

        The hub looks at every log after LISTEN and not before: what is written in between is told twice, not missed.
        """
        line = await AsyncConnection.connect(**self._address, autocommit=True)
        try:
            await line.execute(f"LISTEN {TOPIC}")
            self._hub.hear(True)
            self._failures = 0
            self._tried.set()
            log.info("hears other processes")
            while True:
                async with aclosing(line.notifies(timeout=SILENCE)) as notes:
                    async for note in notes:
                        self._take(note.payload)
                await _try(line)
        finally:
            await line.close()

    def _take(self, payload: str) -> None:
        session_id, _, head = payload.partition(" ")
        if session_id.isdecimal():
            self._hub.mark(int(session_id), parse_cursor(head))


async def _try(line: AsyncConnection[Any]) -> None:
    """Raises when the server is not there any more, TimeoutError when it does not say so.

    The question is not waited for longer: giving it up in the driver's own way asks the silent server once more.
    """
    question = asyncio.create_task(line.execute("SELECT 1"))
    try:
        await asyncio.wait({question}, timeout=PATIENCE)
        if not question.done():
            raise TimeoutError("no answer")
        question.result()
    finally:
        if not question.done():
            question.add_done_callback(_forget)
            question.cancel()


def _forget(question: "asyncio.Task[Any]") -> None:
    """How a question ended that nobody waits for."""
    if not question.cancelled():
        question.exception()
