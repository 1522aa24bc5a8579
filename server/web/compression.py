"""Compression: each form of an answer, plain or compressed, carries a tag of its own (RFC 9110 8.8.3.3)."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MARK = '-gzip"'
#: Where the inner half notes for the outer one that a page has compressed its answer itself.
_OWN = "plenary.own_encoding"


class Compression:
    """Compresses what is worth it, and sees to ETags: `"x"` becomes `"x-gzip"` on the way out and `"x"` on the way in.

    A page that answers with `Content-Encoding` and a tag of its own is left alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.gzip = GZipMiddleware(self._noting, minimum_size=800, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if not takes_gzip(Headers(scope=scope)):
            _set_header(scope, b"accept-encoding", "identity")  # the middleware does not read weights
        known = Headers(scope=scope).get("if-none-match", "")
        if _MARK in known:
            _set_header(scope, b"if-none-match", known + ", " + known.replace(_MARK, '"'))

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start" and not scope.get(_OWN):
                _tag(MutableHeaders(scope=message), message["status"], known)
            await send(message)

        await self.gzip(scope, receive, tagged)

    async def _noting(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope[_OWN] = "content-encoding" in Headers(raw=message["headers"])
            await send(message)

        await self.app(scope, receive, noting)


def takes_gzip(headers: Headers) -> bool:
    """Whether the caller names gzip and does not refuse it with a weight of 0 (RFC 9110 12.5.3)."""
    for part in ",".join(headers.getlist("accept-encoding")).lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding in ("gzip", "x-gzip"):
            return weight.strip("0.") != "" or weight == ""
    return False


def _tag(headers: MutableHeaders, status: int, known: str) -> None:
    tag = headers.get("etag", "")
    if not tag.endswith('"') or tag.endswith(_MARK):
        return
    marked = tag[:-1] + _MARK
    if headers.get("content-encoding") == "gzip" or (status == 304 and marked in known):
        headers["etag"] = marked


def _set_header(scope: Scope, name: bytes, value: str) -> None:
    kept = [pair for pair in scope["headers"] if pair[0] != name]
    scope["headers"] = [*kept, (name, value.encode("latin-1"))]
