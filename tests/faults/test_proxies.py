"""A proxy stands between: it buffers, it is far away, it cuts lines in the middle of a frame, or those that are silent."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.proxy import Habits, Proxy
from tests.faults.stage import Stage
from tests.world import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("place", ["sqlite"], indirect=True)]
Between = Callable[[Habits], Proxy]


@pytest.fixture
def between(stage: Stage) -> Iterator[Between]:
    """Puts a proxy before the server."""
    made: list[Proxy] = []

    def put(habits: Habits) -> Proxy:
        made.append(Proxy(stage.port, habits))
        return made[-1]

    yield put
    for proxy in made:
        proxy.close()


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


def test_a_proxy_that_buffers_only_delays(stage: Stage, between: Between) -> None:
    stage.begin(through=between(Habits(buffering=1.5)).base_url)
    with stage.happens("proxy that hands on every 1.5 s"):
        stage.writer.wait_for(60)
    stage.ends_well()


def test_a_distant_proxy_only_delays(stage: Stage, between: Between) -> None:
    stage.begin(through=between(Habits(latency=0.4)).base_url)
    with stage.happens("proxy 400 ms away, both ways"):
        stage.writer.wait_for(60)
    stage.ends_well()


def test_a_proxy_that_cuts_in_the_middle_of_a_frame_loses_nothing(stage: Stage, between: Between) -> None:
    proxy = between(Habits())
    stage.begin(through=proxy.base_url)
    with stage.happens("proxy that cuts within a frame"):
        proxy.habits.cut_after = 5000
        wait_for(lambda: proxy.cuts >= 2 * len(stage.crowd.followers), 30)
        proxy.habits.cut_after = None
    stage.ends_well()
