"""Serving: one process of uvicorn that says goodbye to its followers before it stops."""

from types import FrameType

import uvicorn

from server.app import Plenary
from server.settings import Settings

#: Seconds for answers under way when the server is told to stop.
GRACE = 10


class Server(uvicorn.Server):
    """uvicorn, told to stop, first lets every follower know: they come back with their cursor."""

    def __init__(self, plenary: Plenary, settings: Settings, host: str, port: int) -> None:
        self.plenary = plenary
        super().__init__(
            uvicorn.Config(
                plenary,
                host=host,
                port=port,
                loop="uvloop",
                http="httptools",
                ws="server.web.wire:Wire",
                ws_max_size=64 * 1024,
                ws_max_queue=32,
                ws_ping_interval=None,  # the channels ping all their lines at once, and let go of who does not answer
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=GRACE,
                timeout_keep_alive=65,
                server_header=False,
                proxy_headers=True,
                forwarded_allow_ips=settings.proxies,
                log_config=None,
                access_log=False,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop; the lifespan would hear of it only after the connections are closed."""
        self.plenary.hub.drain_soon()
        super().handle_exit(sig, frame)
