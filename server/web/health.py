"""Health: what an operator's machines ask."""

import ipaddress
import secrets

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from server.problems import NotAllowed
from server.web.language import N_

log = structlog.get_logger()


async def show_health(request: Request) -> Response:
    """The process is up."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


async def show_readiness(request: Request) -> Response:
    """The database is reachable and has the newest schema, and the server is not about to stop."""
    state = request.app.state
    report = {"database": "ok", "schema": "ok", "serving": "stopping" if state.hub.draining else "ok"}
    try:
        if not await state.is_migrated():
            report["schema"] = "not migrated: run `plenary migrate`"
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
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_loopback(request: Request) -> bool:
    """Whether this machine asks for itself: a proxy here that forwards for somebody says so in a header."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
