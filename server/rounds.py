"""Rounds: what is due is done as soon as a commit has told of it, and looked for now and then besides."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

log = structlog.get_logger()

#: How often is looked without being woken: for what a command wrote, and for what is due again.
LOOK_EVERY = 5.0


class Rounds:
    """Calls `do_one()` for as long as it says that there was something to do, then waits to be woken.

    What is due is kept in the database, so a fault there, or anywhere, only puts it off.
    """

    def __init__(self, do_one: Callable[[], Awaitable[bool]], name: str) -> None:
        self._do_one = do_one
        self._name = name
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run())

    async def stop(self, patience: float) -> None:
        """Finish what is in hand, for so many seconds at most, and begin no more."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(self._task, patience)

    def wake(self) -> None:
        """Look now, on the event loop."""
        self._wake.set()

    def told(self) -> None:
        """Look now; called from whichever thread has committed something."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                while not self._stopping and await self._do_one():
                    pass
            except Exception:
                log.exception("a round failed", rounds=self._name)
            if not self._stopping:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_EVERY)
