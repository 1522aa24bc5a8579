"""Joins race writes: whoever comes while it is written has every paragraph, once. Without the guard the test fails."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from contextvars import ContextVar
from pathlib import Path

import httpx2
import pytest

from server.remote.channel import Channel
from server.remote.frames import Frames
from server.remote.hub import Hub
from server.remote.log import Log
from tests.faults.crowd import Crowd
from tests.faults.scene import prepare
from tests.faults.writer import Writer
from tests.remote.follower import LIVE
from tests.world import World, wait_for

pytestmark = pytest.mark.faults

#: Of twenty who join, fifteen come by socket, four by stream and one by polls (each of which is a request).
KINDS = (["socket"] * 3 + ["stream"]) * 4 + ["socket", "socket", "socket", "poll"]
WRITERS = 4


@pytest.fixture
def race(database: str, tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Races so many joins with so many paragraphs; what went wrong."""
    with ExitStack() as open_things:
        token = prepare(database)
        world = open_things.enter_context(closing(World(tmp_path, database)))
        open_things.callback(world.plenary.hub.drain_soon)  # else polls of those who left are waited for

        def run(joins: int, paragraphs: int, patience: float = 10) -> list[str]:
            live = world.base_url + LIVE
            crowd = open_things.enter_context(closing(Crowd(live)))
            with _writing([Writer(live, token, 0, f"by {n}") for n in range(WRITERS)]) as written:
                for number in range(joins):
                    wait_for(lambda: written() >= number * paragraphs // joins, 120)  # noqa: B023 (waited for at once)
                    crowd.join(KINDS[number % len(KINDS)])
                wait_for(lambda: written() >= paragraphs, 120)
            return _differences(crowd, httpx2.get(f"{live}.json", trust_env=False, verify=False).json(), patience)

        yield run


@contextmanager
def _writing(writers: list[Writer]) -> Iterator[Callable[[], int]]:
    """All of them write, for as long as the block lasts; gives how many paragraphs there are."""
    for writer in writers:
        writer.start()
    yield lambda: sum(len(writer.acknowledged) for writer in writers)
    for writer in writers:
        writer.stop()


def _differences(crowd: Crowd, snapshot: dict, patience: float) -> list[str]:
    """Who was told something twice, missed something, had to come again, or ended with another text."""
    try:
        wait_for(lambda: crowd.all_at(snapshot["offset"]), patience)
    except AssertionError:
        pass  # it shows below
    whole = (snapshot["epoch"], snapshot["offset"], snapshot["status"], snapshot["paragraphs"])
    return [
        f"{one.kind}: {one.text.gaps} gaps, {one.text.twice} twice, came {one.opened} times"
        for one in crowd.followers
        if (one.text.gaps, one.text.twice, one.opened) != (0, 0, 1) or one.text.whole != whole
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_hundred_joins_race_five_hundred_paragraphs(race: Callable[..., list[str]]) -> None:
    assert race(100, 500) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_told_twice_loses_no_race(race: Callable[..., list[str]]) -> None:
    """On PostgreSQL a server hears of each write from itself and by the bus."""
    assert race(40, 200) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_the_guard_the_race_is_lost(race: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what a newcomer is told is read first, and after an `await` it joins. Both kinds of line show it."""
    read: ContextVar[tuple[bytes, str]] = ContextVar("read")
    guarded = Hub.channel

    async def unguarded(hub: Hub, session_id: int) -> Channel:
        channel = await guarded(hub, session_id)
        read.set((channel.frames.snapshot(), channel.log.snapshot()))
        await asyncio.sleep(0.05)
        return channel

    monkeypatch.setattr(Hub, "channel", unguarded)
    monkeypatch.setattr(Frames, "opening", lambda frames, cursor: read.get()[0])
    monkeypatch.setattr(Log, "opening", lambda log, cursor: read.get()[1])
    lost = race(30, 150, 1)
    assert {line.partition(":")[0] for line in lost} == {"socket", "stream"}
    assert len(lost) > 10
