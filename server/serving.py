"""Serving: uvicorn, in one process or in several that share a port."""

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from functools import partial

import uvicorn
from prometheus_client import multiprocess
from uvicorn.supervisors import Multiprocess

from server.app import Plenary, create_app
from server.logs import start_logging
from server.settings import Settings

#: Seconds for answers under way when the server is told to stop.
GRACE = 10
#: Seconds that a worker has to start, and to answer the question whether it is there.
PATIENCE = 30


def _config(
    app: Plenary | Callable[[], Plenary], settings: Settings, host: str, port: int, workers: int = 1
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=workers > 1,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="server.web.arrival:Arrival",
        ws="server.web.wire:Wire",
        ws_max_size=64 * 1024,
        ws_max_queue=32,
        ws_ping_interval=None,  # the channels ping all their lines at once, and let go of who does not answer
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=65,
        timeout_worker_healthcheck=PATIENCE,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.proxies,
        log_config=None,
        access_log=False,
    )


class Server(uvicorn.Server):
    """One process that serves."""

    def __init__(self, plenary: Plenary, settings: Settings, host: str, port: int) -> None:
        self.plenary = plenary
        super().__init__(_config(plenary, settings, host, port))


class Workers(Multiprocess):
    """Several processes that serve. One that dies is replaced; SIGHUP replaces them all, each new one before the old."""

    def __init__(self, settings: Settings, host: str, port: int, workers: int) -> None:
        config = _config(partial(work, settings), settings, host, port, workers)
        self._counted: set[int] = set()
        super().__init__(config, [config.bind_socket()])

    def run(self) -> None:
        """Serve until told to stop. What the workers measure meets in a folder that lasts as long."""
        with tempfile.TemporaryDirectory(prefix="plenary-metrics-") as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            super().run()

    def keep_subprocess_alive(self) -> None:
        """Replace the dead, whose followers are no longer counted."""
        super().keep_subprocess_alive()
        serving = {process.pid for process in self.processes if process.pid is not None}
        for gone in self._counted - serving:
            multiprocess.mark_process_dead(gone)  # type: ignore[no-untyped-call]
        self._counted = serving


def work(settings: Settings) -> Plenary:
    """The application of one of several processes."""
    start_logging(settings.log)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return create_app(settings)


def _end_with_parent() -> None:
    """Nobody would replace a worker whose parent was killed, and it would hold the port."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
