"""A crowd that follows as our own clients do: it folds what it is told, and comes back with its cursor."""

import asyncio
import json
import random
import struct
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

import httpx2
import uvloop
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from tests.faults.text import Text

#: The same as in `static/js/follow.js` and `server/remote/follow.py`.
FIRST_PAUSE, LONGEST_PAUSE, SILENCE = 0.5, 15.0, 60.0
#: What a line ends with when something between here and there breaks.
LOST = (OSError, EOFError, TimeoutError, ConnectionClosed, InvalidHandshake, httpx2.HTTPError)


class Follower:
    """One reader: by socket, by stream or by polls."""

    def __init__(self, address: str, kind: str) -> None:
        self.address, self.kind = address, kind
        self.text = Text()
        self.heard: Counter[str] = Counter()
        self.ends: list[str] = []
        self.opened = 0
        self.connected = False
        self.live = True
        self._retry: tuple[float, float] | None = None
        self._failures = 0
        self._sever: Callable[[], None] | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        lines: dict[str, Callable[[], Awaitable[None]]] = {
            "socket": self._by_socket, "stream": self._by_stream, "poll": self._by_polls,
        }  # fmt: skip
        while True:
            try:
                await lines[self.kind]()
                self.ends.append("end")
            except LOST as why:
                self._note(why)
            self.connected, self._sever = False, None
            self._failures += 1
            await asyncio.sleep(self._pause())

    def _note(self, why: Exception) -> None:
        if isinstance(why, ConnectionClosed):
            self.ends.append(str(why.rcvd.code) if why.rcvd else "cut")
            return
        refused = why.response if isinstance(why, InvalidStatus | httpx2.HTTPStatusError) else None
        if refused is not None and "Retry-After" in refused.headers:
            wait = float(refused.headers["Retry-After"])
            self._retry = (wait, 2 * wait)
        self.ends.append(str(refused.status_code) if refused is not None else type(why).__name__)

    def _pause(self) -> float:
        low, high = self._retry or (0.0, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**self._failures))
        self._retry = None
        return random.uniform(low, high)

    def _hear(self, message: dict[str, Any]) -> None:
        self.heard[message["type"]] += 1
        if message["type"] == "bye":
            low, high = message["retry_ms"]
            self._retry = (low / 1000, high / 1000)
        self.live = message.get("live", self.live)  # as a `standing` says
        self.text.take(message)
        self.connected, self._failures = True, 0

    async def _by_socket(self) -> None:
        address = f"{self.address.replace('http', 'ws', 1)}/ws?after={self.text.cursor}"
        options: dict[str, Any] = {"proxy": None, "max_size": None, "ping_interval": None, "compression": None}
        async with connect(address, close_timeout=0.1, **options) as line:
            self.opened += 1

            def sever() -> None:
                raw = line.transport.get_extra_info("socket")
                raw.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                line.transport.abort()

            self._sever = sever
            while True:
                async with asyncio.timeout(SILENCE):
                    message = await line.recv()
                self._hear(json.loads(message))

    async def _by_stream(self) -> None:
        headers = {"Last-Event-ID": self.text.cursor} if self.text.epoch else {}
        async with self._client() as client, client.stream("GET", f"{self.address}/events", headers=headers) as answer:
            answer.raise_for_status()
            self.opened += 1
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self._hear(json.loads(line[6:]))

    async def _by_polls(self) -> None:
        async with self._client() as client:
            self.opened += 1
            while True:
                query = {"after": self.text.cursor, "wait": "25"}
                answer = await client.get(f"{self.address}.json", params=query)
                answer.raise_for_status()
                self._hear(answer.json())

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=SILENCE) as client:
            yield client

    def sever(self) -> None:
        """Break the line with a TCP reset (`SO_LINGER` 0); only a socket can."""
        if self._sever is not None:
            self._sever()


class Crowd:
    """Followers of every kind, in a thread of their own."""

    def __init__(self, address: str, sockets: int = 0, streams: int = 0, polls: int = 0) -> None:
        self.address = address
        self.followers: list[Follower] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        for kind in ["socket"] * sockets + ["stream"] * streams + ["poll"] * polls:
            self.join(kind)

    def join(self, kind: str) -> None:
        """One more follower."""
        follower = Follower(self.address, kind)
        self.followers.append(follower)
        self.call(lambda: self._tasks.append(self._loop.create_task(follower.run())))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    @property
    def all_connected(self) -> bool:
        """Whether everybody is being told."""
        return all(follower.connected for follower in self.followers)

    def all_at(self, offset: int) -> bool:
        """Whether everybody has read that far."""
        return all(follower.text.offset >= offset for follower in self.followers)

    def call(self, what: Callable[[], object]) -> None:
        """Have something done in the followers' own thread."""
        self._loop.call_soon_threadsafe(what)

    @property
    def faults(self) -> list[str]:
        """Tasks that ended, which none should: a follower that gave up."""
        return [repr(task.exception()) for task in self._tasks if task.done() and not task.cancelled()]

    def close(self) -> None:
        """Everybody goes home."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
