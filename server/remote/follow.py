"""Following a live summary in a terminal, over the same WebSocket as the pages."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import ProxyHandler, build_opener

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from server.remote.log import Cursor, parse_cursor
from server.remote.messages import SUBPROTOCOL, encode

#: Seconds of silence after which the line counts as dead: the server speaks every 25.
SILENCE = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
#: What is noted of the server, by whether it hears at once of what is written.
STANDING = {
    False: "the server does not hear of new paragraphs at the moment; they will come",
    True: "the server hears of new paragraphs again",
}


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


def tail_address(socket: str, cursor: Cursor) -> str:
    """Where what came after a cursor is asked for by HTTP, for the WebSocket's address."""
    parts = urlsplit(socket)
    scheme = {"ws": "http", "wss": "https"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, parts.path.removesuffix("/ws") + ".json", f"after={cursor}", ""))


class Reader:
    """Where a reader stands, and what it makes of each message: lines to show, each once."""

    def __init__(self, cursor: Cursor | None) -> None:
        self.cursor = cursor
        self.seen: dict[tuple[str, str], int] = {}
        self.retry_ms: list[int] | None = None

    def read(self, message: dict[str, Any]) -> list[str]:
        """The lines that a message adds. Raises EOFError on a gap: come back with the cursor."""
        kind = message.get("type")
        if kind == "snapshot":
            self.cursor = Cursor(message["epoch"], message["offset"])
            return self.whole(message)
        if kind == "events":
            return self._events(message)
        if kind == "bye":
            self.retry_ms = message.get("retry_ms")
        if kind == "ping" and str(self.cursor) != message.get("heads", {}).get("summary", str(self.cursor)):
            raise EOFError
        return []

    def skips(self, message: dict[str, Any]) -> bool:
        """Whether a message would pass over events that must be told one by one."""
        return False

    def _events(self, message: dict[str, Any]) -> list[str]:
        at = self.cursor.offset if self.cursor and self.cursor.epoch == message["epoch"] else 0
        if message["from"] > at + 1:
            raise EOFError
        lines: list[str] = []
        for one in message["events"]:
            if one["offset"] > at:
                lines += self.one(one, message["epoch"])
        self.cursor = Cursor(message["epoch"], max(at, message["to"]))
        return lines

    def whole(self, message: dict[str, Any]) -> list[str]:
        """The lines of a snapshot."""
        return [line for p in message["paragraphs"] for line in self._paragraph(p, "append")]

    def one(self, one: dict[str, Any], epoch: str) -> list[str]:
        """The lines of one event."""
        if one["op"] == "status":
            return [f"--- {one['status']} ---", ""]
        if one["op"] == "move":
            return [f"[{one['id']} now stands {'before ' + one['before'] if one['before'] else 'at the end'}]", ""]
        if one["op"] == "translate":
            return self._translation(one["id"], one["translation"])
        return self._paragraph(one["paragraph"], one["op"]) if "paragraph" in one else []

    def _is_new(self, number: str, lang: str, rev: int) -> bool:
        is_new = self.seen.get((number, lang), 0) < rev
        if is_new:
            self.seen[number, lang] = rev
        return is_new

    def _paragraph(self, p: dict[str, Any], op: str) -> list[str]:
        changed = (p["id"], "") in self.seen or op != "append"
        lines: list[str] = []
        if self._is_new(p["id"], "", p["rev"]):
            if p["state"] == "retracted":
                return [f"[{p['id']} was withdrawn: {p['reason']}]", ""]
            lines = [*([f"[{p['id']} now reads:]"] if changed else []), p["text"], ""]
        return lines + [line for t in p.get("translations", []) for line in self._translation(p["id"], t)]

    def _translation(self, number: str, t: dict[str, Any]) -> list[str]:
        if not self._is_new(number, t["lang"], t["rev"]):
            return []
        return [f"[{number} in {t['lang']}:]", t["text"], ""] if t["text"] else [f"[{number} in {t['lang']}: none]", ""]


class LineReader(Reader):
    """The same for scripts: a snapshot to begin with, then every event once, each as one line of JSON."""

    def skips(self, message: dict[str, Any]) -> bool:
        """A snapshot of the log that is read already is shorter than its events, and says less."""
        return message["type"] == "snapshot" and self.cursor is not None and self.cursor.epoch == message["epoch"]

    def whole(self, message: dict[str, Any]) -> list[str]:
        """The snapshot as one line."""
        held = {"status": message["status"], "paragraphs": message["paragraphs"]}
        return [encode({"cursor": str(self.cursor), "op": "snapshot", **held})]

    def one(self, one: dict[str, Any], epoch: str) -> list[str]:
        """The event, with the cursor that stands after it."""
        rest = {name: value for name, value in one.items() if name != "offset"}
        return [encode({"cursor": str(Cursor(epoch, one["offset"])), **rest})]


async def follow(
    url: str, after: str | None, tell: Callable[[str], None], note: Callable[[str], None], *, as_json: bool = False
) -> None:
    """Follow until cancelled: `tell` gets the lines of the summary, `note` what happens to the line.

    Raises ValueError for a wrong address and NoSuchSummaryError when the server has nothing there.
    """
    address = socket_address(url)
    reader = (LineReader if as_json else Reader)(parse_cursor(after))
    failures = 0
    while True:
        try:
            async for message in _messages(address, reader):
                failures = 0
                if message.get("type") == "standing":
                    note(STANDING[bool(message["live"])])
                if reader.skips(message) and reader.cursor:
                    message = await asyncio.to_thread(_tail, tail_address(address, reader.cursor))
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


def _tail(address: str) -> dict[str, Any]:
    """What came after a cursor, every event of it: over the socket it may be shortened to a snapshot."""
    with build_opener(ProxyHandler({})).open(address, timeout=SILENCE) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


async def _next(line: ClientConnection) -> str | bytes:
    return await asyncio.wait_for(line.recv(), SILENCE)
