"""A meeting with one session and people who write."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.makers import make_meeting, make_session
from tests.remote.follower import Follower
from tests.world import World, wait_for


@pytest.fixture
def forum(plenary: World) -> World:
    """A running server with the session ws112 of igf2014."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "ws112")
        make_session(db, meeting, "ws113")
    return plenary


@pytest.fixture
def rapporteur(forum: World) -> httpx2.Client:
    """A program that writes as a rapporteur."""
    return forum.program("ray@example.org", role="rapporteur")


@pytest.fixture
def follow(forum: World) -> Iterator[type[Follower]]:
    """Open followers that are closed afterwards."""
    opened: list[Follower] = []

    def open_one(after: str | None = None, **options: object) -> Follower:
        opened.append(Follower(forum, after, **options))
        return opened[-1]

    yield open_one  # type: ignore[misc]
    for follower in opened:
        follower.close()


@pytest.fixture
def wait() -> object:
    """Wait for a condition, long enough for servers to come back."""
    return lambda condition: wait_for(condition, 40)
