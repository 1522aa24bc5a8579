"""Transactions: saved when they end well, undone when they do not, told when they are saved."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import sessionmaker

from server.database import Database, Store
from server.mail import Letter
from server.notices import NoticeBoard, post
from server.people.models import ApiToken, Person
from server.problems import NotReady

NOW = datetime(2014, 9, 2, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class PersonMade:
    """A notice for these tests."""

    email: str


def make_person(db: Database, email: str = "ada@example.org", created_at: datetime = NOW) -> None:
    db.add(Person(email=email, created_at=created_at))
    db.flush()


def addresses(store: Store) -> list[str]:
    with store.reading() as db:
        return list(db.scalars(select(Person.email).order_by(Person.email)))


@contextmanager
def failing() -> Iterator[None]:
    with pytest.raises(ZeroDivisionError):
        yield


def test_what_ends_well_is_saved(store: Store) -> None:
    with store.writing() as db:
        make_person(db)
    assert addresses(store) == ["ada@example.org"]


def test_what_raises_is_undone(store: Store) -> None:
    with failing(), store.writing() as db:
        make_person(db)
        _ = 1 / 0
    assert addresses(store) == []


def test_what_is_written_while_reading_is_not_kept(store: Store) -> None:
    with store.reading() as db:
        make_person(db)
    assert addresses(store) == []


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_given_in(store: Store) -> None:
    istanbul = timezone(timedelta(hours=3))
    with store.writing() as db:
        make_person(db, created_at=datetime(2014, 9, 2, 9, 0, tzinfo=istanbul))
    with store.reading() as db:
        seen = db.scalars(select(Person.created_at)).one()
        assert (seen, seen.tzinfo) == (NOW, UTC)
        assert db.scalars(select(Person.email).where(Person.created_at <= NOW)).all() == ["ada@example.org"]
        assert db.scalars(select(Person.email).where(Person.created_at < NOW)).all() == []


def test_a_time_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="an instant needs a time zone"), store.writing() as db:
        make_person(db, created_at=datetime(2014, 9, 2, 9, 0))


def test_what_refers_to_nobody_is_refused(store: Store) -> None:
    """SQLite checks references only when it is told to."""
    with pytest.raises(IntegrityError), store.writing() as db:
        db.add(ApiToken(hash="x", person_id=7, created_at=NOW))


def test_of_many_parallel_writes_none_is_lost(store: Store) -> None:
    """Each reads, then writes what it read and one: a lost update would show in the sum."""
    with store.writing() as db:
        make_person(db)
        db.add(Letter(to="a", template="count", ids={"n": 0}, language="en", written_at=NOW, due_at=None, sent_at=None))

    def count(db: Database) -> None:
        letter = db.scalars(select(Letter).with_for_update()).one()
        letter.ids = {"n": letter.ids["n"] + 1}

    async def everybody() -> None:
        await asyncio.gather(*(store.write(count) for _ in range(300)))

    asyncio.run(everybody())
    with store.reading() as db:
        assert db.scalars(select(Letter.ids)).one() == {"n": 300}


def test_without_begin_immediate_a_reader_cannot_become_a_writer(store: Store) -> None:
    """The race that `BEGIN IMMEDIATE` guards against, on the engine that has it; the other engine waits for the row."""
    plain = sessionmaker(store.engine)
    with plain() as first, store.writing() as second:
        first.scalars(select(Person)).all()
        make_person(second)
        second.commit()
        if store.embedded:
            with pytest.raises(OperationalError, match="locked"):
                make_person(first, "grace@example.org")
        else:
            make_person(first, "grace@example.org")


def test_what_the_database_cannot_do_now_may_be_asked_again(store: Store) -> None:
    """Its disk is full, or an operator takes the connection away: a problem in words. The next transaction is well."""
    broken = "PRAGMA max_page_count = 1" if store.embedded else "SELECT pg_terminate_backend(pg_backend_pid())"

    def write(db: Database) -> None:
        make_person(db)
        db.execute(text(broken))
        db.add_all(Person(email=f"{n}@{'x' * 4000}.org", created_at=NOW) for n in range(50))

    with pytest.raises(NotReady, match="try again in a moment"):
        asyncio.run(store.write(write))
    if store.embedded:
        with store.reading() as db:
            db.execute(text("PRAGMA max_page_count = 1000000"))
    assert addresses(store) == []
    with store.writing() as db:
        make_person(db)
    assert addresses(store) == ["ada@example.org"]


def test_nonsense_is_a_fault_of_ours(store: Store) -> None:
    with pytest.raises(DBAPIError), store.writing() as db:
        db.execute(text("SELECT nothing FROM nowhere"))


def test_a_reader_sees_only_what_is_committed(store: Store) -> None:
    with store.writing() as db:
        make_person(db)
        assert addresses(store) == []
    assert addresses(store) == ["ada@example.org"]


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    async def meanwhile() -> list[str]:
        written, seen = threading.Event(), threading.Event()

        def slow(db: Database) -> None:
            make_person(db)
            written.set()
            assert seen.wait(10), "a reader waited for the writer"

        def look(db: Database) -> list[str]:
            assert written.wait(10)
            return list(db.scalars(select(Person.email)))

        writing = asyncio.create_task(store.write(slow))
        found = await store.read(look)
        seen.set()
        await writing
        return found

    assert asyncio.run(meanwhile()) == []


def test_a_notice_is_told_after_the_commit(database: str) -> None:
    board = NoticeBoard()
    store = Store(database, board)
    told: list[tuple[PersonMade, list[str]]] = []
    board.tell(PersonMade, lambda notice: told.append((notice, addresses(store))))
    with store.writing() as db:
        make_person(db)
        post(db, PersonMade("ada@example.org"))
        assert told == []
    assert told == [(PersonMade("ada@example.org"), ["ada@example.org"])]
    store.close()


def test_nobody_is_told_of_what_was_undone(database: str) -> None:
    board = NoticeBoard()
    store = Store(database, board)
    told: list[PersonMade] = []
    board.tell(PersonMade, told.append)
    with failing(), store.writing() as db:
        post(db, PersonMade("ada@example.org"))
        _ = 1 / 0
    assert told == []
    store.close()


def test_who_joins_acts_in_the_same_transaction(database: str) -> None:
    board = NoticeBoard()
    store = Store(database, board)
    board.join(PersonMade, lambda db, notice: make_person(db, f"friend.of.{notice.email}"))
    with failing(), store.writing() as db:
        make_person(db)
        post(db, PersonMade("ada@example.org"))
        assert len(db.scalars(select(Person)).all()) == 2
        _ = 1 / 0
    assert addresses(store) == []
    with store.writing() as db:
        make_person(db)
        post(db, PersonMade("ada@example.org"))
    assert addresses(store) == ["ada@example.org", "friend.of.ada@example.org"]
    store.close()


def test_a_failing_join_undoes_the_change(database: str) -> None:
    board = NoticeBoard()
    store = Store(database, board)
    board.join(PersonMade, lambda db, notice: 1 / 0)
    with failing(), store.writing() as db:
        make_person(db)
        post(db, PersonMade("ada@example.org"))
    assert addresses(store) == []
    store.close()


def test_a_listener_that_fails_keeps_nobody_from_hearing_and_undoes_nothing(database: str) -> None:
    board = NoticeBoard()
    store = Store(database, board)
    told: list[PersonMade] = []
    board.tell(PersonMade, lambda notice: 1 / 0)
    board.tell(PersonMade, told.append)
    with store.writing() as db:
        make_person(db)
        post(db, PersonMade("ada@example.org"))
    assert (addresses(store), told) == (["ada@example.org"], [PersonMade("ada@example.org")])
    store.close()


def test_a_fault_of_the_database_names_no_values_because_it_ends_up_in_the_log(store: Store) -> None:
    with store.writing() as db:
        make_person(db, "ada@example.org")
    with pytest.raises(IntegrityError) as fault, store.writing() as db:
        make_person(db, "ada@example.org")
    assert "parameters hidden" in str(fault.value)
    assert "ada@example.org" not in f"{fault.value} {fault.value.orig}"


def test_a_mark_is_another_once_anybody_has_committed_something(store: Store, database: str) -> None:
    first = store.mark()
    assert store.embedded == (first is not None)
    addresses(store)
    assert store.mark() == first
    marks = [first]
    other = Store(database, NoticeBoard())  # as another process has
    for writer, email in ((store, "ada@example.org"), (other, "eve@example.org")):
        with writer.writing() as db:
            make_person(db, email)
            assert store.mark() == marks[-1]
        marks.append(store.mark())
        assert store.mark() == marks[-1]
    other.close()
    assert len(set(marks)) == (3 if store.embedded else 1)
