"""The server dies, is told to stop, or finds no room on the disk."""

import resource
import time

import httpx2
import pytest

from tests.faults.stage import Stage
from tests.world import wait_for

pytestmark = pytest.mark.faults


def test_the_server_is_killed(stage: Stage) -> None:
    stage.begin()
    with stage.happens("kill -9 of the server"):
        stage.server.kill()
        stage.server.start()
    stage.ends_well()


def test_the_server_is_told_to_stop(stage: Stage) -> None:
    stage.begin()
    with stage.happens("SIGTERM with followers"):
        code = stage.server.stop()
        took = time.monotonic() - stage.began
        stage.server.start()
    stage.recovered()
    assert code in (0, -15)
    assert took < 5, "nobody is waited for"
    for follower in stage.crowd.followers:
        assert follower.kind == "poll" or follower.heard["bye"] == 1
        assert follower.kind != "socket" or follower.ends[0] == "1012"
    stage.ends_well()


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_disk_is_full_at_a_write(stage: Stage) -> None:
    """No write of the server gets through, to its database or its log, as on a disk without room (`RLIMIT_FSIZE`)."""
    stage.begin()
    process = stage.server.process.pid
    usual = resource.prlimit(process, resource.RLIMIT_FSIZE)
    with stage.happens("disk full at a write"):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (1, usual[1]))
        wait_for(lambda: stage.writer.refused[503] >= 2 or bool(stage.writer.faults))
        assert httpx2.get(stage.place.live, trust_env=False, verify=False).status_code == 200, "it can still be read"
        resource.prlimit(process, resource.RLIMIT_FSIZE, usual)
    stage.ends_well(worries=".")
    assert stage.writer.words == {"The server cannot use its database just now. Please try again in a moment."}
