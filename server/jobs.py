"""The clockwork: what comes due by itself is looked for every few seconds, and done piece by piece."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from server import clock
from server.database import Database, Store
from server.problems import NotReady
from server.rounds import Rounds

log = structlog.get_logger()

#: Seconds for which a piece of work that failed is left alone, so that it neither fills the log nor holds up others.
REST = 60.0
#: How long a stopping server waits for the piece in hand.
LAST_PIECE = 10.0


@dataclass(frozen=True)
class MayBeDue:
    """Something was written that may be due at once."""


@dataclass(frozen=True)
class Job:
    """A kind of work that comes due by itself.

    `due(db, now)` only reads, and names the pieces that are due now, best by an id. `act(db, piece, now)` does one, or
    a stretch of one that is long, in a transaction of its own that nobody waits long for; it says whether it did
    anything, and after a yes it is looked again. Several processes may come to one piece at the same moment: `act`
    takes a lock before it looks, and says no when somebody else has done it. Where to look takes long and nothing
    hurries, `pause` seconds pass until it is looked again after nothing was due.
    """

    name: str
    due: Callable[[Database, datetime], Collection[Any]]
    act: Callable[[Database, Any, datetime], bool]
    pause: float = 0.0


class Clockwork:
    """Does the jobs. A piece that fails is logged and rests a while; it stops neither the others nor other jobs."""

    def __init__(self, store: Store, jobs: Iterable[Job]) -> None:
        self.store = store
        self.jobs = tuple(jobs)
        self._rounds = Rounds(lambda: self._look(clock.now()), "clockwork")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        #: Until when what failed is left alone, by job and piece, on the monotonic clock.
        self._resting: dict[tuple[str, Any], float] = {}

    def start(self) -> None:
        """Begin, on the running event loop, with what came due while no server ran."""
        self._loop = asyncio.get_running_loop()
        self._rounds.start()

    async def stop(self) -> None:
        """Finish the piece in hand and begin no more."""
        self._stopping = True
        await self._rounds.stop(LAST_PIECE)

    def told(self, _notice: MayBeDue) -> None:
        """Look now; called from whichever thread has committed something."""
        self._rounds.told()

    def run(self, now: datetime) -> None:
        """Do all that is due at a moment of one's choice, and wait for it; called from another thread than the loop's."""
        assert self._loop is not None, "the clockwork has not been started"
        asyncio.run_coroutine_threadsafe(self._run(now), self._loop).result()

    async def _run(self, now: datetime) -> None:
        self._resting.clear()
        while await self._look(now):
            pass

    async def _look(self, now: datetime) -> bool:
        """Do each piece that is due once. Whether there was anything to do, so that it is looked again."""
        self._resting = {key: until for key, until in self._resting.items() if until > time.monotonic()}
        done = False
        for job in self.jobs:
            for piece in await self._pieces(job, now):
                done = (not self._stopping and await self._act(job, piece, now)) or done
        return done

    async def _pieces(self, job: Job, now: datetime) -> list[Any]:
        if (job.name, None) in self._resting:
            return []
        try:
            due = await self.store.read(lambda db: list(job.due(db, now)))
        except NotReady:
            raise  # the database is away: that is nobody's fault here, and is tried again with the next look
        except Exception:
            self._let_rest(job, None)
            return []
        if not due and job.pause:
            self._resting[job.name, None] = time.monotonic() + job.pause
        return [piece for piece in due if (job.name, piece) not in self._resting]

    async def _act(self, job: Job, piece: Any, now: datetime) -> bool:
        try:
            return await self.store.write(lambda db: job.act(db, piece, now))
        except NotReady:
            raise
        except Exception:
            self._let_rest(job, piece)
            return False

    def _let_rest(self, job: Job, piece: Any) -> None:
        log.exception("a job failed", job=job.name, piece=piece)
        self._resting[job.name, piece] = time.monotonic() + REST
