"""A proxy that cuts what is silent for a minute: a whole minute, and so a file of its own beside the others."""

import socket
import time
from collections.abc import Callable

import pytest

from tests.faults.proxy import Habits, Proxy
from tests.faults.stage import Stage
from tests.world import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("place", ["sqlite"], indirect=True)]
Between = Callable[[Habits], Proxy]


class Silent:
    """A connection on which nobody pings: it asked for one small page, and is kept open by both sides."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        self.socket.settimeout(10)
        assert b" 200 " in self.socket.recv(4096)
        self.socket.setblocking(False)

    def was_cut(self) -> bool:
        """Whether the other side has closed it."""
        try:
            return self.socket.recv(4096) == b""
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True


#: Seconds of silence after which many a proxy cuts (nginx, AWS and Azure load balancers).
USUAL = 60.0


@pytest.mark.timeout(150)
def test_a_proxy_that_cuts_what_is_silent_for_a_minute_cuts_no_follower(stage: Stage, between: Between) -> None:
    proxy = between(Habits(patience=USUAL))
    stage.begin(through=proxy.base_url)
    stage.writer.rest()  # from here on there is nothing to say but pings
    opened = [follower.opened for follower in stage.crowd.followers]
    silent = Silent(proxy.port)
    with stage.happens("proxy that cuts after 60 s of silence"):
        began = time.monotonic()
        wait_for(silent.was_cut, USUAL + 15)
        assert time.monotonic() - began > USUAL - 5, "it is the proxy that cut, and not the server"
    assert proxy.cuts == 1, "only the line on which nothing was said"
    assert [follower.opened for follower in stage.crowd.followers] == opened
    stage.writer.go_on()
    stage.ends_well()
