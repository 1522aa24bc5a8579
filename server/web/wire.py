"""Prepared WebSocket frames: encoded once, written as they are to every connection that should have them.

ASGI has no broadcast: each `send` goes through a coroutine, an encoder and a frame of its own, 18 µs a reader.
Frames from a server are not masked (RFC 6455 5.1), so without extensions the bytes are the same for everybody.
This subclass of uvicorn's protocol lets the application write such bytes straight to the transport, 8 µs a reader.
Under any other server the application speaks plain ASGI instead; nobody but the speed notices.
"""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

#: Where the scope of a connection carries its line.
EXTENSION = "plenary.wire"
#: Seconds a closing connection has to take what is still in its buffer.
LINGER = 5.0
#: A pong without payload as a client sends it (RFC 6455 5.5.3): opcode, mask bit and length; the mask follows.
PONG = b"\x8a\x80"

#: Bytes that may wait for the network on one line before it counts as not ready, and until it is ready again.
MOST_WAITING, LITTLE_WAITING = 256 * 1024, 64 * 1024


class Wire(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, with its line handed to the application."""

    #: Whether whole frames may be given to `write` now: the connection is open and the network takes them.
    ready = False
    #: Whether anything came from the reader since this was last set to False.
    heard = True
    #: Whether the server stops while this one is being let in.
    leaving = False
    #: Called when the line is ready again after it was not.
    drained: Callable[[], None] | None = None
    #: Writes bytes as they are; the transport's own method, for there is nothing quicker.
    write: Callable[[bytes], None]

    def handle_connect(self, request: Any) -> None:
        """Put the line into the scope before the application runs."""
        super().handle_connect(request)
        scope = getattr(self, "scope", None)
        if scope is not None:
            self.write = self.transport.write
            self.transport.set_write_buffer_limits(high=MOST_WAITING, low=LITTLE_WAITING)
            scope["extensions"][EXTENSION] = self

    def start_keepalive(self) -> None:
        """The handshake is complete: frames may go out."""
        self.ready = not self.leaving
        super().start_keepalive()
        if self.leaving:
            super().shutdown()

    def shutdown(self) -> None:
        """The server stops. Who is just being let in hears that once inside, as everybody else: uvicorn would answer 500."""
        if self.handshake_initiated and not self.handshake_complete and self.initial_response is None:
            self.leaving = True
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        """The network has not taken what was written."""
        self.ready = False
        super().pause_writing()

    def resume_writing(self) -> None:
        """The buffer has drained: a reader that was behind can catch up."""
        super().resume_writing()
        self.ready = not (self.close_sent or self.disconnected or self.transport.is_closing())
        if self.ready and self.drained is not None:
            self.drained()

    def handle_close(self, frame: Any) -> None:
        """The reader says goodbye."""
        self.ready = False
        super().handle_close(frame)

    def handle_parser_exception(self) -> None:
        """The reader sent what is no WebSocket frame, and is shown out."""
        self.ready = False
        super().handle_parser_exception()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is gone."""
        self.ready = False
        super().connection_lost(exc)

    def cut(self, code: int) -> None:
        """Close with `code`; a reader that takes no bytes gets no more than LINGER seconds for it."""
        self.ready = False
        if not self.handshake_complete or self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.close_timer = self.loop.call_later(LINGER, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """The reader is there. An answer to a ping is nearly all that followers ever send, and needs no parser."""
        self.heard = True
        if not (len(data) == 6 and data.startswith(PONG)):
            super().data_received(data)

    def lose(self) -> None:
        """Nothing was heard for too long: what waits in the buffer would hold a vanished reader for minutes."""
        self.ready = False
        self.transport.abort()
