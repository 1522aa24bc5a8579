"""Exactly once by id: a server that is killed while it sends, and the receiver of docs/webhooks.md, which keeps each once."""

import base64
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from server import clock
from server.app import notice_board
from server.database import Store
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.people.actions import make_token, person_for
from server.remote.parcel import Parcel
from tests.makers import make_meeting, make_session
from tests.process import ROOT, ServerProcess, environment, free_port
from tests.remote.receiver import Got, Receiver, Said
from tests.remote.test_webhooks import HOOKS, events, make, post, write
from tests.world import World, wait_for

#: At which requests the server is killed: the receiver has got the event, and nobody has noted its yes.
KILLED_AT = (2, 3)


@pytest.fixture
def organiser(database: str, server: ServerProcess) -> Iterator[httpx2.Client]:
    """A program of an organiser of a meeting with a session, at a server in a process of its own."""
    store = Store(database, notice_board())
    with store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting)
        person = person_for(db, "olga@example.org", clock.now())
        grant_role(db, person, Role.ORGANISER, meeting)
        token = make_token(db, person, "test", clock.now())
    store.close()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=server.base_url, headers=headers, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[ServerProcess]:
    (tmp_path / ".env").write_text("PLENARY_WEBHOOKS_LOCAL=1\n")
    process = ServerProcess(database, tmp_path, free_port())
    yield process
    process.kill()


def test_killed_before_it_noted_a_yes_it_sends_the_same_again_and_nothing_is_lost(
    organiser: httpx2.Client, server: ServerProcess
) -> None:
    receiver = Receiver()

    def kill(_got: Got) -> Said:
        server.kill()
        return 204, {}

    page = make(organiser, receiver)
    post(organiser, f"{page}/pause")
    write(organiser, *[f"Paragraph {n}." for n in range(9)])
    told = events(organiser)
    receiver.answers.extend(kill if number in KILLED_AT else (204, {}) for number in range(1, max(KILLED_AT) + 1))
    with suppress(httpx2.TransportError):  # it may be killed before it has answered
        post(organiser, f"{page}/resume")
    for _ in KILLED_AT:
        wait_for(lambda: server.process.poll() is not None)
        server.start()
        with suppress(httpx2.TransportError):
            post(organiser, f"{page}/retry")  # what the dead one held would be sent again when its lease is over
    wait_for(lambda: receiver.ids[-1] == list(told)[-1])
    receiver.close()
    assert receiver.wrong == []
    assert [json.loads(body)["event"] for body in receiver.stored.values()] == list(told.values())
    first, second, *others = told
    assert receiver.ids == [first, second, second, second, *others]


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Callable[[str, int], None]]:
    """Run the receiver that stands in the docs, with a secret, on a port."""
    script = tmp_path / "receiver.py"
    page = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    script.write_text(re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0])
    started: list[subprocess.Popen[bytes]] = []

    def start(secret: str, port: int) -> None:
        own = environment("sqlite://", tmp_path, WEBHOOK_SECRET=secret)
        command = [sys.executable, str(script), str(port)]
        started.append(subprocess.Popen(command, env=own, cwd=tmp_path, stderr=subprocess.DEVNULL))

    yield start
    for process in started:
        process.kill()
        process.wait()


def answered(url: str, parcel: Parcel, age: float = 0, body: bytes | None = None) -> int:
    """The status for a parcel that was signed `age` seconds ago; 0 while nobody listens yet."""
    headers = parcel.headers(clock.now() - timedelta(seconds=age))
    try:
        return httpx2.post(url, headers=headers, content=body or parcel.body, trust_env=False).status_code
    except httpx2.TransportError:
        return 0


def test_the_receiver_of_the_docs_keeps_each_event_once_and_nothing_that_is_not_genuine(
    start_plenary: Callable[..., World], example: Callable[[str, int], None], tmp_path: Path
) -> None:
    world = start_plenary(webhooks_local=True)
    with world.store.writing() as db:
        make_session(db, make_meeting(db))
    organiser = world.program("olga@example.org", role="organiser")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    made = organiser.post(HOOKS, json={"label": "Example", "url": url}).json()
    example(made["secret"], port)
    wait_for(lambda: post(organiser, f"{HOOKS}/{made['id']}/test")["status"] == 204)
    write(organiser, "One.", "Two.")
    told = events(organiser)

    def kept() -> dict[str, dict]:
        with closing(sqlite3.connect(tmp_path / "events.db")) as db:
            return {name: json.loads(body) for name, body in db.execute("SELECT id, body FROM event ORDER BY rowid")}

    wait_for(lambda: len(kept()) == len(told))
    assert {name: content["event"] for name, content in kept().items()} == told
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    again = Parcel(next(iter(told)), url, b'{"type":"event","id":"another body"}', (secret,))
    foreign = Parcel("k3x9:1", url, b'{"type":"event"}', (b"somebody else",))
    assert answered(url, again) == 204
    assert answered(url, again, age=301) == 401
    assert answered(url, again, body=b'{"type":"event","id":"changed"}') == 401
    assert answered(url, foreign) == 401
    assert {name: content["event"] for name, content in kept().items()} == told
