"""A proxy stands between: it buffers, it is far away, it cuts lines in the middle of a frame."""

from collections.abc import Callable

import pytest

from tests.faults.proxy import Habits, Proxy
from tests.faults.stage import Stage
from tests.world import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("place", ["sqlite"], indirect=True)]
Between = Callable[[Habits], Proxy]


def test_a_proxy_that_buffers_only_delays(stage: Stage, between: Between) -> None:
    stage.begin(through=between(Habits(buffering=1.5)).base_url)
    with stage.happens("proxy that hands on every 1.5 s"):
        stage.writer.wait_for(60)
    stage.ends_well()


def test_a_distant_proxy_only_delays(stage: Stage, between: Between) -> None:
    stage.begin(through=between(Habits(latency=0.4)).base_url)
    with stage.happens("proxy 400 ms away, both ways"):
        stage.writer.wait_for(60)
    stage.ends_well()


def test_a_proxy_that_cuts_in_the_middle_of_a_frame_loses_nothing(stage: Stage, between: Between) -> None:
    proxy = between(Habits())
    stage.begin(through=proxy.base_url)
    with stage.happens("proxy that cuts within a frame"):
        proxy.habits.cut_after = 5000
        wait_for(lambda: proxy.cuts >= 2 * len(stage.crowd.followers), 30)
        proxy.habits.cut_after = None
    stage.ends_well()
