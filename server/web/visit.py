"""A visit is a signed-in browser; the cookie holds nothing but its secret."""

from starlette.requests import HTTPConnection

_KEY = "visit"


def secret_of(connection: HTTPConnection) -> str | None:
    """The visit's secret, if the browser has one."""
    value = connection.session.get(_KEY)
    return value if isinstance(value, str) else None


def begin(connection: HTTPConnection, secret: str) -> None:
    """Let the browser carry this visit from now on."""
    connection.session.clear()
    connection.session[_KEY] = secret


def end(connection: HTTPConnection) -> None:
    """Let the browser forget its visit."""
    connection.session.clear()
