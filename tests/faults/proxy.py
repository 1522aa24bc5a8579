"""A proxy between followers and server, with the habits of those that stand in the world."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass

PIECE = 64 * 1024


@dataclass
class Habits:
    """What it does to what the server says. Requests go through at once, but for `latency`."""

    #: Seconds added to everything, both ways.
    latency: float = 0.0
    #: Seconds for which it collects what the server says, and then hands it on in one piece.
    buffering: float = 0.0
    #: Seconds of silence from the server after which it cuts the line, as nginx does after 60.
    patience: float | None = None
    #: Bytes from the server after which it cuts the line, wherever a frame may be.
    cut_after: int | None = None


class Proxy:
    """Listens on a port of its own, in a thread of its own. `cuts` counts the lines it has cut."""

    def __init__(self, server_port: int, habits: Habits) -> None:
        self.server_port, self.habits = server_port, habits
        self.cuts = 0
        self._loop = asyncio.new_event_loop()
        self._lines: set[asyncio.Task[None]] = set()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._listening.wait(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._start())
        self._loop.run_forever()
        for line in self._lines:
            line.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._lines, return_exceptions=True))
        self._loop.close()

    async def _start(self) -> None:
        server = await asyncio.start_server(self._came, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._listening.set()

    @property
    def base_url(self) -> str:
        """Where to reach the server through it."""
        return f"http://127.0.0.1:{self.port}"

    async def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._between(reader, writer)
        finally:
            self._lines.discard(line)
            writer.transport.abort()

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry both ways until either side is done."""
        inside, outside = await asyncio.open_connection("127.0.0.1", self.server_port)
        asking = asyncio.create_task(self._ask(reader, outside))
        telling = asyncio.create_task(self._tell(inside, writer))
        try:
            await asyncio.wait({asking, telling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (asking, telling):
                task.cancel()
            await asyncio.gather(asking, telling, return_exceptions=True)
            outside.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, outside: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE):
            await asyncio.sleep(self.habits.latency)
            outside.write(piece)
            await outside.drain()

    async def _tell(self, inside: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        habits, carried = self.habits, 0
        while piece := await self._next(inside):
            carried += len(piece)
            if habits.cut_after is not None and carried > habits.cut_after:
                allowed = len(piece) - (carried - habits.cut_after)
                writer.write(piece[: allowed if allowed > 0 else len(piece) // 2])
                await writer.drain()
                self.cuts += 1
                return
            await asyncio.sleep(habits.latency)
            writer.write(piece)
            await writer.drain()

    async def _next(self, inside: asyncio.StreamReader) -> bytes:
        """What the server says next; nothing when it is done, or was silent for too long."""
        try:
            piece = await asyncio.wait_for(inside.read(PIECE), self.habits.patience)
        except TimeoutError:
            self.cuts += 1
            return b""
        if piece and self.habits.buffering:
            await asyncio.sleep(self.habits.buffering)
            with suppress(TimeoutError):
                piece += await asyncio.wait_for(inside.read(PIECE), 0.01)
        return piece

    def close(self) -> None:
        """Cut everything and stop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
