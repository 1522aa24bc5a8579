"""Requests must arrive, and answers: a connection on which nothing moves is let go, and its descriptor with it.

uvicorn waits for ever for the rest of a request. A thousand half-open ones are cheap to make, on purpose
("slowloris") or by a flaky line, and a server without a proxy before it would run out of descriptors.
"""

import socket
from asyncio import Handle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Seconds for the lines of a request, and then for its body.
FOR_ITS_LINES, FOR_ITS_BODY = 20.0, 60.0
#: Milliseconds in which a reader must take some of what was sent. A kernel left to itself tries for a quarter of an
#: hour to reach one who has vanished; with the sign of life every 25 seconds, this notices within a minute.
NOTHING_TAKEN = 30_000
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Arrival(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with a limit to how long a request may take to arrive."""

    _awaited: Handle | None = None
    #: The number of the request that is arriving and how long what comes next may take; None when all is there.
    _number: int = 0
    _wanted: float | None = None
    _armed: tuple[int, float | None] = (0, None)

    def connection_made(self, transport: Any) -> None:
        """The first request is awaited."""
        super().connection_made(transport)
        line = transport.get_extra_info("socket")
        if line.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, NOTHING_TAKEN)
        self._wanted = FOR_ITS_LINES
        self._await()

    def data_received(self, data: bytes) -> None:
        """A clock is set for what is still to come; most requests come in one piece, and need none."""
        super().data_received(data)
        if self._armed != (self._number, self._wanted):
            self._await()

    def on_message_begin(self) -> None:
        """A request begins; between two of them a connection is kept for uvicorn's own time."""
        super().on_message_begin()
        self._number, self._wanted = self._number + 1, FOR_ITS_LINES

    def on_headers_complete(self) -> None:
        """What is wanted is known."""
        self._wanted = FOR_ITS_BODY
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self._wanted = None
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """The line goes on as another protocol."""
        self._wanted = None
        self._await()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is awaited any more."""
        self._wanted = None
        self._await()
        super().connection_lost(exc)

    def _await(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
        self._armed = (self._number, self._wanted)
        self._awaited = None if self._wanted is None else self.loop.call_later(self._wanted, self._let_go)

    def _let_go(self) -> None:
        """Close; who has at least begun to ask, and is not being answered yet, is told why."""
        self._awaited = None
        if self.scope is not None and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(TOO_LATE)
        self.transport.close()
