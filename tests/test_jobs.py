"""The clockwork: what is due is done, piece by piece, and what fails stops nothing else."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from server import jobs, rounds
from server.database import Database, Store
from server.jobs import Clockwork, Job, MayBeDue
from server.problems import NotReady
from tests.makers import NOON
from tests.world import wait_for

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either


class Heap:
    """Pieces of work, each of so many stretches; a piece in `faulty` fails whenever it is come to."""

    def __init__(self, **pieces: int) -> None:
        self.left = dict(pieces)
        self.faulty: set[str] = set()
        self.done: list[str] = []

    def due(self, db: Database, now: Any) -> list[str]:
        return [name for name, stretches in self.left.items() if stretches and now >= NOON]

    def act(self, db: Database, piece: str, now: Any) -> bool:
        if piece in self.faulty:
            raise RuntimeError(piece)
        if not self.left[piece]:
            return False
        self.left[piece] -= 1
        self.done.append(piece)
        return True

    def job(self, name: str = "heap") -> Job:
        return Job(name, self.due, self.act)


@contextmanager
def started(store: Store, *work: Job) -> Iterator[Clockwork]:
    """A clockwork on an event loop in a thread of its own, as in a server."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    clockwork = Clockwork(store, work)
    try:
        on(loop, clockwork.start)
        yield clockwork
    finally:
        asyncio.run_coroutine_threadsafe(clockwork.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def on(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    async def run() -> None:
        work()

    asyncio.run_coroutine_threadsafe(run(), loop).result()


def test_what_is_due_when_a_server_starts_is_done_without_being_told(store: Store) -> None:
    heap = Heap(a=1)
    with started(store, heap.job()):
        wait_for(lambda: heap.done == ["a"])


def test_who_commits_something_that_is_due_wakes_it(store: Store) -> None:
    heap, other = Heap(), Heap(first=1)
    with started(store, heap.job(), other.job("other")) as clockwork:
        wait_for(lambda: other.done == ["first"])
        heap.left["a"] = 1
        clockwork.told(MayBeDue())
        wait_for(lambda: heap.done == ["a"], rounds.LOOK_EVERY / 2)


def test_long_pieces_take_turns_and_all_is_done_in_the_end(store: Store) -> None:
    heap = Heap(a=3, b=1, c=2)
    with started(store) as clockwork:
        clockwork.jobs = (heap.job(),)
        clockwork.run(NOON)
    assert heap.done == ["a", "b", "c", "a", "c", "a"]


def test_nothing_is_done_before_it_is_due(store: Store) -> None:
    heap = Heap(a=1)
    with started(store) as clockwork:
        clockwork.jobs = (heap.job(),)
        clockwork.run(NOON - timedelta(seconds=1))
        assert heap.done == []
        clockwork.run(NOON)
        assert heap.done == ["a"]


def test_a_piece_that_fails_stops_neither_the_others_nor_other_jobs(store: Store) -> None:
    heap, other = Heap(a=1, bad=1, z=2), Heap(o=1)
    heap.faulty = {"bad"}

    def broken(db: Database, now: Any) -> list[str]:
        raise RuntimeError("cannot even look")

    with started(store) as clockwork:
        clockwork.jobs = (Job("broken", broken, heap.act), heap.job(), other.job("other"))
        clockwork.run(NOON)
        assert (heap.done, other.done) == (["a", "z", "z"], ["o"])
        heap.faulty = set()
        clockwork.run(NOON)  # whoever chooses the moment wants all of it, also what rests
        assert heap.done == ["a", "z", "z", "bad"]


def test_what_failed_is_left_alone_for_a_while(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    heap = Heap(bad=1)
    heap.faulty = {"bad"}
    tried: list[str] = []

    def act(db: Database, piece: str, now: Any) -> bool:
        tried.append(piece)
        return heap.act(db, piece, now)

    clockwork = Clockwork(store, [Job("heap", heap.due, act)])

    async def look(times: int) -> list[bool]:
        return [await clockwork._look(NOON) for _ in range(times)]

    assert asyncio.run(look(3)) == [False, False, False]
    assert tried == ["bad"]
    monkeypatch.setattr("server.jobs.time.monotonic", lambda now=jobs.time.monotonic(): now + jobs.REST + 1)
    assert asyncio.run(look(1)) == [False]
    assert tried == ["bad", "bad"]


def test_what_the_database_could_not_do_just_now_is_tried_again_without_a_rest(store: Store) -> None:
    heap = Heap(a=1)
    away = [True]

    def act(db: Database, piece: str, now: Any) -> bool:
        if away.pop():
            raise NotReady("not now")
        return heap.act(db, piece, now)

    away.insert(0, False)
    clockwork = Clockwork(store, [Job("heap", heap.due, act)])
    with pytest.raises(NotReady):  # the rounds log it and look again
        asyncio.run(clockwork._look(NOON))
    assert asyncio.run(clockwork._look(NOON))
    assert heap.done == ["a"]


def test_a_piece_that_fails_leaves_nothing_half_done(store: Store) -> None:
    def act(db: Database, piece: str, now: Any) -> bool:
        db.execute(text("INSERT INTO letter (\"to\", template, ids, language, message_id, written_at, attempts, fault) VALUES ('a', 't', '{}', 'en', '', '2014-09-01', 0, '')"))  # fmt: skip
        raise RuntimeError("after the write")

    with started(store) as clockwork:
        clockwork.jobs = (Job("half", lambda db, now: [1], act),)
        clockwork.run(NOON)
    with store.reading() as db:
        assert db.scalar(text("SELECT count(*) FROM letter")) == 0


def test_who_has_nothing_to_do_writes_nothing(store: Store) -> None:
    """On SQLite a writing transaction would hold up everybody who saves something, every few seconds."""
    with started(store) as clockwork:
        heap = Heap()
        clockwork.jobs = (heap.job(),)
        with store.writing():
            clockwork.run(NOON)  # would wait for this writer, and give up after ten seconds


def test_a_stopping_server_finishes_the_piece_in_hand_and_begins_no_other(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def act(db: Database, piece: int, now: Any) -> bool:
        begun.set()
        assert go_on.wait(10)
        done.append(piece)
        return True

    loop = asyncio.new_event_loop()

    async def run() -> None:
        clockwork = Clockwork(store, [Job("slow", lambda db, now: [1, 2], act)])
        clockwork.start()
        await asyncio.to_thread(begun.wait)
        stopping = asyncio.create_task(clockwork.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping

    loop.run_until_complete(run())
    loop.close()
    assert done == [1]


def test_where_to_look_takes_long_it_is_looked_rarely_and_whenever_somebody_wants_to_know(store: Store) -> None:
    heap, often = Heap(), Heap(a=1)
    looked: list[str] = []

    def due(db: Database, now: Any) -> list[str]:
        looked.append("")
        return heap.due(db, now)

    rare = Job("rare", due, heap.act, pause=3600)
    with started(store, rare, often.job()) as clockwork:
        wait_for(lambda: often.done == ["a"] and looked == [""])
        heap.left["b"], often.left["c"] = 1, 1
        clockwork.told(MayBeDue())
        wait_for(lambda: often.done == ["a", "c"])
        assert (heap.done, looked) == ([], [""])
        clockwork.run(NOON)
        assert heap.done == ["b"]
