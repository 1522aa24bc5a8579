"""Health: what an operator's machines ask."""

import asyncio
import ipaddress
import os
import secrets

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from server.problems import NotAllowed
from server.web.language import N_

log = structlog.get_logger()

#: Seconds that the database has to answer: who asks will not wait long, and decides by the answer.
QUICK = 2.0


async def show_health(request: Request) -> Response:
    """The process is up."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


async def show_readiness(request: Request) -> Response:
    """The database is reachable and has the newest schema, what other processes write is heard, and nothing is about
    to stop."""
    state = request.app.state
    report = {"database": "ok", "schema": "ok", "listening": "ok", "serving": "ok"}
    if not state.hub.hears:
        report["listening"] = "lost: what other processes write is not heard, and is tried again"
    if state.hub.draining:
        report["serving"] = "stopping"
    try:
        if not await asyncio.wait_for(state.is_migrated(), QUICK):
            report["schema"] = "not migrated: run `plenary migrate`"
    except TimeoutError:
        report["database"] = f"no answer within {QUICK:g} s"
    except Exception as fault:  # whatever the driver says, the answer is that it is not ready
        log.warning("not ready", fault=str(fault))
        report["database"] = "out of reach"
    ready = all(value == "ok" for value in report.values())
    return JSONResponse(report, 200 if ready else 503, {"Cache-Control": "no-store"})


async def show_metrics(request: Request) -> Response:
    """Prometheus metrics, to this machine and to a bearer of the metrics token."""
    token = request.app.state.settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").partition(" ")[2]
    if not (_is_loopback(request) or (token and secrets.compare_digest(given.encode(), token.encode()))):
        raise NotAllowed(N_("Metrics are for this machine and for bearers of the metrics token."))
    return Response(generate_latest(_measurements()), media_type=CONTENT_TYPE_LATEST)


def _measurements() -> CollectorRegistry:
    """Those of this process; where it is one of several, those of all of them, which are in files that they share."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _is_loopback(request: Request) -> bool:
    """Whether this machine asks for itself: a proxy here that forwards for somebody says so in a header."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
