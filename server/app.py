"""Puts the parts together: routes, listeners, start and stop. Only `__main__` and the tests import it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import Any

import anyio.to_thread
from asgi_correlation_id import CorrelationIdMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from server import idempotency, letterbook, schema
from server.database import Database, Store
from server.jobs import Clockwork, MayBeDue
from server.limits import Limits
from server.mail import Composer, LetterWritten, PostOffice
from server.meetings import letters as meetings_letters
from server.meetings import pages as meetings_pages
from server.meetings import queries as meetings_queries
from server.meetings.actions import MeetingChanged
from server.notices import NoticeBoard
from server.outputs import pages as outputs_pages
from server.people import jobs as people_jobs
from server.people import letters as people_letters
from server.people import pages as people_pages
from server.people import queries as people_queries
from server.people.actions import SignedIn
from server.problems import Problem
from server.registration import jobs as registration_jobs
from server.registration import letters as registration_letters
from server.registration import line as registration_line
from server.registration import pages as registration_pages
from server.registration.attachments import FILE_PLACES, LARGEST_FILES
from server.remote import actions as remote_actions
from server.remote import letters as remote_letters
from server.remote import live
from server.remote import pages as remote_pages
from server.remote import queries as remote_queries
from server.remote import webhooks as remote_webhooks
from server.remote.actions import SummaryChanged
from server.remote.bus import Listener, announce
from server.remote.courier import Courier
from server.remote.headcount import HeadCount
from server.remote.hub import Hub
from server.remote.webhooks import DeliveryDue
from server.schedule import actions as schedule_actions
from server.schedule import choosing
from server.schedule import letters as schedule_letters
from server.schedule import pages as schedule_pages
from server.schedule import queries as schedule_queries
from server.schedule.actions import SessionAdded
from server.schedule.feeds import Shelf
from server.schedule.intake import FILE_PLACE, LARGEST_FILE
from server.settings import Settings
from server.stopping import first_told
from server.web import health, visit
from server.web.address import AddressLimit, show_without_slash
from server.web.compression import Compression
from server.web.files import StaticPages
from server.web.kept import KeptAnswers, Standing
from server.web.language import catalogue
from server.web.negotiate import LanguageChoice
from server.web.page import LARGEST_BODY, Request, has_bearer
from server.web.problems import (
    FOREIGN_POST,
    LARGE_BODY,
    LONG_ADDRESS,
    Calm,
    answer_http,
    answer_problem,
    answer_unexpected,
    refuse,
)
from server.web.security import BodyLimit, Door, ForeignPosts, PlainAddress, SecurityHeaders
from server.web.watch import Watch


def routes() -> list[BaseRoute]:
    """Every address, plain ones before those that begin with a meeting."""
    return [
        Route("/healthz", health.show_health),
        Route("/readyz", health.show_readiness),
        Route("/metrics", health.show_metrics),
        Mount("/static", StaticPages()),
        *people_pages.ROUTES,
        *live.ROUTES,
        *remote_pages.ROUTES,
        *outputs_pages.ROUTES,
        *registration_pages.ROUTES,
        *schedule_pages.ROUTES,
        *meetings_pages.ROUTES,
        Route("/{path:path}/", show_without_slash, methods=["GET", "POST"]),
    ]


def notice_board() -> NoticeBoard:
    """A board on which everybody stands who must act within the transaction, whichever process it runs in."""
    board = NoticeBoard()
    board.join(MeetingChanged, schedule_actions.republish)
    board.join(MeetingChanged, registration_line.settle_anew)
    board.join(SignedIn, choosing.take_over)
    board.join(SessionAdded, remote_actions.open_summary)
    board.join(SummaryChanged, remote_webhooks.mark_due)
    board.join(SummaryChanged, announce)
    return board


#: What comes due by itself.
JOBS = [*registration_jobs.JOBS, *people_jobs.JOBS, *letterbook.JOBS, *idempotency.JOBS]


def tell_the_living(board: NoticeBoard, hub: Hub, office: PostOffice, courier: Courier, clockwork: Clockwork) -> None:
    """Those of a running server who are woken after a commit."""
    board.tell(SummaryChanged, hub.told)
    board.tell(LetterWritten, office.told)
    board.tell(DeliveryDue, courier.told)
    board.tell(MayBeDue, clockwork.told)


def composers(settings: Settings) -> dict[str, Composer]:
    """Who words which letter."""
    return {
        **people_letters.composers(settings),
        **meetings_letters.composers(settings),
        **schedule_letters.composers(settings),
        **registration_letters.composers(settings),
        **remote_letters.composers(settings),
    }


def identify(db: Database, request: Request) -> Any:
    """Who is asking: a bearer's person, else the visit's. Also notes at which meetings they serve."""
    bearer = request.headers["authorization"][7:].strip() if has_bearer(request.headers) else None
    person = people_queries.identify(db, visit.secret_of(request) if bearer is None else None, bearer, request.now)
    request.serves = meetings_queries.served_meetings(db, person) if person is not None else frozenset()
    return person


class Plenary:
    """The whole server as one ASGI application, with the parts that `plenary serve` and `plenary demo` reach for."""

    def __init__(self, app: Starlette, settings: Settings, store: Store, hub: Hub, clockwork: Clockwork) -> None:
        self.app = app
        self.pages = KeptAnswers(_wrapped(app, settings))
        self.pages.standing = Standing(partial(store.read, schedule_queries.standings), store.mark)
        # Past the other layers: a follower stays for hours, and each layer would stay with it in memory.
        self.sockets = SecurityHeaders(app.router, https=settings.https)
        self.store = store
        self.hub = hub
        self.clockwork = clockwork

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self.app
        await (self.sockets if scope["type"] == "websocket" else self.pages)(scope, receive, send)


def create_app(settings: Settings) -> Plenary:
    """Everything wired together, ready to be served."""
    board = notice_board()
    store = Store(settings.database, board)
    limits = Limits(settings.database)
    makes_links = {**people_letters.composers(settings), **meetings_letters.composers(settings)}
    crowd = {*schedule_letters.composers(settings), *registration_letters.CROWD}
    office = PostOffice(store, settings, composers(settings), crowd=crowd, writing=makes_links)
    hub = Hub(lambda session_id, after: store.read(lambda db: remote_queries.log_after(db, session_id, after)))
    courier = Courier(store, settings)
    clockwork = Clockwork(store, JOBS)
    tell_the_living(board, hub, office, courier, clockwork)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        hub.start()
        office.start()
        courier.start()
        clockwork.start()
        try:
            async with nullcontext() if store.embedded else _in_company(store, hub):
                with first_told(hub.drain_soon):
                    yield
                hub.drain()
        finally:
            await asyncio.gather(office.stop(), courier.stop(), clockwork.stop())
            limits.close()
            store.close()

    app = Starlette(
        routes=routes(),
        lifespan=lifespan,
        exception_handlers={Problem: answer_problem, HTTPException: answer_http, Exception: answer_unexpected},
    )
    app.router.redirect_slashes = False  # it would send people to whatever `Host` says
    app.state.settings = settings
    app.state.store = store
    app.state.limits = limits
    app.state.door = Door()
    app.state.hub = hub
    app.state.courier = courier
    app.state.feeds = Shelf()
    app.state.identify = identify
    app.state.is_migrated = partial(anyio.to_thread.run_sync, schema.is_migrated, store.engine, abandon_on_cancel=True)
    catalogue("en")
    return Plenary(app, settings, store, hub, clockwork)


@asynccontextmanager
async def _in_company(store: Store, hub: Hub) -> AsyncIterator[None]:
    """What a process does that may be one of several, on this machine or another."""
    listener, heads = Listener(store.engine, hub), HeadCount(store, hub)
    await listener.start()
    heads.start()
    try:
        yield
    finally:
        await heads.stop()
        await listener.stop()


def _wrapped(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The app inside its middleware, outermost last. It is wrapped from outside so that a fault of ours
    is answered with the same headers, language and request id as everything else."""
    secret = settings.secret.get_secret_value()
    app = Calm(app)
    app = AddressLimit(app, refuse(LONG_ADDRESS))
    larger = {FILE_PLACE: LARGEST_FILE + LARGEST_BODY, **dict.fromkeys(FILE_PLACES, LARGEST_FILES + LARGEST_BODY)}
    app = BodyLimit(app, LARGEST_BODY, refuse(LARGE_BODY), larger)
    app = ForeignPosts(app, settings.base_url, refuse(FOREIGN_POST))
    app = LanguageChoice(app, https=settings.https)
    app = SessionMiddleware(
        app, secret_key=secret, session_cookie="plenary", max_age=30 * 24 * 3600, https_only=settings.https
    )
    app = Compression(app)
    app = SecurityHeaders(app, https=settings.https)
    app = PlainAddress(app)
    app = Watch(app)
    return CorrelationIdMiddleware(app, validator=lambda value: value.isalnum() and len(value) <= 64)
