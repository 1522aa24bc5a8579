"""Readers who take nothing for a while, or for ever: nobody waits for them, and they miss nothing."""

import json
import socket
import time
from collections.abc import Callable, Iterator

import httpx2
import pytest

from server.remote import channel as channels
from server.remote import live
from server.web import arrival, wire
from server.web.security import Door
from tests.makers import make_meeting, make_session
from tests.remote.follower import LIVE, Follower, checked
from tests.remote.test_writing import snapshot, write
from tests.world import World, wait_for

#: No engine does this differently.
pytestmark = pytest.mark.either

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Stalled:
    """A reader that opens its socket and then reads only when told."""

    def __init__(self, world: World) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", world.port))
        self.socket.sendall(
            f"GET {LIVE}/ws HTTP/1.1\r\nHost: 127.0.0.1:{world.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.socket.settimeout(10)
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(1)
        self.rest = b""

    def _take(self, size: int) -> bytes:
        while len(self.rest) < size:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Opcode and payload of each frame from here on."""
        while True:
            first, second = self._take(2)
            size = second & 127
            if size == 126:
                size = int.from_bytes(self._take(2))
            elif size == 127:
                size = int.from_bytes(self._take(8))
            yield first & 15, self._take(size)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch, start_plenary: Callable[..., World]) -> World:
    """A server on which little may wait for a reader: its buffers and the kernel's are small."""
    monkeypatch.setattr(wire, "MOST_WAITING", 8 * 1024)
    monkeypatch.setattr(wire, "LITTLE_WAITING", 2 * 1024)
    world = start_plenary(send_buffer=8 * 1024)
    with world.store.writing() as db:
        make_session(db, make_meeting(db))
    return world


def test_a_stalled_reader_delays_nobody_and_catches_up(narrow: World) -> None:
    rapporteur = narrow.program("ray@example.org", role="rapporteur")
    stalled = Stalled(narrow)
    brisk = Follower(narrow)
    for number in range(60):
        write(rapporteur, f"{number} " + "x" * 9000)
    brisk.until(61)
    assert len(brisk.texts) == 60
    (channel,) = narrow.plenary.hub._channels.values()
    wait_for(lambda: len(channel.late) == 1)
    held = max(follower.line.transport.get_write_buffer_size() for follower in channel.lines)
    assert held < 8 * 1024 + 3 * 20_000, "what waits for a reader is bounded"

    seen: dict[str, str] = {}
    offset, frames = 0, 0
    for opcode, payload in stalled.frames():
        if opcode != 1:
            continue
        frames += 1
        message = checked(json.loads(payload))
        if message["type"] == "snapshot":
            seen = {p["id"]: p["text"] for p in message["paragraphs"]}
            offset = message["offset"]
        elif message["type"] == "events":
            assert message["from"] == offset + 1
            seen |= {
                one["paragraph"]["id"]: one["paragraph"]["text"] for one in message["events"] if one["op"] == "append"
            }
            offset = message["to"]
        if offset == 61:
            break
    assert list(seen.values()) == brisk.texts
    assert frames < 60, "what was missed comes in bigger pieces"
    brisk.close()
    stalled.socket.close()


def test_a_reader_who_never_reads_is_let_go(narrow: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "PATIENCE", 0.0)
    rapporteur = narrow.program("ray@example.org", role="rapporteur")
    stalled = Stalled(narrow)
    for number in range(60):
        write(rapporteur, f"{number} " + "x" * 9000)
    (channel,) = narrow.plenary.hub._channels.values()
    wait_for(lambda: channel.followers == 0)
    closing = [payload for opcode, payload in _to_the_end(stalled) if opcode == 8]
    assert [int.from_bytes(payload[:2]) for payload in closing] == [4008]


def _to_the_end(stalled: Stalled) -> Iterator[tuple[int, bytes]]:
    try:
        yield from stalled.frames()
    except (EOFError, ConnectionResetError):
        return


def test_a_reader_that_vanishes_is_not_counted_for_long(start_plenary: Callable[..., World]) -> None:
    world = start_plenary(ping=0.2)
    with world.store.writing() as db:
        make_session(db, make_meeting(db))
    gone = Stalled(world)  # answers no ping, as one whose battery died
    there, piecemeal = Follower(world), Stalled(world)
    wait_for(lambda: [one.followers for one in world.plenary.hub._channels.values()] == [3])
    (channel,) = world.plenary.hub._channels.values()
    answered = 0
    for opcode, _ in piecemeal.frames():  # an answer that comes in two pieces is one as well
        if opcode == 9:
            piecemeal.socket.sendall(b"\x8a\x80\x01")
            piecemeal.socket.sendall(b"\x02\x03\x04")
            answered += 1
        if answered == 8:
            break
    assert channel.followers == 2, "who answers stays, through several times the patience shown to who does not"
    for _ in range(8):
        there.next("ping")
    piecemeal.socket.sendall(b"\x81\x81\x00\x00\x00\x00x")
    assert [data[:2] for opcode, data in _to_the_end(piecemeal) if opcode == 8] == [(1008).to_bytes(2)]
    there.close()
    wait_for(lambda: channel.followers == 0)
    gone.socket.close()


def test_a_reader_of_events_that_takes_nothing_is_let_go_by_the_kernel(
    narrow: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "NOTHING_TAKEN", 300)
    rapporteur = narrow.program("ray@example.org", role="rapporteur")
    write(rapporteur, "one")
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect(("127.0.0.1", narrow.port))
        stalled.sendall(f"GET {LIVE}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_for(lambda: [one.followers for one in narrow.plenary.hub._channels.values()] == [1])
        (channel,) = narrow.plenary.hub._channels.values()
        for number in range(12):
            write(rapporteur, f"{number}" * 5000)
        wait_for(lambda: channel.followers == 0)


def test_a_reader_that_sends_rubbish_is_shown_out_alone(narrow: World) -> None:
    rapporteur = narrow.program("ray@example.org", role="rapporteur")
    brisk, rude = Follower(narrow), Stalled(narrow)
    rude.socket.sendall(b"\xff\xff\xff\xff" * 100)
    for number in range(20):
        write(rapporteur, f"{number}")
    brisk.until(21)
    assert brisk.texts == [str(number) for number in range(20)]
    assert [opcode for opcode, _ in _to_the_end(rude)][-1] == 8
    brisk.close()


def test_more_than_the_door_admits_are_asked_to_wait(narrow: World) -> None:
    narrow.plenary.app.state.door = Door(per_second=2)
    answers = [_handshake(narrow) for _ in range(4)]
    assert [answer.split(b" ")[1] for answer in answers] == [b"101", b"101", b"503", b"503"]
    assert b"retry-after: 1" in answers[2].lower()
    assert narrow.client().get(f"{LIVE}.json").status_code == 200, "those inside are not disturbed"


def _handshake(world: World) -> bytes:
    with socket.create_connection(("127.0.0.1", world.port)) as line:
        line.sendall(
            f"GET {LIVE}/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        return line.recv(4096)


def test_the_door_opens_again_with_time() -> None:
    door = Door(per_second=1000)
    for _ in range(1000):
        door.admit()
    time.sleep(0.01)
    door.admit()


def test_plain_asgi_tells_the_same(forum: World, rapporteur: httpx2.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a server that hands out no lines the socket speaks through ASGI, and nobody can tell."""
    monkeypatch.setattr(live, "EXTENSION", "not handed out")
    write(rapporteur, "one")
    follower = Follower(forum)
    assert follower.next()["type"] == "snapshot"
    write(rapporteur, "two")
    follower.until(3)
    assert follower.texts == ["one", "two"]
    follower.socket.send("words")
    assert follower.close_code() == 1008
    assert snapshot(forum)["offset"] == 3
    follower.close()
