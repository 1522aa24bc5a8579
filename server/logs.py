"""Logs: one line per thing that happened, structured, on stderr, each with the request's id."""

import logging
import multiprocessing
import os
import sys
from typing import Any, Literal

import structlog
from asgi_correlation_id import correlation_id


def _with_request_id(_logger: Any, _name: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    request_id = correlation_id.get()
    if request_id:
        line["request_id"] = request_id
    return line


def _with_process(_logger: Any, _name: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    line["pid"] = os.getpid()
    return line


def start_logging(style: Literal["text", "json"]) -> None:
    """Send everything, ours and the libraries', through one formatter."""
    worker = multiprocessing.parent_process() is not None
    shared: list[structlog.typing.Processor] = [
        _with_request_id,
        *([_with_process] if worker else []),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    shown: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        # the plain traceback: the fancy one prints local variables, secrets among them
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    trace: list[structlog.typing.Processor] = [structlog.processors.format_exc_info] if style == "json" else []
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *trace, shown],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "alembic", "aiosmtplib", "websockets"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger(
        "uvicorn.access"
    ).disabled = True  # it would print addresses that are secrets; Watch prints routes
