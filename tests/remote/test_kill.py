"""A server that is killed in the middle of writing: what was acknowledged is there, nobody misses or repeats anything."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from server import clock
from server.app import notice_board
from server.database import Store
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.people.actions import make_token, person_for
from tests.makers import make_meeting, make_session
from tests.process import ServerProcess, free_port
from tests.remote.follower import LIVE

PARAGRAPHS = 120
KILLS = 3


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(database, tmp_path, free_port())
    yield process
    process.kill()


@pytest.fixture
def token(database: str) -> Iterator[str]:
    store = Store(database, notice_board())
    with store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting)
        person = person_for(db, "ray@example.org", clock.now())
        grant_role(db, person, Role.RAPPORTEUR, meeting)
        made = make_token(db, person, "test", clock.now())
    yield made
    store.close()


class Reader(threading.Thread):
    """Follows over WebSocket; when the line is lost it comes back with its cursor. Notes every event it is told."""

    def __init__(self, base_url: str) -> None:
        super().__init__(daemon=True)
        self.address = f"{base_url.replace('http', 'ws')}{LIVE}/ws"
        self.epoch, self.offset = "", 0
        self.texts: dict[str, str] = {}
        self.told: list[int] = []
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            after = f"?after={self.epoch}:{self.offset}" if self.epoch else ""
            try:
                with connect(self.address + after, proxy=None) as line:
                    while not self.done.is_set():
                        self._read(json.loads(line.recv(30)))
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                time.sleep(0.05)

    def _read(self, message: dict) -> None:
        if message["type"] == "snapshot":
            self.epoch, self.offset = message["epoch"], message["offset"]
            self.texts = {p["id"]: p["text"] for p in message["paragraphs"]}
        elif message["type"] == "events":
            assert message["epoch"] == self.epoch
            for one in message["events"]:
                self.told.append(one["offset"])
                self.offset = one["offset"]
                if one["op"] == "append":
                    assert one["paragraph"]["id"] not in self.texts, "told twice"
                    self.texts[one["paragraph"]["id"]] = one["paragraph"]["text"]


def write_until_acknowledged(base_url: str, token: str, text: str) -> dict:
    """As our own writing page does: the same key until there is an answer."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    while True:
        try:
            answer = httpx2.post(
                f"{base_url}{LIVE}/paragraphs",
                json={"text": text, "lang": "en"},
                headers=headers,
                trust_env=False,
                timeout=5,
            )
        except httpx2.TransportError:
            time.sleep(0.05)
            continue
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.mark.either  # the faults do the same on both engines
def test_kill_in_the_middle_of_writing_loses_and_repeats_nothing(
    token: str, server: ServerProcess, wait: Callable[[Callable[[], bool]], None]
) -> None:
    readers = [Reader(server.base_url) for _ in range(3)]
    for reader in readers:
        reader.start()
    acknowledged: list[dict] = []

    def work() -> None:
        for n in range(PARAGRAPHS):
            acknowledged.append(write_until_acknowledged(server.base_url, token, f"paragraph {n}"))  # noqa: PERF401

    writer = threading.Thread(target=work)
    writer.start()
    for kill in range(1, KILLS + 1):
        wait(lambda: len(acknowledged) >= kill * PARAGRAPHS // (KILLS + 1))  # noqa: B023 (waited for at once)
        server.kill()
        server.start()
    writer.join(60)
    final = httpx2.get(f"{server.base_url}{LIVE}.json", trust_env=False).json()
    expected = {f"p{n + 1}": f"paragraph {n}" for n in range(PARAGRAPHS)}
    assert {p["id"]: p["text"] for p in final["paragraphs"]} == expected
    assert [one["id"] for one in acknowledged] == list(expected)
    wait(lambda: all(reader.offset == final["offset"] for reader in readers))
    for reader in readers:
        reader.done.set()
        assert reader.texts == expected
        assert reader.told == sorted(set(reader.told)), "an event came twice or out of order"


def _until_closed(line: ClientConnection) -> Iterator[str | bytes]:
    with suppress(ConnectionClosed):
        while True:
            yield line.recv(10)


def test_a_planned_stop_is_clean(token: str, server: ServerProcess) -> None:
    write_until_acknowledged(server.base_url, token, "one")
    with connect(f"{server.base_url.replace('http', 'ws')}{LIVE}/ws", proxy=None) as line:
        line.recv(5)
        server.process.terminate()
        kinds = [json.loads(message)["type"] for message in _until_closed(line)]
        assert (kinds[-1], line.close_code) == ("bye", 1012)
    assert server.process.wait(15) in (0, -15)
