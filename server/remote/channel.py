"""A channel: one session's log in memory, and those who follow it.

A follower is nothing but a place in that log, so a slow one costs an integer and delays nobody. Lines (prepared
frames, written at once) are served by one round after each change; who speaks plain ASGI waits for the change itself.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from prometheus_client import Gauge

from server.remote.frames import BYE_FRAME, PING_FRAME, STANDING_FRAMES, Frames
from server.remote.log import Cursor, Log

FOLLOWERS = Gauge("plenary_followers", "Open followers of live summaries", multiprocess_mode="livesum")

#: Lines served between two yields to the event loop.
BURST = 250
#: Seconds a line may be late before it is closed.
PATIENCE = 20.0
#: Close codes (contract, section 5): come back with the cursor.
RESTARTING, TOO_SLOW = 1012, 4008


class Line(Protocol):
    """A connection that takes whole frames at once (`web.wire.Wire`)."""

    ready: bool
    heard: bool
    drained: Callable[[], None] | None
    write: Callable[[bytes], None]

    def cut(self, code: int) -> None:
        """Close with a code."""

    def lose(self) -> None:
        """Let go of a reader that has vanished."""


class Follower:
    """A line and how far it has been served."""

    __slots__ = ("announced", "beat", "late_since", "line", "live", "news", "offset")

    def __init__(self, line: Line, beat: int) -> None:
        self.line = line
        self.offset = 0
        self.news = -1
        self.announced = 0
        self.beat = beat
        self.live = True
        self.late_since = 0.0


class Channel:
    """One session's log in memory, and those who wait for more of it."""

    def __init__(self, session_id: int) -> None:
        self.session_id = session_id
        self.log = Log("")
        self.frames = Frames(self.log)
        self.lines: set[Follower] = set()
        self.late: set[Follower] = set()
        self.followers = 0
        self.elsewhere = 0  # followers that other processes serve
        self.announced = 0
        self.arrived = False  # whether somebody has come who was told no count yet
        self.beat = 0
        self.news = 0  # how often there was something to say beside the log
        self.hears = True  # whether this process would hear at once of what others write
        self.readable = True
        self.idle = 0
        self.marks = 1  # how often something was said to have changed: nothing has been read yet
        self.read = 0  # the marks that the log in memory includes
        self._marked: Cursor | None = None  # the furthest place that a mark has named
        self.draining = False
        self.refreshing: asyncio.Task[None] | None = None
        self._pumping: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def live(self) -> bool:
        """Whether what is written now comes at once."""
        return self.hears and self.readable

    def expects(self, head: Cursor | None) -> bool:
        """Whether `head` has been read, or will be for an earlier mark: every write is told twice, here and by the bus."""
        if head is None:
            return False
        for known in (self._marked, self.log.head):
            if known is not None and known.epoch == head.epoch and known.offset >= head.offset:
                return True
        self._marked = head
        return False

    def announce(self) -> None:
        """Let everybody look for what is new beside the log: how many follow, a sign of life, whether it is live."""
        self.news += 1
        self.wake()

    def replace(self, log: Log) -> None:
        """Take another log: everybody is behind it, whatever they hold."""
        self.log = log
        self.frames = Frames(log)
        for follower in self.lines:
            follower.offset = -1

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
        self.arrived = True
        FOLLOWERS.inc()
        try:
            yield
        finally:
            self.followers -= 1
            FOLLOWERS.dec()

    @contextmanager
    def attached(self, line: Line, cursor: Cursor | None) -> Iterator[Follower]:
        """Serve a line from its cursor on, for as long as this lasts.

        It is joined and its first message written in one step without an `await` between: nothing falls in between.
        """
        follower = Follower(line, self.beat)
        line.drained = lambda: self._serve(follower)
        with self.joined():
            try:
                self.lines.add(follower)
                follower.offset = self.log.head.offset
                line.write(self.frames.opening(cursor))
                if not self.live:
                    self._serve(follower)
                if self.draining:
                    _dismiss(line)
                if self._pumping is None or self._pumping.done():
                    self._pumping = asyncio.create_task(self._pump())
                yield follower
            finally:
                line.drained = None
                self.lines.discard(follower)
                self.late.discard(follower)

    async def _pump(self) -> None:
        """Bring every line up to date after each wake, yielding now and then so that pages stay quick."""
        while self.lines:
            change = self._changed  # taken before the round: what happens during it is not slept through
            waiting = list(self.lines)
            for start in range(0, len(waiting), BURST):
                self._serve_all(waiting[start : start + BURST])
                await asyncio.sleep(0)
            await change.wait()

    def _serve_all(self, followers: list[Follower]) -> None:
        """One burst. Nearly everybody stands at the same place and is ready, and this is where the time goes."""
        head, news = self.log.head.offset, self.news
        common, frame = -2, b""
        for follower in followers:
            line = follower.line
            if line.ready and follower.news == news and follower.offset != head:
                if follower.offset != common:
                    common, frame = follower.offset, self.frames.after(follower.offset)
                line.write(frame)
                follower.offset = head
            else:
                self._serve(follower)

    def _serve(self, follower: Follower) -> None:
        """Write what a line lacks, unless the network still owes it what was written before."""
        line, head = follower.line, self.log.head.offset
        behind = follower.offset != head
        if not behind and follower.news == self.news:
            return
        if not line.ready:
            if not follower.late_since:
                follower.late_since = asyncio.get_running_loop().time()
                self.late.add(follower)
            return
        out = b""
        if behind:
            out = (self.frames.shortest if follower.late_since else self.frames.after)(follower.offset)
        if follower.late_since:
            follower.late_since = 0.0
            self.late.discard(follower)
        follower.offset = head
        if follower.news != self.news:
            out += self._tell(follower)
        if out:
            line.write(out)

    def _tell(self, follower: Follower) -> bytes:
        """What a follower has not heard yet beside the log."""
        out = b""
        if self.announced and follower.announced != self.announced:
            out += self.frames.presence(self.announced)
        if follower.live != self.live:
            out += STANDING_FRAMES[self.live]
        if follower.beat != self.beat:
            if not follower.line.heard:  # it has not answered the last sign of life: nobody is there any more
                follower.line.lose()
                return b""
            follower.line.heard = False
            out += self.frames.ping() + PING_FRAME
        follower.announced, follower.beat, follower.live, follower.news = (
            self.announced,
            self.beat,
            self.live,
            self.news,
        )
        return out

    def look_after_the_late(self, now: float) -> None:
        """Serve those who can take more again, and close those who have taken nothing for too long: with their
        cursor they may come back."""
        for follower in list(self.late):
            self._serve(follower)
            if follower.late_since and now - follower.late_since > PATIENCE:
                self.late.discard(follower)
                follower.line.cut(TOO_SLOW)

    def dismiss_all(self) -> None:
        """Tell every line that the server stops."""
        self.draining = True
        for follower in list(self.lines):
            _dismiss(follower.line)
        self.wake()


def _dismiss(line: Line) -> None:
    if line.ready:
        line.write(BYE_FRAME)
    line.cut(RESTARTING)
