"""How many follow: the same number for everybody, whichever server serves them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from server.remote import headcount
from server.remote.models import Presence
from tests.makers import make_meeting, make_session
from tests.remote.follower import Follower
from tests.world import World, wait_for

pytestmark = pytest.mark.postgresql


@pytest.fixture
def servers(start_plenary: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> list[World]:
    """Three servers on one database, which look often."""
    monkeypatch.setattr(headcount, "LOOK", 0.05)
    first = start_plenary(ping=0.1)
    with first.store.writing() as db:
        make_session(db, make_meeting(db))
    return [first, start_plenary(ping=0.1), start_plenary(ping=0.1)]


def told(follower: Follower, number: int) -> bool:
    """Reads until the follower hears that so many follow."""
    while follower.next("presence")["followers"] != number:
        pass
    return True


def rows(world: World) -> list[int]:
    with world.store.reading() as db:
        return list(db.scalars(select(Presence.followers).order_by(Presence.followers)))


def test_everybody_hears_how_many_follow_through_all_servers(servers: list[World]) -> None:
    here, there, further = servers
    followers = [Follower(here), Follower(here), Follower(there), Follower(further)]
    for follower in followers:
        assert told(follower, 4)
    followers.pop(0).close()
    for follower in followers:
        assert told(follower, 3)
    followers.pop().close()
    assert told(followers[0], 2)
    wait_for(lambda: rows(here) == [1, 1])
    for follower in followers:
        follower.close()
    wait_for(lambda: rows(here) == [])


def test_a_server_that_stops_takes_its_followers_with_it(servers: list[World]) -> None:
    stays, goes = Follower(servers[0]), Follower(servers[1])
    assert told(stays, 2)
    servers[1].close()
    assert told(stays, 1)
    assert rows(servers[0]) == [1]
    stays.close()
    goes.close()


def test_a_server_that_died_is_not_counted_for_long(servers: list[World], monkeypatch: pytest.MonkeyPatch) -> None:
    stays = Follower(servers[0])
    assert told(stays, 1)
    silent_since = {
        "process": "it died",
        "session_id": 1,
        "followers": 7,
        "seen_at": func.now() - timedelta(seconds=14),
    }
    with servers[0].store.writing() as db:
        db.execute(Presence.__table__.insert().values(silent_since))
    assert told(stays, 8)
    later = update(Presence).filter_by(process="it died").values(seen_at=func.now() - timedelta(seconds=16))
    with servers[0].store.writing() as db:
        db.execute(later)
    assert told(stays, 1)
    with servers[0].store.writing() as db:
        db.execute(later.values(seen_at=func.now() - timedelta(seconds=61)))
    monkeypatch.setattr(headcount, "AGAIN", 0.1)
    wait_for(lambda: rows(servers[0]) == [1])
    stays.close()


def test_a_database_that_is_away_disturbs_no_tick(servers: list[World], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> dict[int, int]:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(headcount.HeadCount, "_say", broken)
    follower = Follower(servers[0])
    assert told(follower, 1)
    follower.next("ping")
    follower.close()
