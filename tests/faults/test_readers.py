"""Readers who break, stall, talk nonsense or never finish asking: they harm nobody but themselves."""

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx2
import pytest

from server.database import POOL
from tests.faults.stage import Stage
from tests.faults.text import Text
from tests.remote.follower import LIVE
from tests.remote.test_slow import Stalled
from tests.world import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("place", ["sqlite"], indirect=True)]

HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # how TLS begins
HALF_A_POST = (
    f"POST {LIVE}/paragraphs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
)
MASKED = b"\x81\x85\x00\x00\x00\x00hello"
RUBBISH = [
    HELLO,
    b"\xff" * 500,
    b"\x00" * 70_000,
    b"GET\r\n\r\n",
    b"\x81\xff" + b"\xff" * 300,
    b"\xc1\x80\x00\x00\x00\x00",
]


def _open(stage: Stage) -> socket.socket:
    return socket.create_connection(("127.0.0.1", stage.port), 10)


def _reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def _followers(stage: Stage) -> int:
    """How many follow, as the server counts them."""
    text = httpx2.get(f"{stage.server.base_url}/metrics", trust_env=False, verify=False).text
    return int(float(next(line for line in text.splitlines() if line.startswith("plenary_followers")).split()[-1]))


@pytest.fixture
def descriptors(stage: Stage) -> Iterator[None]:
    """What the rude have opened is closed again."""
    before = stage.server.descriptors
    yield
    assert stage.server.descriptors - before <= len(stage.crowd.followers) + 3 * POOL, (
        "SQLite has three files for each connection"
    )


def test_lines_are_reset(stage: Stage) -> None:
    """Every socket is broken five times by a TCP reset; so is a post in the middle of its body."""
    stage.begin(sockets=32)
    with stage.happens("TCP reset of all sockets, five times"):
        for _ in range(5):
            stage.crowd.call(lambda: [follower.sever() for follower in stage.crowd.followers])
            post = _open(stage)
            post.sendall(HALF_A_POST.encode())
            stage.writer.wait_for(8)
            _reset(post)
    stage.ends_well()
    assert all(follower.opened > 3 for follower in stage.crowd.followers if follower.kind == "socket")


def test_rubbish_is_sent(stage: Stage, descriptors: None) -> None:
    """To the port, and into an open socket: to the one an answer in HTTP, from the other a closed line."""
    stage.begin()
    with stage.happens("readers that send rubbish"):
        for rubbish in [*RUBBISH, MASKED, os.urandom(5000)]:
            for line in (_open(stage), Stalled(stage).socket):
                line.settimeout(10)
                line.sendall(rubbish)
                line.shutdown(socket.SHUT_WR)
                _read_all(line)
    stage.ends_well(worries="Invalid HTTP request received")
    assert [follower.ends for follower in stage.crowd.followers] == [[]] * len(stage.crowd.followers)


def _read_all(line: socket.socket) -> None:
    try:
        while line.recv(65536):
            pass
    except ConnectionResetError:
        pass
    line.close()


def test_requests_never_end(stage: Stage, descriptors: None) -> None:
    """Five hundred requests are begun and not ended: pages stay quick, and the server lets go of them by itself."""
    stage.begin()
    head = f"GET {LIVE}/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
    with stage.happens("500 half-open handshakes"):
        lines = [_open(stage) for _ in range(500)]
        for line in lines[:400]:
            line.sendall(head.encode())
        took = []
        for _ in range(20):
            began = time.perf_counter()
            assert httpx2.get(f"{stage.server.base_url}/igf2014", trust_env=False, verify=False).status_code == 200
            took.append(time.perf_counter() - began)
        assert sorted(took)[10] < 1, took
        stage.writer.rest()
        for line in lines:
            line.settimeout(30)
        answers = [line.recv(100) for line in lines]
        assert [answer[:12] for answer in answers] == [b"HTTP/1.1 408"] * 400 + [b""] * 100
        stage.writer.go_on()
    stage.ends_well()
    assert [follower.ends for follower in stage.crowd.followers] == [[]] * len(stage.crowd.followers)


def test_readers_stall(stage: Stage, descriptors: None) -> None:
    """The last here, for it is long: five megabytes (more than the kernel keeps for a reader) come while ten readers take nothing: five of them for a while, five for ever."""
    stage.begin(sockets=10, streams=2, polls=1, padding="&" * 9500)
    stalled = [Stalled(stage) for _ in range(10)]
    crowd = sum(follower.kind != "poll" for follower in stage.crowd.followers)
    with stage.happens("stalled readers"):
        wait_for(lambda: _followers(stage) == crowd + 10)
        stage.writer.wait_for(100, 90)
        texts = [_read_on(line, stage.writer.acknowledged[-1].offset) for line in stalled[:5]]
        stage.writer.rest()
        wait_for(lambda: _followers(stage) <= crowd + 5, 40)
        for line in stalled[:5]:
            line.socket.close()
        wait_for(lambda: _followers(stage) == crowd, 40)
        stage.writer.go_on()
    stage.ends_well()
    server = {p["id"]: p["text"] for p in stage.place.snapshot()["paragraphs"]}
    for text in texts:
        read = {name: p["text"] for name, p in text.paragraphs.items()}
        assert (text.gaps, text.twice) == (0, 0)
        assert read == {name: server[name] for name in read}
    assert [follower.ends for follower in stage.crowd.followers] == [[]] * len(stage.crowd.followers)


def _read_on(line: Stalled, offset: int) -> Text:
    """Read until the text stands at `offset`, or (on a slow machine) the line was closed for being late."""
    text = Text()
    with suppress(EOFError, ConnectionError):
        for opcode, payload in line.frames():
            if opcode == 1:
                text.take(json.loads(payload))
            if text.offset >= offset:
                break
    return text
