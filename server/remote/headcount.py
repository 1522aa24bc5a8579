"""The head count: how many follow each session through the other processes, by the table in which each says its own."""

import asyncio
import secrets
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects import postgresql

from server.database import Database, Store
from server.remote.hub import Hub
from server.remote.models import Presence, Summary

log = structlog.get_logger()

#: Seconds between two looks, and until a process says its numbers again though they have not changed.
LOOK, AGAIN = 1.0, 5.0
#: A process that has said nothing for so long is not there any more, and after a while its rows are cleared away.
SILENT, FORGOTTEN = timedelta(seconds=15), timedelta(minutes=1)


class HeadCount:
    """Says how many follow through this process, and tells the hub how many do through others.

    The clock is the database's: those of several machines differ. Nothing here is worth a second's delay elsewhere,
    so it has a task of its own, and what fails is tried again later.
    """

    def __init__(self, store: Store, hub: Hub) -> None:
        self._store, self._hub = store, hub
        self._process = secrets.token_hex(16)
        self._said: dict[int, int] = {}
        self._said_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to count, on the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Count no more; those who followed here are no longer counted by others, if the database can be told."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self._said and self._hub.hears:
            with suppress(Exception):
                await self._store.write(partial(self._say, counts={}))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self._look()
            except Exception as fault:  # the followers of others are not told for a while; their summaries are
                log.warning("followers elsewhere not counted", fault=str(fault))
                await asyncio.sleep(AGAIN)

    async def _look(self) -> None:
        counts, now = self._hub.counts(), asyncio.get_running_loop().time()
        if counts != self._said or (counts and now - self._said_at >= AGAIN):
            await self._store.write(partial(self._say, counts=counts))
            self._said, self._said_at = counts, now
        if counts:
            self._hub.count_elsewhere(await self._store.read(self._others))

    def _say(self, db: Database, counts: dict[int, int]) -> None:
        db.execute(text("SET LOCAL synchronous_commit TO off"))  # what a crash takes is said again
        gone = (Presence.process == self._process) & Presence.session_id.not_in(counts)
        db.execute(delete(Presence).where(gone | (Presence.seen_at < func.now() - FORGOTTEN)))
        followed = sorted(db.scalars(select(Summary.session_id).where(Summary.session_id.in_(counts))))
        if not followed:
            return
        insert = postgresql.insert(Presence).values(
            [
                {"process": self._process, "session_id": one, "followers": counts[one], "seen_at": func.now()}
                for one in followed
            ]
        )
        new = {"followers": insert.excluded.followers, "seen_at": insert.excluded.seen_at}
        db.execute(insert.on_conflict_do_update(index_elements=["process", "session_id"], set_=new))

    def _others(self, db: Database) -> dict[int, int]:
        heard = (Presence.process != self._process) & (Presence.seen_at > func.now() - SILENT)
        total = func.sum(Presence.followers)
        rows = db.execute(select(Presence.session_id, total).where(heard).group_by(Presence.session_id))
        return {session_id: followers for session_id, followers in rows}  # noqa: C416 (rows are no pairs to a type checker)
