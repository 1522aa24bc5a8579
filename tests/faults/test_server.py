"""The server dies, or is told to stop."""

import time

import pytest

from tests.faults.stage import Stage

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
