"""One of three workers dies; all are replaced in turn; their parent dies."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.scene import new_database
from tests.faults.stage import Place, Stage
from tests.world import wait_for

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def place(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server of three processes."""
    address, folder = new_database(postgresql, "workers"), tmp_path_factory.mktemp("workers")
    with closing(Place(address, folder, "--workers", "3")) as made:
        wait_for(lambda: len(made.server.workers) == 3, 60)
        yield made


def test_one_of_three_workers_is_killed(stage: Stage) -> None:
    stage.begin()
    killed = stage.server.workers[0]
    with stage.happens("kill -9 of one of three workers"):
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: killed not in stage.server.workers and len(stage.server.workers) == 3, 60)
    stage.ends_well(worries=f"{killed}")


def test_three_workers_are_replaced_in_turn(stage: Stage) -> None:
    """A rolling restart: at no moment is nobody there, and nothing is refused."""
    stage.begin()
    old = set(stage.server.workers)
    with stage.happens("rolling restart of three workers"):
        stage.server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(stage.server.workers) == 3 and not old & set(stage.server.workers), 60)
    stage.ends_well()
    for follower in stage.crowd.followers:
        # of a poll the connection may close just as it asks again, as with any server that keeps connections alive
        assert follower.kind == "poll" or set(follower.ends) <= {"1012", "end"}, "who comes back is let in"
    assert not stage.writer.refused


def test_the_workers_parent_is_killed(stage: Stage) -> None:
    """Its workers end too, and leave the port to the next."""
    stage.begin()
    old = stage.server.workers
    with stage.happens("kill -9 of the workers' parent"):
        stage.server.kill()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in old), 60)
        stage.server.start()
    stage.ends_well()
