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
from functools import lru_cache
from typing import Any

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import clock
from server.problems import Problem
from server.web.compression import takes_gzip
from server.web.conditional import already_has
from server.web.negotiate import language_for
from server.web.watch import REQUESTS, SECONDS

#: Bytes of all kept answers together, and characters of an address whose answer may be kept: anybody can make up queries.
ROOM = 64 * 1024 * 1024
LONGEST_KEPT = 1000
#: Bytes that an answer takes besides its body.
PLACE = 4096
_KEEP = "plenary.keep"
#: What only belongs to an answer with content.
_OF_CONTENT = (b"content-type", b"content-length", b"content-encoding", b"content-disposition", b"content-language")

#: The lines of a request that decide whether it gets a kept answer, and which.
_MATTERS = frozenset((
    b"authorization", b"cookie", b"accept-encoding", b"accept-language", b"if-none-match", b"if-modified-since",
))  # fmt: skip
Said = Mapping[bytes, bytes]

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


@lru_cache(maxsize=256)
def _measures(route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels("GET", route, str(status)), SECONDS.labels("GET", route)


class Standing:
    """How everything stands, asked of the database; whoever asks while a question is under way shares the next one."""

    def __init__(self, ask: Callable[[], Awaitable[Standings]], mark: Callable[[], int | None] = lambda: None) -> None:
        self._ask = ask
        #: A number that is another once anything was committed; while it is the same, so is the last answer.
        self._mark = mark
        self._known: tuple[int, Standings] | None = None
        self._running: asyncio.Task[Standings] | None = None
        self._next: asyncio.Task[Standings] | None = None

    def known(self) -> Standings | None:
        """As it is now, if that is known without asking: nothing was committed since the last question."""
        return self._known[1] if self._known is not None and self._known[0] == self._mark() else None

    async def now(self) -> Standings:
        """As it is after this call began: one answered before might not know what was committed since."""
        if self._next is None:
            self._next = asyncio.create_task(self._follow(self._running))
        return await asyncio.shield(self._next)

    async def _follow(self, running: "asyncio.Task[Standings] | None") -> Standings:
        if running is not None and not running.done():
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        mark = self._mark()  # before the question: what is committed meanwhile may be in its answer or not
        answer = await self._ask()
        self._known = None if mark is None else (mark, answer)
        return answer


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
        said = _said(scope)
        if said is None or b"authorization" in said or b"plenary" in said.get(b"cookie", b""):
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        place = (scope["path"], scope["query_string"])
        found = self._kept.get(self._key(place, said))
        if found is not None:
            standings = self.standing.known() or await self._ask()
            if standings.get(found.keeping.owner) == found.keeping.standing and not self._is_over(found):
                await self._give(found, scope, said, send, began)
                return
        await self.app(scope, receive, self._keeping(scope, place, said, send))

    def _key(self, place: tuple[str, bytes], said: Said) -> tuple[Any, ...]:
        tag = ""
        if self._in_language.get(place):
            tag = _language(place[1], said.get(b"cookie", b""), said.get(b"accept-language", b""))
        return (*place, tag, _takes_gzip(said.get(b"accept-encoding", b"")))

    async def _ask(self) -> Standings:
        """How things stand; nothing is known while the database cannot be asked, and the page says that in words."""
        assert self.standing is not None
        try:
            return await self.standing.now()
        except Problem:
            return {}

    def _is_over(self, found: Kept) -> bool:
        return found.keeping.until is not None and clock.now() >= found.keeping.until

    async def _give(self, found: Kept, scope: Scope, said: Said, send: Send, began: float) -> None:
        known = said.get(b"if-none-match")
        has_it = bool(found.tag) and (
            known == found.tag.encode()
            or (
                (known is not None or b"if-modified-since" in said)
                and already_has(Headers(scope=scope), found.tag, found.modified)
            )
        )
        status = 304 if has_it else 200
        await send(
            {"type": "http.response.start", "status": status, "headers": found.bare if has_it else found.headers}
        )
        await send({"type": "http.response.body", "body": b"" if has_it else found.body})
        requests, seconds = _measures(found.route, status)
        requests.inc()
        seconds.observe(time.perf_counter() - began)

    def _keeping(self, scope: Scope, place: tuple[str, bytes], said: Said, send: Send) -> Send:
        """Sends on, and keeps what passes when the page says so, it is whole, and went well."""
        start: Message = {}

        async def passing(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif start.get("status") == 200 and scope.get(_KEEP) and not message.get("more_body"):
                self._keep(scope, place, said, start, message.get("body", b""))
            await send(message)

        return passing

    def _keep(self, scope: Scope, place: tuple[str, bytes], said: Said, start: Message, body: bytes) -> None:
        keeping: Keeping = scope[_KEEP][-1]
        lines = [pair for pair in start["headers"] if pair[0] != b"x-request-id"]
        length = Headers(raw=lines).get("content-length")
        if len(place[0]) + len(place[1]) > LONGEST_KEPT or length != str(len(body)):
            return
        self._in_language[place] = keeping.in_language
        key = self._key(place, said)
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


def _said(scope: Scope) -> Said | None:
    """The lines that matter, read in one go; None when one comes twice: layers that read such a request may differ."""
    said: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _MATTERS:
            if name in said:
                return None
            said[name] = value
    return said


@lru_cache(maxsize=128)
def _takes_gzip(said: bytes) -> bool:
    """As `takes_gzip` reads it; most callers say the same few things."""
    return takes_gzip(Headers(raw=[(b"accept-encoding", said)]))


@lru_cache(maxsize=128)
def _language(query: bytes, cookies: bytes, accepted: bytes) -> str:
    """The language that the layer within answers in."""
    lines = [(b"cookie", cookies), (b"accept-language", accepted)]
    return language_for(HTTPConnection({"type": "http", "query_string": query, "headers": lines}))
