"""Following a live summary in a terminal, over the same WebSocket as the pages."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from server.remote.log import Cursor, parse_cursor
from server.remote.messages import SUBPROTOCOL

#: Seconds of silence after which the line counts as dead: the server speaks every 25.
SILENCE = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


class NoSuchSummaryError(Exception):
    """The server says that there is nothing to follow at this address."""


def socket_address(url: str) -> str:
    """The WebSocket's address for the address of a session, its live page or the socket itself.

    Raises ValueError when it is the address of none of these.
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix("/ws").removesuffix("/live")
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if parts.scheme not in schemes or "/sessions/" not in path:
        raise ValueError(f"{url} is not the address of a session, such as https://host/igf2014/sessions/ws112/live")
    return f"{schemes[parts.scheme]}://{parts.netloc}{path}/live/ws"


class Reader:
    """Where a reader stands, and what it makes of each message: lines to show, each once."""

    def __init__(self, cursor: Cursor | None) -> None:
        self.cursor = cursor
        self.seen: dict[str, int] = {}
        self.retry_ms: list[int] | None = None

    def read(self, message: dict[str, Any]) -> list[str]:
        """The lines that a message adds. Raises EOFError on a gap: come back with the cursor."""
        kind = message.get("type")
        if kind == "snapshot":
            self.cursor = Cursor(message["epoch"], message["offset"])
            return [line for p in message["paragraphs"] for line in self._paragraph(p, "append")]
        if kind == "events":
            return self._events(message)
        if kind == "bye":
            self.retry_ms = message.get("retry_ms")
        if kind == "ping" and str(self.cursor) != message.get("heads", {}).get("summary", str(self.cursor)):
            raise EOFError
        return []

    def _events(self, message: dict[str, Any]) -> list[str]:
        at = self.cursor.offset if self.cursor and self.cursor.epoch == message["epoch"] else 0
        if message["from"] > at + 1:
            raise EOFError
        lines: list[str] = []
        for one in message["events"]:
            if one["offset"] > at:
                lines += self._one(one)
        self.cursor = Cursor(message["epoch"], max(at, message["to"]))
        return lines

    def _one(self, one: dict[str, Any]) -> list[str]:
        if one["op"] == "status":
            return [f"--- {one['status']} ---", ""]
        return self._paragraph(one["paragraph"], one["op"]) if "paragraph" in one else []

    def _paragraph(self, p: dict[str, Any], op: str) -> list[str]:
        if self.seen.get(p["id"], 0) >= p["rev"]:
            return []
        changed = p["id"] in self.seen or op != "append"
        self.seen[p["id"]] = p["rev"]
        if p["state"] == "retracted":
            return [f"[{p['id']} was withdrawn: {p['reason']}]", ""]
        return [*([f"[{p['id']} now reads:]"] if changed else []), p["text"], ""]


async def follow(url: str, after: str | None, tell: Callable[[str], None], note: Callable[[str], None]) -> None:
    """Follow until cancelled: `tell` gets the lines of the summary, `note` what happens to the line.

    Raises ValueError for a wrong address and NoSuchSummaryError when the server has nothing there.
    """
    address = socket_address(url)
    reader = Reader(parse_cursor(after))
    failures = 0
    while True:
        try:
            async for message in _messages(address, reader):
                failures = 0
                for line in reader.read(message):
                    tell(line)
        except InvalidStatus as refusal:
            if refusal.response.status_code in (403, 404):
                raise NoSuchSummaryError(f"{address} answered {refusal.response.status_code}") from refusal
        except (OSError, EOFError, TimeoutError, ConnectionClosed, InvalidHandshake):
            pass
        failures += 1
        low, high = (ms / 1000 for ms in reader.retry_ms or [0, 0])
        reader.retry_ms = None
        pause = random.uniform(low, max(high, min(LONGEST_PAUSE, FIRST_PAUSE * 2**failures)))  # noqa: S311 (jitter)
        note(f"the connection is lost at {reader.cursor or 'the beginning'}; trying again in {pause:.1f} s")
        await asyncio.sleep(pause)


async def _messages(address: str, reader: Reader) -> AsyncIterator[dict[str, Any]]:
    after = f"?after={quote(str(reader.cursor), safe=':')}" if reader.cursor else ""
    async with connect(address + after, subprotocols=[SUBPROTOCOL], proxy=None, max_size=None) as line:  # type: ignore[list-item]
        while True:
            yield json.loads(await _next(line))


async def _next(line: ClientConnection) -> str | bytes:
    return await asyncio.wait_for(line.recv(), SILENCE)
