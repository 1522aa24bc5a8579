"""A server with a few addresses of its own, for what no feature's page shows by itself."""

from collections.abc import Callable

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from server import app
from server.database import Database
from server.problems import Conflict, NotReady
from server.web.page import Request, answer, page
from tests.world import World

LONG = "All sessions are open to everybody. " * 100


@page
def submit_echo(request: Request, db: Database) -> Response:
    return answer(dict(request.data))


@page
def show_fault(request: Request, db: Database) -> Response:
    raise RuntimeError("a secret of ours: hunter2")


@page
def show_problem(request: Request, db: Database) -> Response:
    who = dict(request.query_params)
    raise Conflict("Half of this is by %(who)s." if who else "50% of this", extra={"paragraph": {"id": "p7"}}, **who)


@page
def show_unready(request: Request, db: Database) -> Response:
    raise NotReady("not now")


async def show_tagged(request: Request) -> Response:
    headers = {"ETag": '"v1"'}
    if '"v1"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return PlainTextResponse(LONG, headers=headers)


async def show_ready_made(request: Request) -> Response:
    return Response(b"\x1f\x8b made before" * 200, headers={"ETag": '"own"', "Content-Encoding": "gzip"})


async def submit_unread(request: Request) -> Response:
    await request.body()
    return PlainTextResponse("read")


ROUTES: list[BaseRoute] = [
    Route("/test/echo", submit_echo, methods=["POST"]),
    Route("/test/fault", show_fault),
    Route("/test/problem", show_problem),
    Route("/test/unready", show_unready),
    Route("/test/tagged", show_tagged),
    Route("/test/ready-made", show_ready_made),
    Route("/test/raw", submit_unread, methods=["POST"]),
    Route("/registration/{secret}/test", show_fault),
]


@pytest.fixture
def start_laboratory(start_plenary: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    """Start a server that also has the addresses under `/test/`, with settings of one's own."""
    real = app.routes()
    monkeypatch.setattr(app, "routes", lambda: [*ROUTES, *real])
    return start_plenary


@pytest.fixture
def laboratory(start_laboratory: Callable[..., World]) -> World:
    """A running server that also has the addresses under `/test/`."""
    return start_laboratory()
