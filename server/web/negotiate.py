"""Chooses the language of each answer and remembers a choice that was made."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.web import language

COOKIE = "lang"


def language_for(connection: HTTPConnection) -> str:
    """The language in which a request is answered."""
    return language.negotiate(
        connection.query_params.get("lang"),
        connection.cookies.get(COOKIE),
        connection.headers.get("accept-language", ""),
    )


class LanguageChoice:
    """`?lang=ja` is answered in Japanese at once and kept in a cookie; else the cookie, else Accept-Language."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.flags = "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax" + ("; Secure" if https else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        asked = connection.query_params.get("lang")
        chosen = language_for(connection)
        language.current.set(chosen)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Language", chosen)
                    headers.setdefault("Cache-Control", "private, no-cache")
                    headers.add_vary_header("Accept-Language")
                    headers.add_vary_header("Cookie")
                    for_all = headers["Cache-Control"].startswith("public")  # and keeps nothing of anybody
                    if asked == chosen and not for_all:
                        headers.append("Set-Cookie", f"{COOKIE}={chosen}{self.flags}")
            await send(message)

        await self.app(scope, receive, marked)
