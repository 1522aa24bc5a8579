"""How many follow: told at once where it matters, and later where one more or less does not."""

from contextlib import ExitStack

from server.remote.channel import Channel
from server.remote.hub import Hub


def test_one_more_among_many_is_told_with_the_next_sign_of_life() -> None:
    hub, channel = Hub(None), Channel(1)  # type: ignore[arg-type]
    told = []
    with ExitStack() as crowd:
        for joining, beat in ((200, False), (1, False), (0, True), (1, False), (2, False)):
            for _ in range(joining):
                crowd.enter_context(channel.joined())
            news = channel.news
            hub._look_at_count(channel, beat)
            told.append((channel.announced, channel.news - news))
        assert told == [(200, 1), (200, 1), (201, 1), (201, 1), (204, 1)]
        news = channel.news
        hub._look_at_count(channel, False)
        assert channel.news == news, "where nobody came there is nothing to say"


def test_a_small_circle_hears_of_everybody() -> None:
    hub, channel = Hub(None), Channel(1)  # type: ignore[arg-type]
    with ExitStack() as crowd:
        told = []
        for _ in range(5):
            crowd.enter_context(channel.joined())
            hub._look_at_count(channel, False)
            told.append(channel.announced)
    assert told == [1, 2, 3, 4, 5]
