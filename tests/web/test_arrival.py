"""A request that does not arrive is not waited for; one that comes slowly, or a quiet connection, is."""

import socket

import pytest

from server.web import arrival
from tests.makers import make_meeting, make_session
from tests.remote.follower import LIVE
from tests.world import World, wait_for

#: No engine does this differently.
pytestmark = pytest.mark.either

PAGE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def line(plenary: World, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    monkeypatch.setattr(arrival, "FOR_ITS_LINES", 0.2)
    monkeypatch.setattr(arrival, "FOR_ITS_BODY", 0.4)
    return socket.create_connection(("127.0.0.1", plenary.port), 10)


def test_who_says_nothing_is_let_go(line: socket.socket) -> None:
    assert line.recv(1000) == b""


def test_who_stops_within_a_request_is_told(line: socket.socket) -> None:
    line.sendall(PAGE[:20])
    assert line.recv(1000) == arrival.TOO_LATE
    assert line.recv(1000) == b""


def test_the_second_request_must_arrive_too(line: socket.socket) -> None:
    line.sendall(PAGE)
    assert line.recv(1000).startswith(b"HTTP/1.1 200")
    line.sendall(PAGE[:20])
    assert line.recv(1000) == arrival.TOO_LATE


def test_a_connection_is_kept_between_two_requests(line: socket.socket) -> None:
    line.sendall(PAGE)
    assert line.recv(1000).startswith(b"HTTP/1.1 200")
    line.settimeout(0.6)
    with pytest.raises(TimeoutError):
        line.recv(1000)
    line.sendall(PAGE)
    assert line.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_body_that_does_not_come_is_not_waited_for(
    line: socket.socket, plenary: World, capsys: pytest.CaptureFixture[str]
) -> None:
    line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
    assert line.recv(1000) == b""
    wait_for(lambda: "status=422" in capsys.readouterr().out)  # and not 500: it is no fault of ours


def test_an_answer_may_take_longer_than_a_request(line: socket.socket, plenary: World) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db))
    epoch = plenary.client().get(f"{LIVE}.json").json()["epoch"]
    # the other has been let go by now, on a busy machine
    line = socket.create_connection(("127.0.0.1", plenary.port), 10)
    line.sendall(f"GET {LIVE}.json?after={epoch}:0&wait=0.6 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert line.recv(1000).startswith(b"HTTP/1.1 200")
