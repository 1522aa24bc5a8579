"""The hub knows who follows what, in this process. It opens no sockets and no database: it is handed a reader of logs.

Each session that somebody follows has a channel; the hub reads on when something was committed, and wakes it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from server.problems import NotReady
from server.remote import messages
from server.remote.channel import Channel
from server.remote.log import Cursor, Log, Tail
from server.remote.messages import PING_EVERY
from server.web.language import N_

log = structlog.get_logger()

#: Seconds for which, and addresses of which, the hub remembers the session behind them.
KNOWN_FOR, MOST_KNOWN = 10.0, 1000
#: Seconds between two looks at who follows: presence is told at most that often.
TICK = 1.0
#: A change of the count by less than its hundredth waits for the next sign of life: telling ten thousand followers
#: each second that one more has come would take a third of a core.
SLIGHT = 100
#: Seconds that looking for what others wrote may take while this process does not hear of it.
LOOK = 2.0
#: Channels that nobody follows are kept for this many ticks, for those who poll.
IDLE_TICKS = 600


class HasSession(Protocol):
    """A notice about a session's log."""

    @property
    def session_id(self) -> int:
        """Which session."""

    @property
    def head(self) -> Cursor:
        """Where its log stands."""


#: `read(session_id, after_offset)`: the truth.
Reader = Callable[[int, int], Awaitable[Tail]]


@dataclass(frozen=True)
class Message:
    """Something to send; `cursor` is where the reader stands after it, None when it says nothing of the log."""

    body: str
    cursor: Cursor | None = None


class Hub:
    """All channels of this process."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._channels: dict[int, Channel] = {}
        self._known: dict[str, tuple[int, float]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ticker: asyncio.Task[None] | None = None
        self.draining = False
        self.hears = True
        self.tick, self.ping_every = TICK, PING_EVERY

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._ticker = asyncio.create_task(self._tick())

    def drain(self) -> None:
        """Say goodbye to every follower; new ones are told at once."""
        self.draining = True
        for channel in self._channels.values():
            channel.dismiss_all()
        if self._ticker is not None:
            self._ticker.cancel()

    def drain_soon(self) -> None:
        """`drain`, from a signal handler or another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.drain)

    def told(self, notice: HasSession) -> None:
        """Something was committed to a session's log; called from whichever thread did it, before its answer leaves."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.mark, notice.session_id, notice.head)

    def known(self, address: str) -> int | None:
        """The session at an address that was asked for lately: a crowd that comes back asks the database once."""
        session_id, until = self._known.get(address, (0, 0.0))
        return session_id if until > time.monotonic() else None

    def learn(self, address: str, session_id: int) -> None:
        """Remember for a little while which session is at an address."""
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[address] = (session_id, time.monotonic() + KNOWN_FOR)

    def mark(self, session_id: int, head: Cursor | None = None) -> None:
        """Something was committed to a session's log, here or in another process, which brought it to `head`."""
        channel = self._channels.get(session_id)
        if channel is not None and not channel.expects(head):
            channel.marks += 1
            self._refresh_soon(channel)

    def mark_all(self) -> None:
        """Something may have been missed: look at every log."""
        for session_id in list(self._channels):
            self.mark(session_id)

    def counts(self) -> dict[int, int]:
        """How many follow each session here, of those that somebody follows."""
        return {channel.session_id: channel.followers for channel in self._channels.values() if channel.followers}

    def count_elsewhere(self, counts: Mapping[int, int]) -> None:
        """How many follow each session through other processes; followers are told with the next tick."""
        for channel in self._channels.values():
            channel.elsewhere = counts.get(channel.session_id, 0)

    def hear(self, hears: bool) -> None:
        """Whether this process hears at once of what others write; when it does again, it looks at every log."""
        if hears == self.hears:
            return
        self.hears = hears
        for channel in self._channels.values():
            channel.hears = hears
            channel.announce()
        if hears:
            self.mark_all()

    def _refresh_soon(self, channel: Channel) -> None:
        if channel.refreshing is None:
            channel.refreshing = asyncio.create_task(self._refresh(channel))

    async def channel(self, session_id: int) -> Channel:
        """The channel of a session, with everything that was committed before this call.

        Raises NotReady when that cannot be read just now: who asks comes again, and does not wait in line for it.
        """
        channel = self._channels.get(session_id)
        if channel is None:
            channel = self._channels[session_id] = Channel(session_id)
            channel.draining, channel.hears = self.draining, self.hears
            self._refresh_soon(channel)
        channel.idle = 0
        wanted = channel.marks
        if not self.hears:
            await self._look_again(channel)
        while channel.read < wanted:
            if not channel.readable:
                raise NotReady(N_("The server cannot use its database just now. Please try again in a moment."))
            await channel.changed()
        return channel

    async def _look_again(self, channel: Channel) -> None:
        """Nobody would have said so, had another process written. Where looking fails, what is known is better than
        nothing: readers are told that it is not live."""
        self.mark(channel.session_id)
        wanted = channel.marks
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                while channel.read < wanted and channel.readable:
                    await channel.changed()

    async def _refresh(self, channel: Channel) -> None:
        """Read what is new until nothing is, waking the followers. The database may be away for a while."""
        pause = 0.1
        try:
            while channel.read < channel.marks:
                marks = channel.marks
                try:
                    tail = await self._read(channel.session_id, channel.log.head.offset)
                except Exception:  # whatever the driver says: the log is in the database and will be there again
                    log.exception("live log not readable", session=channel.session_id)
                    self._readable(channel, False)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 5.0)
                    continue
                self._readable(channel, True)
                if self._take(channel, tail):
                    channel.read = marks
                    channel.wake()
        finally:
            channel.refreshing = None

    def _readable(self, channel: Channel, readable: bool) -> None:
        if channel.readable != readable:
            channel.readable = readable
            channel.announce()

    def _take(self, channel: Channel, tail: Tail) -> bool:
        """Add what was read; False when it belongs to another log, which must be read from its beginning."""
        if tail.epoch != channel.log.epoch:
            whole = channel.log.head.offset == 0
            channel.replace(Log(tail.epoch))
            if not whole:
                return False
        channel.log.extend(tail.events)
        return True

    async def _tick(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(self.tick)
            ticks += 1
            beat = ticks % round(self.ping_every / self.tick) == 0
            for channel in list(self._channels.values()):
                self._look_at(channel, beat)

    def _look_at(self, channel: Channel, beat: bool) -> None:
        channel.look_after_the_late(asyncio.get_running_loop().time())
        if channel.followers == 0:
            channel.idle += 1
            channel.announced = 0
            if channel.idle > IDLE_TICKS:
                self._channels.pop(channel.session_id, None)
        else:
            self._look_at_count(channel, beat)

    def _look_at_count(self, channel: Channel, beat: bool) -> None:
        everybody = channel.followers + channel.elsewhere
        moved = abs(everybody - channel.announced) * SLIGHT >= everybody
        if beat or moved:
            channel.announced = everybody
            channel.beat += beat
        if beat or moved or channel.arrived:
            channel.arrived = False
            channel.announce()


async def follow(channel: Channel, cursor: Cursor | None) -> AsyncGenerator[Message, None]:
    """Everything a follower must be sent, from its cursor on, until the server stops.

    Joining and reading the head happen in one step without an `await` between, so nothing falls in between.
    """
    with channel.joined():
        beat, announced, live = channel.beat, 0, True
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
                yield Message(messages.bye())
                return
            elif channel.announced and channel.announced != announced:
                announced = channel.announced
                yield Message(messages.presence(announced))
            elif channel.live != live:
                live = channel.live
                yield Message(messages.standing(live))
            elif channel.beat != beat:
                beat = channel.beat
                yield Message(messages.ping(str(channel.log.head)))
            else:
                await channel.changed()
