"""Races for places onsite, over HTTP against a running server: exact at every moment, and every request is answered."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from server import clock
from server.database import Database
from server.meetings.queries import meeting_by_slug
from server.registration import actions, line
from server.registration.deciding import change_admission
from server.registration.line import admission_of
from server.registration.links import private_link
from server.registration.models import Admission, Registration
from server.registration.states import HOLDS_PLACE, State
from tests.makers import make_meeting
from tests.world import World

MANY = 40


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting."""
    with plenary.store.writing() as db:
        make_meeting(db)
    return plenary


def limit(world: World, **facts: Any) -> None:
    with world.store.writing() as db:
        change_admission(db, meeting_by_slug(db, "igf2014"), facts, clock.now())


def entered(number: int, **other: Any) -> dict[str, Any]:
    return {
        "given_name": "Ada", "family_name": f"Number {number}", "email": f"n{number}@example.org", "country": "GB",
        "organisation": "independent", "stakeholder_group": "civil-society", "attendance": "onsite", **other,
    }  # fmt: skip


def at_once(many: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work(number)` gives for so many numbers that begin at the same moment."""
    start = threading.Barrier(many)

    def run(number: int) -> Any:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(run, range(many)))


def register_all(world: World, many: int, **other: Any) -> list[int]:
    clients = [world.client() for _ in range(many)]
    return at_once(
        many, lambda number: clients[number].post("/igf2014/register", json=entered(number, **other)).status_code
    )


def standing(world: World) -> Counter[str]:
    with world.store.reading() as db:
        return Counter(db.scalars(select(Registration.state)))


def own(world: World, number: int) -> str:
    with world.store.reading() as db:
        registration = db.scalars(select(Registration).filter_by(email=f"n{number}@example.org")).one()
        return private_link(registration, world.settings).removeprefix(world.base_url)


def given(db: Database) -> int:
    """How many places are given just now."""
    held = select(func.count()).select_from(Registration).filter_by(attendance="onsite")
    return db.scalar(held.where(Registration.state.in_(HOLDS_PLACE))) or 0


@contextmanager
def watched(world: World) -> Iterator[list[tuple[int | None, int, int]]]:
    """Looks again and again, each time at one moment: places there are, places given, people who wait."""
    seen: list[tuple[int | None, int, int]] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.001):
            with world.store.reading() as db:
                there = db.scalars(select(Admission.onsite)).first()
                waits = db.scalar(select(func.count()).select_from(Registration).filter_by(state=State.WAITING)) or 0
                seen.append((there, given(db), waits))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def oversold(seen: list[tuple[int | None, int, int]]) -> list[tuple[int | None, int, int]]:
    """The moments at which one more place was given than there were."""
    return [
        now
        for before, now in zip([(None, 0, 0), *seen], seen, strict=False)
        if now[0] is not None and now[1] > max(now[0], before[1])
    ]


def idle(seen: list[tuple[int | None, int, int]]) -> list[tuple[int | None, int, int]]:
    """The moments at which a place was free while somebody waited."""
    return [now for now in seen if now[2] and (now[0] is None or now[1] < now[0])]


def test_one_place_and_forty_who_want_it(world: World) -> None:
    limit(world, onsite=1)
    with watched(world) as seen:
        assert register_all(world, MANY) == [202] * MANY
    assert standing(world) == {"confirmed": 1, "waiting": MANY - 1}
    assert (oversold(seen), idle(seen)) == ([], [])


def test_two_of_each_organisation_and_five_of_a_group(world: World) -> None:
    limit(world, organisation=2, groups={"government": 5})
    clients = [world.client() for _ in range(MANY)]
    names = ["UNESCO", "unesco", " Unesco. ", "independent"]
    groups = ["government", "civil-society"]

    def register(number: int) -> int:
        facts = entered(number, organisation=names[number % 4], stakeholder_group=groups[number // 4 % 2])
        return clients[number].post("/igf2014/register", json=facts).status_code

    assert at_once(MANY, register) == [202] * MANY
    with world.store.reading() as db:
        held = db.scalars(select(Registration).where(Registration.state == State.CONFIRMED)).all()
    assert sum(one.organisation_key == "unesco" for one in held) == 2
    assert sum(one.stakeholder_group == "government" for one in held) <= 5
    assert sum(one.organisation_key == "" and one.stakeholder_group == "civil-society" for one in held) == 5


def test_whatever_happens_at_once_no_place_is_sold_twice_nor_left_idle(world: World) -> None:
    """People register, open their link, withdraw, come back, go online and onsite; the limit rises and falls meanwhile."""
    limit(world, onsite=4)
    answers: list[tuple[str, int]] = []
    clients = [world.client() for _ in range(16)]

    def live_through(number: int) -> None:
        chance, client = random.Random(number), clients[number]
        answers.append(("register", client.post("/igf2014/register", json=entered(number)).status_code))
        link = own(world, number)
        answers.append(("see", client.get(link).status_code))
        for _ in range(6):
            step, sent = chance.choice([
                ("withdraw", {}), ("return", {}), ("accept", {}), ("attendance", {"attendance": "online"}),
                ("attendance", {"attendance": "onsite"}), ("return", {}),
            ])  # fmt: skip
            answers.append((step, client.post(f"{link}/{step}", json=sent).status_code))

    over = threading.Event()
    desk = world.program("olga@example.org", role="organiser")
    reigns: list[tuple[int, int]] = []  # a limit, and how many places were given when it began

    def change_limits() -> None:
        chance = random.Random(1)
        while not over.wait(0.01):
            sent = {"registration_open": True, "onsite": chance.choice([1, 3, 4, 8])}
            told = desk.post("/igf2014/desk/registration", json=sent).json()
            reigns.append((told["onsite"], sum(told["onsite_by_state"]["given"].values())))

    organiser = threading.Thread(target=change_limits)
    with watched(world) as seen:
        organiser.start()
        at_once(16, live_through)
        over.set()
        organiser.join()
        limit(world, onsite=8)
    assert {status for _, status in answers} <= {200, 202, 409}, Counter(answers)
    pairs = itertools.pairwise([(4, 0), *reigns])
    assert [(one, other) for one, other in pairs if other[1] > max(*one, other[0])] == []
    assert len(reigns) > 3
    assert idle(seen) == []
    with world.store.reading() as db:
        admission = admission_of(db, meeting_by_slug(db, "igf2014").id)
        assert admission.turns > 16
    # and one after the other everybody who waits is served
    limit(world, onsite=MANY)
    assert standing(world)["waiting"] == 0


def test_who_is_offered_a_place_and_the_next_one_never_both_have_it(world: World) -> None:
    limit(world, onsite=1, offer_hours=1)
    register_all(world, 8)
    assert standing(world) == {"confirmed": 1, "waiting": 7}
    with world.store.reading() as db:
        first = db.scalars(select(Registration.email).filter_by(state=State.CONFIRMED)).one()
    gone = own(world, int(first[1:].partition("@")[0]))
    links = [own(world, number) for number in range(8)]
    clients = [world.client() for _ in range(8)]
    with watched(world) as seen:
        answers = at_once(
            8, lambda number: clients[number].post(f"{links[number]}/{'withdraw' if links[number] == gone else 'accept'}", json={}).status_code
        )  # fmt: skip
    assert set(answers) <= {200, 409}
    assert oversold(seen) == []
    now = standing(world)
    assert (now["withdrawn"], now["waiting"], now["offered"] + now["confirmed"]) == (1, 6, 1)


def _let_all_look_first(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """Nobody takes a place before everybody has seen that there is one: what may happen now and then happens now."""
    seen, look = threading.Barrier(many), actions.seat

    def seat(*args: Any) -> State:
        state = look(*args)
        try:
            seen.wait(3)
        except threading.BrokenBarrierError:
            pass
        return state

    monkeypatch.setattr(actions, "seat", seat)


@pytest.mark.postgresql
def test_without_its_lock_the_place_is_sold_more_than_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(world, onsite=1)
    monkeypatch.setattr(actions, "held_admission", line.admission_of)
    _let_all_look_first(monkeypatch, 8)
    with watched(world) as seen:
        register_all(world, 8)
    assert standing(world)["confirmed"] > 1
    assert oversold(seen)


@pytest.mark.either
def test_without_the_turns_of_writers_not_everybody_is_served(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite refuses whoever has looked before another one wrote, so nothing is oversold; but it refuses."""
    limit(world, onsite=1)
    store = world.plenary.store
    monkeypatch.setattr(store, "_writing", sessionmaker(store.engine, expire_on_commit=False))
    monkeypatch.setattr(store, "_turn", nullcontext())
    _let_all_look_first(monkeypatch, 8)
    assert set(register_all(world, 8)) == {202, 503}
