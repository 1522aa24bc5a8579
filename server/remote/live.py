"""Sockets, server-sent events and long polls: the edge where followers hang on.

The socket only speaks. Nobody holds a database connection while waiting: each read is a short one of its own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from functools import partial

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.database import Database, Store
from server.meetings.queries import meeting_by_slug
from server.problems import NotAllowed, NotFound, NotReady, Problem
from server.remote.asyncapi import describe
from server.remote.channel import RESTARTING, Channel, Line
from server.remote.frames import stream_event
from server.remote.hub import Hub, follow
from server.remote.log import Cursor, parse_cursor
from server.remote.messages import SUBPROTOCOL, without_html
from server.remote.wording import ORIGINAL, parse_choice
from server.schedule.queries import session_by_code
from server.web.conditional import already_has
from server.web.language import N_, gettext, pick
from server.web.security import is_own_origin
from server.web.wire import EXTENSION

log = structlog.get_logger()

#: The longest a poll is held, in seconds; proxies cut what is silent for a minute.
LONGEST_WAIT = 55.0
#: A client that is not an answer's reader but a writer is closed with this (RFC 6455 7.4.1: policy violation).
NOT_LISTENING = 1008


def _session(db: Database, slug: str, code: str) -> tuple[int, str]:
    session = session_by_code(db, meeting_by_slug(db, slug), code)
    return session.id, pick(session.title)


async def _place(connection: Request | WebSocket) -> tuple[int, str]:
    """Id and title of the session in the address; raises NotFound."""
    slug, code = connection.path_params["m"], connection.path_params["s"]
    if "\x00" in slug + code:
        raise NotFound(N_("There is no session at this address."))
    store: Store = connection.app.state.store
    return await store.read(partial(_session, slug=slug, code=code))


async def _channel(connection: Request | WebSocket) -> Channel:
    """The channel of the session in the address; raises NotFound."""
    hub: Hub = connection.app.state.hub
    address = f"{connection.path_params['m']}/{connection.path_params['s']}"
    session_id = hub.known(address)
    if session_id is None:
        session_id, _ = await _place(connection)
        hub.learn(address, session_id)
    return await hub.channel(session_id)


def _as_it_stands(request: Request, channel: Channel, body: str, kind: str) -> Response:
    headers = {"ETag": f'"{channel.log.head}"', "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    if already_has(request.headers, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=kind)


async def show_text(request: Request) -> Response:
    """The summary as plain text, with `?text=LANGUAGE` in that language as far as there is one."""
    _, title = await _place(request)
    channel = await _channel(request)
    text = channel.log.text(title, parse_choice(request.query_params.get("text")) or ORIGINAL)
    return _as_it_stands(request, channel, text, "text/plain; charset=utf-8")


async def show_json(request: Request) -> Response:
    """A snapshot; or, with `?after=CURSOR`, what came after it, waited for with `&wait=SECONDS`.

    With `&quiet`, for a bad line, it comes without `html`, and nothing new is an answer without a body.
    """
    channel = await _channel(request)
    if "after" not in request.query_params:
        return _as_it_stands(request, channel, channel.log.snapshot(), "application/json")
    cursor = parse_cursor(request.query_params["after"])
    await _wait_for_news(request, channel, cursor)
    headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    if not channel.live:
        headers["Plenary-Live"] = "false"  # the `standing` of those who only ask
    body = channel.log.after(cursor)
    if "quiet" in request.query_params:
        if channel.log.head == cursor:
            return Response(status_code=204, headers=headers)
        body = without_html(body)
    return Response(body, headers=headers, media_type="application/json")


async def _wait_for_news(request: Request, channel: Channel, cursor: Cursor | None) -> None:
    limit = asyncio.get_running_loop().time() + _seconds(request.query_params.get("wait", "0"))
    while channel.log.head == cursor and not channel.draining:
        left = limit - asyncio.get_running_loop().time()
        if left <= 0:
            return
        await channel.changed(left)


def _seconds(text: str) -> float:
    try:
        asked = float(text)
    except ValueError:
        return 0.0
    return min(asked, LONGEST_WAIT) if asked > 0 else 0.0  # "nan" is above nothing, and no clock can wait for it


async def show_stream(request: Request) -> Response:
    """The same messages as Server-Sent Events; `id:` is the cursor, so a browser comes back by itself."""
    channel = await _channel(request)
    cursor = parse_cursor(request.headers.get("last-event-id") or request.query_params.get("after"))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*"}
    return StreamingResponse(_stream(channel, cursor), headers=headers, media_type="text/event-stream")


async def _stream(channel: Channel, cursor: Cursor | None) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n"  # milliseconds until a browser tries again by itself
    async with aclosing(follow(channel, cursor)) as following:
        async for message in following:
            yield stream_event(message.body, str(message.cursor or ""))


async def follow_socket(websocket: WebSocket) -> None:
    """A follower over WebSocket. Anything it says closes it: people act by ordinary requests."""
    try:
        _check_origin(websocket)
        websocket.app.state.door.admit()
        channel = await _channel(websocket)
    except Problem as problem:
        await _refuse(websocket, problem)
        return
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    cursor = parse_cursor(websocket.query_params.get("after"))
    line: Line | None = websocket.scope["extensions"].get(EXTENSION)
    if line is None:
        await _converse(websocket, channel, cursor)
        return
    with channel.attached(line, cursor):
        await _listen(websocket)


async def _converse(websocket: WebSocket, channel: Channel, cursor: Cursor | None) -> None:
    """The same by plain ASGI, under a server that hands out no lines: slower, and right."""
    speaking = asyncio.create_task(_speak(websocket, channel, cursor))
    listening = asyncio.create_task(_listen(websocket))
    try:
        await asyncio.wait({speaking, listening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (speaking, listening):
            task.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await task


async def _speak(websocket: WebSocket, channel: Channel, cursor: Cursor | None) -> None:
    async with aclosing(follow(channel, cursor)) as following:
        async for message in following:
            await websocket.send_text(message.body)
    await websocket.close(RESTARTING)


async def _listen(websocket: WebSocket) -> None:
    """Wait until the follower goes, or says something and is shown out."""
    message = await websocket.receive()
    if message["type"] == "websocket.receive":
        await websocket.close(NOT_LISTENING)


def _check_origin(websocket: WebSocket) -> None:
    """Refuse a page of another site (RFC 6455 10.2); a program sends no Origin and is let in."""
    origin = websocket.headers.get("origin")
    base_url = websocket.app.state.settings.base_url
    if origin is not None and not is_own_origin(origin, websocket.headers.get("host", ""), base_url):
        raise NotAllowed(N_("Only pages of this server may open this connection."))


async def _refuse(websocket: WebSocket, problem: Problem) -> None:
    body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": gettext(problem.message)}
    headers = {"Retry-After": str(problem.retry_after)} if isinstance(problem, NotReady) else None
    log.info("socket refused", status=problem.status, problem=problem.message)
    with suppress(RuntimeError):  # gone before it heard the answer
        await websocket.send_denial_response(
            JSONResponse(body, problem.status, headers, media_type="application/problem+json")
        )


async def show_protocol(request: Request) -> Response:
    """The protocol as AsyncAPI 3."""
    return JSONResponse(describe(request.app.state.settings.base_url))


_AT = "/{m}/sessions/{s}/live"
ROUTES: list[BaseRoute] = [
    Route(f"{_AT}.txt", show_text),
    Route(f"{_AT}.json", show_json),
    Route(f"{_AT}/events", show_stream),
    WebSocketRoute(f"{_AT}/ws", follow_socket),
    Route("/asyncapi.json", show_protocol),
]
