"""Requests to other people's servers: to public addresses only, and to the very address that was looked at."""

import asyncio
import ipaddress
import re
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from socket import SOCK_STREAM, getaddrinfo
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import anyio
import anyio.to_thread
import httpcore2
import idna

from server.web.language import N_

#: Seconds for a whole request; for one of several addresses of a host; for the rest of an answer whose status is known.
PATIENCE, ONE_ADDRESS, REMAINDER = 10.0, 3.0, 2.0
#: Bytes of an answer that are read at most: only its status and headers matter.
LARGEST_ANSWER = 64 * 1024
#: Lines to other servers at a time, host names looked up at a time, seconds for which a line is kept for the next request.
LINES, LOOKUPS, KEPT = 48, 16, 4.0

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: This machine and private networks. Link-local addresses, at which clouds hand out their keys, are not among them.
_LOCAL = tuple(
    map(ipaddress.ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7"))
)
#: Set aside by IANA, which older versions of Python do not know.
_SET_ASIDE = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
_LEGAL = "/%:@!$&'()*+,;=~"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: `resolve(host, port)`: the addresses of a host; raises OSError when there are none.
Resolve = Callable[[str, int], Awaitable[list[str]]]


class BadAddress(ValueError):
    """An address to which nothing is sent; the message is a sentence to be translated."""


@dataclass(frozen=True)
class Answer:
    """What came of a request: a status, or a fault (`no-host not-public no-line no-tls late broken`) with details."""

    status: int = 0
    fault: str = ""
    details: str = ""
    retry_after: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the other side took it."""
        return 200 <= self.status < 300

    def wait(self, now: datetime) -> float:
        """Seconds that the other side asks to be left alone (RFC 9110 10.2.3); 0 when it asks for nothing."""
        if self.retry_after.isascii() and self.retry_after.isdigit():
            return float(self.retry_after[:9])
        try:
            return max(0.0, (parsedate_to_datetime(self.retry_after) - now).total_seconds())
        except (ValueError, TypeError):  # no date, or one without zone
            return 0.0


class NotPublic(Exception):
    """A host has an address to which nothing is sent."""


def is_public(text: str) -> bool:
    """Whether a numeric address is one of the public internet, and so is the IPv4 address that it may stand for."""
    address = _inner(ipaddress.ip_address(text))
    if any(address in network for network in _SET_ASIDE) or address.is_multicast or not address.is_global:
        return False
    return address.version == 4 or address in _GLOBAL_UNICAST


def is_local(text: str) -> bool:
    """Whether a numeric address is of this machine or of a private network."""
    address = _inner(ipaddress.ip_address(text))
    return any(address in network for network in _LOCAL)


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to: mapped, 6to4 (RFC 3056) or by NAT64 (RFC 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def normal_url(text: str, *, local: bool = False) -> str:
    """An https address as it is sent to, in ASCII; raises BadAddress for everything else.

    `local`, for trials, allows http as well, and this machine and its private network.
    """
    if re.search(r"[\s\\\x00-\x1f\x7f]", text):
        raise BadAddress(N_("There is a space or another odd character in the address."))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise BadAddress(N_("This is not an address. It looks like https://example.org/plenary."))
    if parts.scheme not in (("https", "http") if local else ("https",)):
        raise BadAddress(
            N_("The address must begin with https://, so that nobody on the way reads or changes anything.")
        )
    if "@" in parts.netloc:
        raise BadAddress(N_("Leave out the name and password before the host: what is sent is signed instead."))
    place = _normal_host(host, local) + (f":{port}" if port is not None else "")
    return f"{parts.scheme}://{place}{_target(parts)}"


def _target(parts: SplitResult) -> str:
    query = f"?{quote(parts.query, safe=_LEGAL + '?')}" if parts.query else ""
    return quote(parts.path or "/", safe=_LEGAL) + query


def _normal_host(host: str, local: bool) -> str:
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        try:
            return host if host.isascii() else idna.encode(host, uts46=True).decode()
        except idna.IDNAError as fault:
            raise BadAddress(N_("There can be no host of this name.")) from fault
    if not (is_public(host) or (local and is_local(host))):
        raise BadAddress(N_("This address is not one of the public internet."))
    return f"[{literal}]" if literal.version == 6 else str(literal)


class _Checked(httpcore2.AsyncNetworkBackend):
    """Opens lines. A name is resolved once, and the line goes to an address that was looked at: a name that means
    something else the next moment (DNS rebinding) leads nowhere new."""

    def __init__(self, resolve: Resolve, local: bool) -> None:
        self.resolve, self.local = resolve, local
        self._lines = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ASYNC109 (as httpcore has it)
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:  # fmt: skip
        """A line to the first address of the host that answers; all of them must be ones to which we send."""
        addresses = await self.resolve(host, port)
        if not addresses or not all(is_public(one) or (self.local and is_local(one)) for one in addresses):
            raise NotPublic
        for address in addresses[:-1]:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await self._lines.connect_tcp(address, port, ONE_ADDRESS)
        return await self._lines.connect_tcp(addresses[-1], port, timeout)


class Outside:
    """Posts to other servers. No redirect is followed, no cookie kept, no proxy asked, nothing of an answer stored."""

    def __init__(self, *, local: bool = False) -> None:
        self.local, self.patience = local, PATIENCE
        self.tls: ssl.SSLContext | None = None
        self._pool: httpcore2.AsyncConnectionPool | None = None
        self._lookups: anyio.CapacityLimiter | None = None
        self._opening = asyncio.Lock()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post, and say what came of it; raises nothing that the other side can cause."""
        try:
            with anyio.fail_after(self.patience):
                return await self._post(url, headers, body)
        except (TimeoutError, httpcore2.TimeoutException):
            return Answer(fault="late")
        except NotPublic:
            return Answer(fault="not-public")
        except httpcore2.ConnectError as fault:
            return _no_line(*fault.args)
        except (OSError, UnicodeError):  # of looking up the name
            return Answer(fault="no-host")
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as fault:
            return Answer(fault="broken", details=type(fault).__name__)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        pool = await self._opened()
        async with pool.stream("POST", url, headers=list(headers.items()), content=body) as response:
            answered = {name.lower(): value for name, value in response.headers}
            with anyio.move_on_after(REMAINDER), suppress(httpcore2.NetworkError, httpcore2.ProtocolError):
                await _read(response)
            return Answer(response.status, retry_after=answered.get(b"retry-after", b"").decode("latin-1").strip())

    async def _opened(self) -> httpcore2.AsyncConnectionPool:
        """The lines, made when they are first needed: reading the certificates takes a tenth of a second."""
        async with self._opening:
            if self._pool is None:
                tls = self.tls or await anyio.to_thread.run_sync(httpcore2.default_ssl_context)
                backend = _Checked(self.resolve, self.local)
                self._pool = httpcore2.AsyncConnectionPool(
                    tls, max_connections=LINES, keepalive_expiry=KEPT, network_backend=backend
                )
            return self._pool

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host, in the order this machine prefers; in threads of our own, because names that nobody
        answers for hold theirs for half a minute."""
        self._lookups = self._lookups or anyio.CapacityLimiter(LOOKUPS)
        work: Callable[[], list[Any]] = partial(getaddrinfo, host, port, type=SOCK_STREAM)
        found = await anyio.to_thread.run_sync(work, limiter=self._lookups, abandon_on_cancel=True)
        return list(dict.fromkeys(str(one[4][0]) for one in found))

    async def close(self) -> None:
        """Let all lines go."""
        if self._pool is not None:
            await self._pool.aclose()


def _no_line(reason: object = None, *_: object) -> Answer:
    """Why there is no line: most often nobody answers, or TLS is not to its taste or ours."""
    if not isinstance(reason, ssl.SSLError):
        return Answer(fault="no-line")
    return Answer(fault="no-tls", details=str(getattr(reason, "verify_message", "") or reason.reason or ""))


async def _read(response: httpcore2.Response) -> None:
    """Read an answer to its end, so that its line can be used again, unless it is long."""
    read = 0
    async for piece in response.aiter_stream():
        read += len(piece)
        if read > LARGEST_ANSWER:
            return
