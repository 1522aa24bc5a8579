"""The hub knows who follows what. It has no sockets and no database: it is handed a reader of logs.

Each session that somebody follows has a channel: its log in memory, and the means to wait for more. A follower
is nothing but a place in that log, so a slow one costs an integer and delays nobody.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

import structlog
from prometheus_client import Gauge

from server.remote import messages
from server.remote.log import Cursor, Log, Tail
from server.remote.messages import PING_EVERY

log = structlog.get_logger()
FOLLOWERS = Gauge("plenary_followers", "Open followers of live summaries")

#: Seconds between two looks at who follows: presence is told at most that often.
TICK = 1.0
#: Channels that nobody follows are kept for this many ticks, for those who poll.
IDLE_TICKS = 600


class HasSession(Protocol):
    """A notice about a session's log."""

    @property
    def session_id(self) -> int:
        """Which session."""


#: `read(session_id, after_offset)`: the truth.
Reader = Callable[[int, int], Awaitable[Tail]]


@dataclass(frozen=True)
class Message:
    """Something to send; `cursor` is where the reader stands after it, None when it says nothing of the log."""

    body: str
    cursor: Cursor | None = None
    last: bool = False


class Channel:
    """One session's log in memory, and those who wait for more of it."""

    def __init__(self, session_id: int) -> None:
        self.session_id = session_id
        self.log = Log("")
        self.followers = 0
        self.announced = 0
        self.beat = 0
        self.idle = 0
        self.stale = True
        self.draining = False
        self.refreshing: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def changed(self, seconds: float | None = None) -> None:
        """Wait for the next wake, at most so long. What happened before this call is not waited for."""
        change = self._changed
        with suppress(TimeoutError):
            await asyncio.wait_for(change.wait(), seconds)

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Count as a follower, and hear how many there are with the next tick: at once would be twice in a second."""
        self.followers += 1
        self.announced = 0
        FOLLOWERS.inc()
        try:
            yield
        finally:
            self.followers -= 1
            FOLLOWERS.dec()


class Hub:
    """All channels of this process."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._channels: dict[int, Channel] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ticker: asyncio.Task[None] | None = None
        self.draining = False

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._ticker = asyncio.create_task(self._tick())

    def drain(self) -> None:
        """Say goodbye to every follower; new ones are told at once."""
        self.draining = True
        for channel in self._channels.values():
            channel.draining = True
            channel.wake()
        if self._ticker is not None:
            self._ticker.cancel()

    def drain_soon(self) -> None:
        """`drain`, from a signal handler or another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.drain)

    def told(self, notice: HasSession) -> None:
        """Something was committed to a session's log; called from whichever thread did it, before its answer leaves."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._mark, notice.session_id)

    def _mark(self, session_id: int) -> None:
        channel = self._channels.get(session_id)
        if channel is not None:
            channel.stale = True
            if channel.refreshing is None:
                channel.refreshing = asyncio.create_task(self._refresh(channel))

    async def channel(self, session_id: int) -> Channel:
        """The channel of a session, with everything that was committed before this call."""
        channel = self._channels.get(session_id)
        if channel is None:
            channel = self._channels[session_id] = Channel(session_id)
            channel.draining = self.draining
        channel.idle = 0
        while channel.stale or channel.refreshing is not None:
            if channel.refreshing is None:
                channel.refreshing = asyncio.create_task(self._refresh(channel))
            await asyncio.shield(channel.refreshing)
        return channel

    async def _refresh(self, channel: Channel) -> None:
        """Read what is new until nothing is, then wake the followers. The database may be away for a while."""
        pause = 0.1
        try:
            while channel.stale:
                channel.stale = False
                try:
                    tail = await self._read(channel.session_id, channel.log.head.offset)
                except Exception:  # whatever the driver says: the log is in the database and will be there again
                    log.exception("live log not readable", session=channel.session_id)
                    channel.stale = True
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 5.0)
                    continue
                if tail.epoch != channel.log.epoch:  # first read, or another log than the one in memory
                    whole = channel.log.head.offset == 0
                    channel.log = Log(tail.epoch)
                    if not whole:
                        channel.stale = True
                        continue
                channel.log.extend(tail.events)
                channel.wake()
        finally:
            channel.refreshing = None

    async def _tick(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(TICK)
            ticks += 1
            beat = ticks % int(PING_EVERY / TICK) == 0
            for channel in list(self._channels.values()):
                self._look_at(channel, beat)

    def _look_at(self, channel: Channel, beat: bool) -> None:
        if channel.followers == 0:
            channel.idle += 1
            channel.announced = 0
            if channel.idle > IDLE_TICKS:
                self._channels.pop(channel.session_id, None)
        elif beat or channel.announced != channel.followers:
            channel.announced = channel.followers
            channel.beat += beat
            channel.wake()


async def follow(channel: Channel, cursor: Cursor | None) -> AsyncGenerator[Message, None]:
    """Everything a follower must be sent, from its cursor on, until the server stops.

    Joining and reading the head happen in one step without an `await` between, so nothing falls in between.
    """
    with channel.joined():
        beat, announced = channel.beat, 0
        seen = channel.log.head
        yield Message(channel.log.opening(cursor), seen)
        while True:
            if channel.log.epoch != seen.epoch:
                seen = channel.log.head
                yield Message(channel.log.snapshot(), seen)
            elif channel.log.head.offset > seen.offset:
                body, seen = channel.log.tail(seen.offset), channel.log.head
                yield Message(body, seen)
            elif channel.draining:
                yield Message(messages.bye(), last=True)
                return
            elif channel.announced and channel.announced != announced:
                announced = channel.announced
                yield Message(messages.presence(announced))
            elif channel.beat != beat:
                beat = channel.beat
                yield Message(messages.ping(str(channel.log.head)))
            else:
                await channel.changed()
