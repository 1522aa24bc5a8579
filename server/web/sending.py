"""Finished files for programs: sent as they are or compressed, under a tag for each form, and spared whoever has them."""

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from functools import wraps
from typing import Protocol

from starlette.requests import Request as StarletteRequest
from starlette.responses import Response

from server.database import Database, Store
from server.web.compression import takes_gzip
from server.web.conditional import already_has
from server.web.page import Endpoint, Request

#: Any site may show it, and anybody keep it, but never without asking: a room may change.
FOR_EVERYBODY = {
    "Cache-Control": "public, no-cache",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
#: It is somebody's own.
FOR_ONE = {"Cache-Control": "private, no-cache"}


class Finished(Protocol):
    """A file as bytes, plain and compressed. `tag` is the name of exactly these bytes."""

    @property
    def body(self) -> bytes:
        """It as it is."""

    @property
    def packed(self) -> bytes:
        """It in gzip."""

    @property
    def tag(self) -> str:
        """Its name."""

    @property
    def modified(self) -> datetime:
        """When it last became another."""

    @property
    def content_type(self) -> str:
        """What it is."""


def open_page(answer: Callable[[Request, Database], Response]) -> Endpoint:
    """An endpoint that asks nobody who they are: no cookie is looked at, and the answer depends on its address alone."""

    @wraps(answer)
    async def endpoint(plain: StarletteRequest) -> Response:
        request = Request(plain.scope, plain.receive)
        store: Store = plain.app.state.store
        return await store.read(lambda db: answer(request, db))

    return endpoint


def sent(request: Request, made: Finished, name: str, headers: dict[str, str]) -> Response:
    """The file under a name, or 304 for who has it already (RFC 9110 13)."""
    packed = takes_gzip(request.headers)
    tag = f'"{made.tag}-gzip"' if packed else f'"{made.tag}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(made.modified, usegmt=True),
        "Vary": "Accept-Encoding",
        **headers,
    }
    if already_has(request.headers, tag, made.modified):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{name}"'
    headers["Content-Type"] = made.content_type
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(made.packed if packed else made.body, headers=headers)
