"""The bus: what is written through one server reaches the followers of all, also after the line was lost."""

import asyncio
import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from server import clock
from server.people.actions import person_for
from server.problems import NotReady
from server.remote.actions import append_paragraph
from server.remote.hub import Hub
from server.remote.log import Cursor, Tail
from server.schedule.models import Session
from tests.makers import make_meeting, make_session
from tests.remote.follower import LIVE, Follower
from tests.remote.test_writing import snapshot, write
from tests.world import World, wait_for

on_postgresql = pytest.mark.postgresql


class Two:
    """Two servers on one database, as two machines would be."""

    def __init__(self, here: World, there: World) -> None:
        self.here, self.there = here, there
        self.writer = here.program("ray@example.org", role="rapporteur")
        token = self.writer.headers["Authorization"]
        self.other_writer = there.client(headers={"Authorization": token})


@pytest.fixture
def two(start_plenary: Callable[..., World]) -> Two:
    here = start_plenary()
    with here.store.writing() as db:
        make_session(db, make_meeting(db))
    return Two(here, start_plenary())


class Operator:
    """Somebody with a line of their own to the database server."""

    def __init__(self, engine: Engine, database: str) -> None:
        self.engine, self.database = engine, database

    def do(self, statement: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(statement))

    def let_in(self, allowed: bool) -> None:
        """Whether new lines to the test's database may be opened; those that are open stay."""
        self.do(f'ALTER DATABASE "{self.database}" WITH ALLOW_CONNECTIONS {allowed}')

    def cut_listeners(self) -> None:
        """End the lines on which servers listen."""
        ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        self.do(f"{ends} WHERE application_name = 'plenary listener' AND datname = '{self.database}'")


@pytest.fixture
def operator(database: str) -> Iterator[Operator]:
    url = make_url(database)
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    made = Operator(engine, str(url.database))
    yield made
    made.let_in(True)
    engine.dispose()


def readiness(world: World) -> tuple[int, str]:
    answer = world.client().get("/readyz")
    return answer.status_code, answer.json()["listening"]


@on_postgresql
def test_what_is_written_through_any_server_reaches_the_followers_of_all(two: Two) -> None:
    followers = [Follower(two.here), Follower(two.there), Follower(two.there)]
    for number in range(20):
        writer = two.writer if number % 2 else two.other_writer
        assert write(writer, f"{number}").status_code == 201
    for follower in followers:
        follower.until(21)  # which fails on a gap and on a repeat
        assert follower.texts == [str(number) for number in range(20)]
        follower.close()


@on_postgresql
def test_those_who_poll_and_those_with_a_stream_hear_of_other_servers_too(two: Two) -> None:
    start = snapshot(two.there)
    with two.there.client().stream("GET", f"{LIVE}/events") as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        assert json.loads(next(lines)[6:])["type"] == "snapshot"
        write(two.writer, "one")
        assert json.loads(next(lines)[6:])["to"] == 2
    polled = two.there.client().get(f"{LIVE}.json?after={start['epoch']}:2&wait=0.1").json()
    assert polled["events"] == []
    write(two.writer, "two")
    polled = two.there.client().get(f"{LIVE}.json?after={start['epoch']}:2&wait=20").json()
    assert [one["paragraph"]["text"] for one in polled["events"]] == ["two"]


@on_postgresql
def test_what_a_command_writes_is_followed_at_once(two: Two) -> None:
    follower = Follower(two.there)
    with two.here.store.writing() as db:  # a transaction of no server's
        session = db.get_one(Session, 1)
        append_paragraph(db, person_for(db, "ray@example.org", clock.now()), session, "one", "en", now=clock.now())
    follower.until(2)
    assert follower.texts == ["one"]
    follower.close()


@on_postgresql
def test_a_server_that_lost_its_line_says_so_and_catches_up(two: Two, operator: Operator) -> None:
    write(two.other_writer, "before")
    follower = Follower(two.here)
    follower.until(2)
    operator.let_in(False)
    operator.cut_listeners()
    assert follower.next("standing") == {"type": "standing", "live": False}
    assert readiness(two.here) == (503, "lost: what other processes write is not heard, and is tried again")
    wait_for(
        lambda: write(two.other_writer, "meanwhile", headers={"Idempotency-Key": "1"}).status_code == 201
    )  # by a line that was open
    late = Follower(two.here)
    assert [late.next()["type"], late.next()] == ["snapshot", {"type": "standing", "live": False}]
    operator.let_in(True)
    for one in (follower, late):
        assert one.next("standing") == {"type": "standing", "live": True}
        one.until(3)
        assert one.texts == ["before", "meanwhile"]
        one.close()
    assert readiness(two.here) == (200, "ok")


@on_postgresql
def test_a_line_that_is_cut_is_soon_there_again(two: Two, operator: Operator) -> None:
    follower = Follower(two.there)
    follower.next("snapshot")
    for number in range(5):
        operator.cut_listeners()
        write(two.writer, f"{number}")
    follower.until(6)
    assert follower.texts == [str(number) for number in range(5)]
    wait_for(lambda: readiness(two.there) == (200, "ok"))
    follower.close()


def test_what_is_told_twice_is_read_once() -> None:
    reads: list[int] = []

    async def read(session_id: int, after: int) -> Tail:
        reads.append(after)
        return Tail("e1", [{"offset": n, "op": "status", "status": "live"} for n in range(after + 1, written + 1)])

    async def play() -> int:
        nonlocal written
        hub = Hub(read)
        channel = await hub.channel(7)
        written = 1
        hub.mark(7, Cursor("e1", 1))
        hub.mark(7, Cursor("e1", 1))
        await channel.changed()
        hub.mark(7, Cursor("e1", 1))
        hub.mark(7, Cursor("e0", 1))  # another log's place says nothing of this one
        await channel.changed()
        hub.mark_all()
        await channel.changed()
        return channel.log.head.offset

    written = 0
    assert asyncio.run(play()) == 1
    assert reads == [0, 0, 1, 1]


def test_who_comes_while_the_log_cannot_be_read_is_asked_to_come_again() -> None:
    away = [True]

    async def read(session_id: int, after: int) -> Tail:
        if away:
            raise OSError("the database is away")
        return Tail("e1", [])

    async def play() -> str:
        hub = Hub(read)
        for _ in range(2):
            with pytest.raises(NotReady):
                await asyncio.wait_for(hub.channel(7), 1)
        away.clear()
        while not hub._channels[7].live:
            await hub._channels[7].changed()
        return (await hub.channel(7)).log.epoch

    assert asyncio.run(play()) == "e1"


def test_who_comes_while_others_are_not_heard_has_the_log_looked_at_and_gets_what_is_known() -> None:
    away: list[bool] = []
    written = [0]

    async def read(session_id: int, after: int) -> Tail:
        if away:
            raise OSError("the database is away")
        return Tail("e1", [{"offset": n, "op": "status", "status": "live"} for n in range(after + 1, written[0] + 1)])

    async def play() -> list[int]:
        hub = Hub(read)
        heads = [(await hub.channel(7)).log.head.offset]
        written[0] = 1  # by another process
        heads.append((await hub.channel(7)).log.head.offset)
        hub.hear(False)
        heads.append((await hub.channel(7)).log.head.offset)
        written[0] = 2
        away.append(True)
        heads.append((await hub.channel(7)).log.head.offset)
        away.clear()
        hub.hear(True)
        while not hub._channels[7].live:
            await hub._channels[7].changed()
        heads.append((await hub.channel(7)).log.head.offset)
        return heads

    assert asyncio.run(play()) == [0, 0, 1, 1, 2]
