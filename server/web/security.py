"""Protection at the door: headers on every answer, foreign posts and large bodies refused, floods slowed."""

import ipaddress
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from asgi_cross_origin_protection import CrossOriginProtection
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.problems import NotReady
from server.web.language import N_

CSP = "; ".join(
    (
        "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "object-src 'none'",
        "base-uri 'none'", "frame-ancestors 'self'", "form-action 'self'",
    )
)  # fmt: skip
#: For the pages that are made to stand in a frame on other sites, and say so themselves.
FRAMED_CSP = CSP.replace("frame-ancestors 'self'", "frame-ancestors *")
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Pages whose address is itself a secret tell no other site where the reader came from.
SECRET_PATHS = ("/registration/", "/sign-in/", "/calendar/")


class SecurityHeaders:
    """Puts the protecting headers on every answer, whoever made it."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                # without content there is nothing to protect, and a bad line pays for every byte
                for name, value in (self.headers if message["status"] != 204 else {}).items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(SECRET_PATHS):
                    headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self.app(scope, receive, protected)


class ForeignPosts:
    """Refuses a post that another site made a browser send; a program with a bearer token has no browser to trick."""

    def __init__(self, app: ASGIApp, base_url: str, refuse: ASGIApp) -> None:
        self.app = app
        self.guard = CrossOriginProtection(app, allowed_origins=[origin_of(base_url)], deny_app=refuse)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bearer = scope["type"] == "http" and has_bearer(Headers(scope=scope))
        await (self.app if bearer else self.guard)(scope, receive, send)


class BodyLimit:
    """Refuses a body over the limit: at once when its length is told, else as soon as it has come.

    Starlette's own limit answers in plain text and not with our problem.
    """

    def __init__(self, app: ASGIApp, largest: int, refuse: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.largest = largest
        self.refuse = refuse
        #: Bytes at the addresses that end so and take files.
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        told, largest = headers.get("content-length", ""), self.largest
        if headers.get("content-type", "").lower().startswith("multipart/form-data"):  # a file goes to disk as it comes
            largest = next((size for end, size in self.larger.items() if scope["path"].endswith(end)), largest)
        if told.isdecimal() and int(told) > largest:
            await self.refuse(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > largest:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


class PlainAddress:
    """Takes the character NUL out of addresses: nothing is found under it, and PostgreSQL refuses to look."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "\0" in scope.get("path", "") or b"%00" in scope.get("query_string", b""):
            path, query = scope["path"].replace("\0", "\ufffd"), scope["query_string"].replace(b"%00", b"%EF%BF%BD")
            scope.update(path=path, query_string=query)
        await self.app(scope, receive, send)


def has_bearer(headers: Headers) -> bool:
    """Whether the request carries a bearer token (RFC 6750 2.1)."""
    return headers.get("authorization", "")[:7].lower() == "bearer "


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_own_origin(origin: str, host: str, base_url: str) -> bool:
    """Whether an Origin header is this server's: the host that was asked, or the public address."""
    try:
        named = urlsplit(origin).netloc.lower()
    except ValueError:  # such as `http://[`
        return False
    return origin == origin_of(base_url) or (bool(host) and named == host.lower())


def network_of(host: str) -> str:
    """Whom to count a network address as: itself, or the /64 of an IPv6 address (RFC 6177: a site has at least one)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4 or address.ipv4_mapped:
        return host
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))


class Door:
    """Lets new followers in at a rate that leaves those inside undisturbed; a handshake costs a core some 0.7 ms.

    What it guards is this process, so each has a door of its own.
    """

    PER_SECOND = 1000.0

    def __init__(self, per_second: float = PER_SECOND) -> None:
        self._per_second = per_second
        self._room = per_second
        self._since = time.monotonic()

    def admit(self) -> None:
        """Let one in; raises NotReady when the next must wait."""
        now = time.monotonic()
        self._room = min(self._per_second, self._room + (now - self._since) * self._per_second)
        self._since = now
        if self._room < 1:
            raise NotReady(N_("Many are coming in just now. Please try again in a moment."), retry_after=1)
        self._room -= 1
