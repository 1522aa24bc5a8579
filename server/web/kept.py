"""Answers that are the same for everybody are kept, finished to the last header, for as long as what they show stands.

A page or feed says so with `keep`. Before a kept answer is given again the database is asked how things stand, so
another process's change is seen at once; requests that come together share one question. A kept answer passes none of
the layers again: it passed them when it was made, for the same address, in the same language and encoding.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import clock
from server.web import language
from server.web.compression import takes_gzip
from server.web.conditional import already_has
from server.web.watch import REQUESTS, SECONDS

#: Bytes of all kept answers together, and characters of an address whose answer may be kept: anybody can make up queries.
ROOM = 64 * 1024 * 1024
LONGEST_KEPT = 1000
#: Bytes that an answer takes besides its body.
PLACE = 4096
_KEEP = "plenary.keep"
#: What only belongs to an answer with content.
_OF_CONTENT = (b"content-type", b"content-length", b"content-encoding", b"content-disposition", b"content-language")

#: Whose answer it is (such as a meeting's address), and how that stands.
Standings = Mapping[str, object]


@dataclass(frozen=True)
class Keeping:
    """What a page said of its answer: whose it is, how things stood when it was made, and until when it is true."""

    owner: str
    standing: object
    until: datetime | None
    in_language: bool


def keep(
    scope: Scope, owner: str, standing: object, *, until: datetime | None = None, in_language: bool = False
) -> None:
    """Let the answer to this request be kept until `owner` stands otherwise, or an instant comes.

    Only for what is the same for everybody who has no visit. With `in_language` it depends on the reader's language.
    """
    scope.setdefault(_KEEP, []).append(Keeping(owner, standing, until, in_language))


@dataclass(frozen=True)
class Kept:
    """A finished answer: the header lines as they are sent, the tag among them, and the body."""

    keeping: Keeping
    route: str
    headers: list[tuple[bytes, bytes]]
    bare: list[tuple[bytes, bytes]]
    tag: str
    modified: datetime | None
    body: bytes


class Standing:
    """How everything stands, asked of the database; whoever asks while a question is under way shares the next one."""

    def __init__(self, ask: Callable[[], Awaitable[Standings]]) -> None:
        self._ask = ask
        self._running: asyncio.Task[Standings] | None = None
        self._next: asyncio.Task[Standings] | None = None

    async def now(self) -> Standings:
        """As it is after this call began: one answered before might not know what was committed since."""
        if self._next is None:
            self._next = asyncio.create_task(self._follow(self._running))
        return await asyncio.shield(self._next)

    async def _follow(self, running: "asyncio.Task[Standings] | None") -> Standings:
        if running is not None and not running.done():
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        return await self._ask()


class KeptAnswers:
    """The outermost layer: gives kept answers, and keeps those that say they may be."""

    def __init__(self, app: ASGIApp, room: int = ROOM) -> None:
        self.app = app
        self.room = room
        self.standing: Standing | None = None
        self._kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()
        self._held = 0
        #: Addresses whose answers depend on the language; of the others the languages share one answer.
        self._in_language: dict[tuple[str, bytes], bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or self.standing is None:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "authorization" in headers or "plenary=" in headers.get("cookie", ""):
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        place = (scope["path"], scope["query_string"])
        found = self._kept.get(self._key(place, headers))
        if found is not None:
            standing = (await self.standing.now()).get(found.keeping.owner)
            if standing == found.keeping.standing and not self._is_over(found):
                await self._give(found, scope, headers, send, began)
                return
        await self.app(scope, receive, self._keeping(scope, place, headers, send))

    def _key(self, place: tuple[str, bytes], headers: Headers) -> tuple[Any, ...]:
        tag = ""
        if self._in_language.get(place):
            query = dict(pair.partition("=")[::2] for pair in place[1].decode("latin-1").split("&"))
            tag = language.negotiate(query.get("lang"), _cookie(headers, "lang"), headers.get("accept-language", ""))
        return (*place, tag, takes_gzip(headers))

    def _is_over(self, found: Kept) -> bool:
        return found.keeping.until is not None and clock.now() >= found.keeping.until

    async def _give(self, found: Kept, scope: Scope, headers: Headers, send: Send, began: float) -> None:
        has_it = bool(found.tag) and already_has(headers, found.tag, found.modified)
        status = 304 if has_it else 200
        await send(
            {"type": "http.response.start", "status": status, "headers": found.bare if has_it else found.headers}
        )
        await send({"type": "http.response.body", "body": b"" if has_it else found.body})
        REQUESTS.labels("GET", found.route, str(status)).inc()
        SECONDS.labels("GET", found.route).observe(time.perf_counter() - began)

    def _keeping(self, scope: Scope, place: tuple[str, bytes], headers: Headers, send: Send) -> Send:
        """Sends on, and keeps what passes when the page says so, it is whole, and went well."""
        start: Message = {}

        async def passing(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif start.get("status") == 200 and scope.get(_KEEP) and not message.get("more_body"):
                self._keep(scope, place, headers, start, message.get("body", b""))
            await send(message)

        return passing

    def _keep(self, scope: Scope, place: tuple[str, bytes], headers: Headers, start: Message, body: bytes) -> None:
        keeping: Keeping = scope[_KEEP][-1]
        lines = [pair for pair in start["headers"] if pair[0] != b"x-request-id"]
        length = Headers(raw=lines).get("content-length")
        if len(place[0]) + len(place[1]) > LONGEST_KEPT or length != str(len(body)):
            return
        self._in_language[place] = keeping.in_language
        key = self._key(place, headers)
        if (before := self._kept.pop(key, None)) is not None:
            self._held -= len(before.body) + PLACE
        route = getattr(scope.get("route"), "path", "none")
        bare = [pair for pair in lines if pair[0] not in _OF_CONTENT]
        told = Headers(raw=lines)
        modified = parsedate_to_datetime(told["last-modified"]) if "last-modified" in told else None
        self._kept[key] = Kept(keeping, route, lines, bare, told.get("etag", ""), modified, body)
        self._held += len(body) + PLACE
        while self._held > self.room and len(self._kept) > 1:
            oldest, dropped = self._kept.popitem(last=False)
            self._held -= len(dropped.body) + PLACE
            self._in_language.pop(oldest[:2], None)


def _cookie(headers: Headers, name: str) -> str | None:
    for part in headers.get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None
