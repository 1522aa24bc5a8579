"""Frames of a log, made once and shared: the same bytes go to every follower who stands at the same place."""

import struct
from functools import lru_cache

from server.remote import messages
from server.remote.log import TAILS, Cursor, Log

#: A ping without payload (RFC 6455 5.5.2): whoever is there answers it.
PING_FRAME = b"\x89\x00"


def text_frame(text: str) -> bytes:
    """A whole text message as one frame (RFC 6455 5.2). A server's frames are not masked (5.1): all get the same."""
    body = text.encode()
    size = len(body)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + body
    if size < 65536:
        return struct.pack("!BBH", 0x81, 126, size) + body
    return struct.pack("!BBQ", 0x81, 127, size) + body


#: What everybody is told at once when this process, or another, goes deaf or hears again, or stops.
STANDING_FRAMES = {live: text_frame(messages.standing(live)) for live in (True, False)}
BYE_FRAME = text_frame(messages.bye())


@lru_cache(maxsize=4 * TAILS)
def stream_event(body: str, place: str) -> bytes:
    """A message as one server-sent event, the same bytes for all who stand at the same place; `place` its id, if any."""
    return (f"id: {place}\ndata: {body}\n\n" if place else f"data: {body}\n\n").encode()


class Frames:
    """The frames of one log as it now stands."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._head = -1
        self._after: dict[int, bytes] = {}
        self._snapshot = b""
        self._presence = (0, b"")
        self._ping = ("", b"")

    def _renew(self) -> None:
        if self._head != self.log.head.offset:
            self._head = self.log.head.offset
            self._after.clear()
            self._snapshot = b""

    def after(self, offset: int) -> bytes:
        """What has been written since `offset`; everything for a follower of another log (-1)."""
        self._renew()
        if offset not in self._after:
            if len(self._after) >= TAILS:
                self._after.clear()
            self._after[offset] = text_frame(self.log.tail(offset)) if offset >= 0 else self.snapshot()
        return self._after[offset]

    def shortest(self, offset: int) -> bytes:
        """The same for one who has been away: the tail, or the whole where that is shorter."""
        return min(self.after(offset), self.snapshot(), key=len)

    def snapshot(self) -> bytes:
        """The whole summary."""
        self._renew()
        self._snapshot = self._snapshot or text_frame(self.log.snapshot())
        return self._snapshot

    def opening(self, cursor: Cursor | None) -> bytes:
        """The first message to a follower who comes with this cursor."""
        return self.shortest(cursor.offset) if cursor is not None and self.log.knows(cursor) else self.snapshot()

    def presence(self, followers: int) -> bytes:
        """How many follow."""
        if self._presence[0] != followers:
            self._presence = (followers, text_frame(messages.presence(followers)))
        return self._presence[1]

    def ping(self) -> bytes:
        """A sign of life."""
        cursor = str(self.log.head)
        if self._ping[0] != cursor:
            self._ping = (cursor, text_frame(messages.ping(cursor)))
        return self._ping[1]
