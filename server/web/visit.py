"""A visit is a signed-in browser, whose cookie holds its secret; before, it holds what is kept until somebody signs in."""

import json
from collections.abc import Collection, Mapping

from starlette.requests import HTTPConnection

from server.problems import Conflict
from server.web.language import N_

_KEY = "visit"
_KEPT = "kept"
#: Names that a browser keeps, and how long they may be as JSON: browsers take cookies of 4,096 bytes, and in this one
#: four stand for three.
MOST_KEPT, LONGEST_KEPT = 150, 2800


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


def kept(connection: HTTPConnection) -> dict[str, list[str]]:
    """What the browser keeps for a stranger: names by the name of what they are of."""
    value = connection.session.get(_KEPT)
    return {name: list(names) for name, names in value.items()} if isinstance(value, dict) else {}


def keep(connection: HTTPConnection, what: Mapping[str, Collection[str]]) -> None:
    """Let the browser keep this and nothing else until somebody signs in. Raises Conflict for more than fits."""
    value = {name: list(names) for name, names in what.items() if names}
    if sum(map(len, value.values())) > MOST_KEPT or len(json.dumps(value)) > LONGEST_KEPT:
        raise Conflict(N_("A browser cannot keep more than this. Sign in to choose more sessions."))
    if value:
        connection.session[_KEPT] = value
    else:
        connection.session.pop(_KEPT, None)
