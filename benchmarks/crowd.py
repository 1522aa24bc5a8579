"""A crowd of WebSocket followers in one thread: an epoll loop and no more, so that the server is what is measured."""

import errno
import heapq
import json
import os
import random
import re
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

#: Words of a measured paragraph begin like this; the number says which one it is.
STAMP = re.compile(rb'"text":"stamp-(\d{5})-')
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
PING = b"\x89\x00"
CLOSED, CONNECTING, GREETING, OPEN = range(4)


@dataclass
class Follower:
    """One connection and what it knows: its cursor, and how often it came back, and with what it was met."""

    number: int
    line: socket.socket | None = None
    state: int = CLOSED
    rest: bytes = b""
    cursor: str = ""
    failures: int = 0
    retry_ms: list[int] = field(default_factory=list)
    returning: bool = False


class Crowd:
    """All followers. `took` holds the seconds from `sent[number]` to each receipt."""

    def __init__(self, port: int, path: str, *, comes_back: bool = False) -> None:
        self.address = ("127.0.0.1", port)
        self.path = path
        self.comes_back = comes_back
        self.epoll = select.epoll()
        self.followers: dict[int, Follower] = {}
        self.everybody: list[Follower] = []
        self.due: list[tuple[float, int, Follower]] = []
        self.open = 0
        self.received = 0
        self.arrivals: list[tuple[int, float]] = []
        self.met: dict[str, int] = {}

    def come(self, followers: int, pace: int, limit: float = 120) -> float:
        """Let so many in at `pace` a second; seconds until all are open."""
        began = time.perf_counter()
        for number in range(followers):
            one = Follower(number)
            self.everybody.append(one)
            self._later(one, number / pace)
        self.run(lambda: self.open == followers, limit)
        return time.perf_counter() - began

    def run(self, done: Callable[[], bool], limit: float) -> None:
        """Serve everybody until `done()`, or raise after so many seconds."""
        end = time.perf_counter() + limit
        while not done():
            now = time.perf_counter()
            if now > end:
                raise SystemExit(
                    f"gave up after {limit:.0f} s: {self.open} of {len(self.everybody)} are open, met {self.met}"
                )
            while self.due and self.due[0][0] <= now:
                self._connect(heapq.heappop(self.due)[2])
            pause = min(0.05, max(0.0, self.due[0][0] - now)) if self.due else 0.05
            for number, happened in self.epoll.poll(pause, 1024):
                one = self.followers.get(number)
                if one is not None:
                    self._serve(one, happened)

    def _later(self, one: Follower, seconds: float) -> None:
        heapq.heappush(self.due, (time.perf_counter() + seconds, id(one), one))

    def _connect(self, one: Follower) -> None:
        line = socket.socket()
        line.setblocking(False)
        one.line, one.state, one.rest = line, CONNECTING, b""
        if line.connect_ex(self.address) not in (0, errno.EINPROGRESS):
            self._lost(one)
            return
        self.followers[line.fileno()] = one
        self.epoll.register(line, select.EPOLLOUT)

    def _serve(self, one: Follower, happened: int) -> None:
        assert one.line is not None
        if one.state == CONNECTING:
            self._greet(one)
            return
        try:
            data = one.line.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost(one)
        elif one.state == OPEN:
            self._hear(one, data)
        else:
            self._admitted(one, data)

    def _greet(self, one: Follower) -> None:
        assert one.line is not None
        if one.line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._lost(one)
            return
        self.epoll.modify(one.line, select.EPOLLIN)
        if not self.path:  # a plain socket, which speaks at once
            self._opened(one, b"")
            return
        after = f"?after={one.cursor}" if one.cursor else ""
        one.line.send(
            (
                f"GET {self.path}{after} HTTP/1.1\r\nHost: 127.0.0.1:{self.address[1]}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        one.state = GREETING

    def _admitted(self, one: Follower, data: bytes) -> None:
        one.rest += data
        if b"\r\n\r\n" not in one.rest:
            return
        head, _, rest = one.rest.partition(b"\r\n\r\n")
        if b" 101 " in head[:40]:
            self._opened(one, rest)
            return
        self._count(head[9:12].decode())
        one.retry_ms = [1000, 2000]
        self._lost(one)

    def _opened(self, one: Follower, rest: bytes) -> None:
        one.state, one.rest, one.failures = OPEN, b"", 0
        self.open += 1
        if rest:
            self._hear(one, rest)

    def _hear(self, one: Follower, data: bytes) -> None:
        now = time.perf_counter()
        if not self.comes_back:  # only receipts count, and a message of 300 bytes comes in one piece
            for number in STAMP.findall(data):
                self.arrivals.append((int(number), now))
                self.received += 1
            if PING in data:
                self._answer(one)
            return
        one.rest += data
        while (frame := self._frame(one)) is not None:
            self._message(one, frame, now)

    def _frame(self, one: Follower) -> tuple[int, bytes] | None:
        """The next whole frame (RFC 6455 5.2)."""
        data = one.rest
        if len(data) < 2:
            return None
        size, start = data[1] & 127, 2
        if size > 125:
            more = 2 if size == 126 else 8
            size, start = int.from_bytes(data[2 : 2 + more], "big"), 2 + more
        if len(data) < start + size:
            return None
        one.rest = data[start + size :]
        return data[0] & 15, data[start : start + size]

    def _message(self, one: Follower, frame: tuple[int, bytes], now: float) -> None:
        opcode, body = frame
        if opcode == 9:
            self._answer(one)
        if opcode != 1:
            return
        kind = body[9:13]
        if kind == b"snap" or kind == b"even":
            message = json.loads(body)
            offset = message["offset"] if kind == b"snap" else message["to"]
            one.cursor = f"{message['epoch']}:{offset}"
            if one.returning:
                self._count(message["type"])
                one.returning = False
            for number in STAMP.findall(body):
                self.arrivals.append((int(number), now))
                self.received += 1
        elif kind == b'bye"':
            one.retry_ms = json.loads(body)["retry_ms"]

    def _answer(self, one: Follower) -> None:
        assert one.line is not None
        with suppress(OSError):
            one.line.send(b"\x8a\x80" + os.urandom(4))

    def _lost(self, one: Follower) -> None:
        assert one.line is not None
        if one.state == OPEN:
            self.open -= 1
            one.returning = True
        number = one.line.fileno()
        if number in self.followers:
            self.epoll.unregister(number)
            del self.followers[number]
        one.line.close()
        one.line, one.state = None, CLOSED
        if not self.comes_back and one.returning:
            raise SystemExit("the server closed a connection")
        one.failures += 1
        low, high = one.retry_ms or [0, min(15_000, 500 * 2**one.failures)]
        one.retry_ms = []
        self._later(one, random.uniform(low, high) / 1000)

    def _count(self, what: str) -> None:
        self.met[what] = self.met.get(what, 0) + 1

    def leave(self) -> None:
        """Close everything."""
        for one in self.everybody:
            if one.line is not None:
                one.line.close()
        self.epoll.close()
