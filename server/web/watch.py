"""Watching: a log line and a measurement for each request, by route and never by its full address."""

import time

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

REQUESTS = Counter("plenary_http_requests", "Requests answered", ("method", "route", "status"))
SECONDS = Histogram("plenary_http_request_seconds", "Seconds until the answer began", ("method", "route"))
#: Asked so often, and by machines, that a line each would drown the rest.
QUIET = ("/static", "/healthz", "/readyz", "/metrics")
_QUIET_NOW = "plenary.quiet"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def be_quiet(scope: Scope) -> None:
    """Log no line for this request if it goes well: open pages ask the same every few seconds."""
    scope[_QUIET_NOW] = True


class Watch:
    """Counts and logs. Routes such as `/registration/{secret}` are logged as such: a secret is in no log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, noted)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        REQUESTS.labels(method, route, str(status)).inc()
        SECONDS.labels(method, route).observe(seconds)
        if not route.startswith(QUIET) and not (scope.get(_QUIET_NOW) and status < 400):
            places = {name: value for name, value in scope.get("path_params", {}).items() if name in ("m", "s")}
            log.info("request", method=method, route=route, **places, status=status, ms=round(seconds * 1000, 1))
