"""Addresses as they are taken: of a sensible length, with numbers that a database has, and no slash at the end."""

from urllib.parse import quote

from starlette.convertors import Convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

#: Bytes of an address with its query; web servers in front take about as many.
LONGEST_ADDRESS = 8000


class Number(Convertor[int]):
    """A whole number in an address. Of one with thousands of digits Python makes none, which would be our fault."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The number as an address has it."""
        return str(value)


class AddressLimit:
    """Refuses an address that is too long: each filter in it is work, and a long one is no reader's."""

    def __init__(self, app: ASGIApp, refuse: ASGIApp) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            scope = {**scope, "query_string": b""}  # the answer need not repeat it
            await self.refuse(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def show_without_slash(request: Request) -> Response:
    """Sends on to the same address without a slash at its end, whatever host the caller says this is."""
    path = "/" + quote(request.path_params["path"].strip("/"))
    query = request.scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{path}?{query}" if query else path, 307)
