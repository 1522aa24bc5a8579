"""Limits hold wherever it is counted: in memory on SQLite, in the database where several processes share it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from server import limits
from server.database import POOL, Store
from server.limits import Counted, Limits
from server.problems import TooMany
from tests.world import World

on_postgresql = pytest.mark.postgresql


@pytest.fixture
def open_limits(database: str) -> Iterator[Callable[[], Limits]]:
    """Counters as a process has them, one after the other."""
    opened: list[Limits] = []

    def one_more() -> Limits:
        opened.append(Limits(database))
        return opened[-1]

    yield one_more
    for one in opened:
        one.close()


def refused(counters: Limits, limit: str, *who: str) -> int:
    """Seconds after which one may come again; 0 when one is let in."""
    try:
        counters.count(limit, *who)
    except TooMany as problem:
        return problem.retry_after
    return 0


def test_so_many_are_let_in_and_the_next_is_told_when_to_come_again(open_limits: Callable[[], Limits]) -> None:
    counters = open_limits()
    answers = [refused(counters, "3/minute", "ada@example.org") for _ in range(5)]
    assert answers[:3] == [0, 0, 0]
    assert all(58 <= seconds <= 60 for seconds in answers[3:])
    assert refused(counters, "3/minute", "bob@example.org") == 0, "others are counted apart"
    assert refused(counters, "4/10 minutes", "ada@example.org") == 0, "and so are other limits"


@on_postgresql
def test_two_processes_count_together(open_limits: Callable[[], Limits]) -> None:
    here, there = open_limits(), open_limits()
    turns = [here, there, there, here, there, here]
    assert [bool(refused(one, Limits.PER_MAILBOX, "ada@example.org")) for one in turns] == [False] * 5 + [True]


@on_postgresql
def test_many_at_once_are_counted_one_by_one(open_limits: Callable[[], Limits]) -> None:
    here, there = open_limits(), open_limits()
    with ThreadPoolExecutor(16) as hands:
        answers = list(hands.map(lambda n: refused((here, there)[n % 2], "25/minute", "ada"), range(100)))
    assert answers.count(0) == 25


@on_postgresql
def test_what_is_over_begins_anew_and_is_cleared_away(
    open_limits: Callable[[], Limits], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    counters = open_limits()
    for who in ("ada", "bob"):
        assert [bool(refused(counters, "1/minute", who)) for _ in range(2)] == [False, True]
    with store.writing() as db:
        db.execute(update(Counted).values(until=func.now() - timedelta(seconds=1)))
    assert refused(counters, "1/minute", "ada") == 0
    monkeypatch.setattr(limits, "CLEAR_EVERY", 0.0)
    assert refused(counters, "1/minute", "ada") > 0
    with store.reading() as db:
        assert db.scalars(select(Counted.number)).all() == [2], "bob's is gone"


@on_postgresql
def test_nobody_is_named_in_what_is_counted(open_limits: Callable[[], Limits], store: Store) -> None:
    open_limits().count(Limits.PER_MAILBOX, "ada@example.org" + "x" * 300)
    with store.reading() as db:
        (key,) = db.scalars(select(Counted.key))
    assert "ada" not in key


@on_postgresql
def test_a_refused_request_has_counted(start_plenary: Callable[..., World]) -> None:
    here, there = start_plenary(), start_plenary()
    form = {"email": "ada@example.org"}
    answers = [one.client().post("/sign-in", data=form) for one in (here, there, here, there, here, there, here)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429] * 2
    assert 590 <= int(answers[-1].headers["retry-after"]) <= 600
    assert len(here.mail("ada@example.org", 0)) <= 5


@on_postgresql
def test_more_posts_at_once_than_there_are_lines_wait_and_do_not_block(start_plenary: Callable[..., World]) -> None:
    world = start_plenary()
    client = world.client()
    with ThreadPoolExecutor(3 * POOL) as hands:
        answers = list(
            hands.map(lambda n: client.post("/sign-in", data={"email": f"a{n}@example.org"}), range(6 * POOL))
        )
    assert {answer.status_code for answer in answers} == {303}
