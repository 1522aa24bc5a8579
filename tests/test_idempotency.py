"""A request that is sent twice with one key is done once."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from server.database import Database, Store
from server.idempotency import once
from server.people.models import Person
from server.problems import Conflict, Faulty

NOW = datetime(2014, 9, 2, 6, 0, tzinfo=UTC)


def make_person(db: Database) -> dict[str, Any]:
    person = Person(email=f"{people(db)}@example.org", created_at=NOW)
    db.add(person)
    db.flush()
    return {"id": person.id}


def people(db: Database) -> int:
    return db.scalar(select(func.count()).select_from(Person)) or 0


def count(store: Store) -> int:
    with store.reading() as db:
        return people(db)


def ask(store: Store, scope: str, key: str | None) -> dict[str, Any]:
    with store.writing() as db:
        return once(db, scope, key, lambda: make_person(db), NOW)


def test_the_same_key_again_gives_the_same_answer_and_does_nothing(store: Store) -> None:
    first = ask(store, "ada", "k1")
    assert ask(store, "ada", "k1") == first
    assert count(store) == 1


def test_another_key_another_scope_and_no_key_are_each_something_new(store: Store) -> None:
    answers = [ask(store, scope, key)["id"] for scope, key in
               (("ada", "k1"), ("ada", "k2"), ("grace", "k1"), ("ada", None), ("ada", None), ("ada", ""))]  # fmt: skip
    assert len(set(answers)) == count(store) == 6


def test_of_many_at_once_with_one_key_one_acts_and_all_get_its_answer(store: Store) -> None:
    async def everybody() -> list[dict[str, Any]]:
        work = (store.write(lambda db: once(db, "ada", "k1", lambda: make_person(db), NOW)) for _ in range(15))
        return await asyncio.gather(*work)

    answers = asyncio.run(everybody())
    assert answers == [answers[0]] * 15
    assert count(store) == 1


def test_what_failed_is_not_remembered(store: Store) -> None:
    def fail() -> dict[str, Any]:
        raise Conflict("changed")

    with pytest.raises(Conflict), store.writing() as db:
        once(db, "ada", "k1", fail, NOW)
    assert ask(store, "ada", "k1") == {"id": 1}


def test_a_key_of_any_size_up_to_the_limit_is_kept_and_a_longer_one_refused(store: Store) -> None:
    assert ask(store, "ada", "é" * 200) == ask(store, "ada", "é" * 200)
    with pytest.raises(Faulty, match="at most 200 characters"):
        ask(store, "ada", "k" * 201)
