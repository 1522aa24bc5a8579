"""PostgreSQL dies, or the line on which a server listens to it."""

import signal
from collections.abc import Iterator
from contextlib import closing

import httpx2
import pytest
from sqlalchemy import create_engine, text

from scripts.cluster import DURABLE, Cluster, running
from tests.faults.scene import new_database
from tests.faults.stage import Place, Stage
from tests.world import wait_for

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def durable() -> Iterator[Cluster]:
    """A PostgreSQL server of these tests' own, which keeps what it acknowledges."""
    with running(DURABLE) as made:
        yield made


@pytest.fixture(scope="module")
def place(durable: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server of two processes on it."""
    address, folder = new_database(durable.address, "plenary"), tmp_path_factory.mktemp("plenary")
    with closing(Place(address, folder, "--workers", "2")) as made:
        yield made


def test_postgresql_is_killed(durable: Cluster, stage: Stage) -> None:
    """All its processes at once, and it stays away until the server has said so everywhere."""
    stage.begin()
    with stage.happens("kill -9 of PostgreSQL"):
        durable.kill()
        wait_for(lambda: stage.writer.refused[503] > 0, 60)
        wait_for(lambda: not any(follower.live for follower in _told(stage)), 60)
        status, report = stage.server.readiness()
        assert (status, report["database"]) == (503, "out of reach")
        assert report["listening"].startswith("lost")
        durable.start()
    wait_for(lambda: all(follower.live for follower in _told(stage)), 60)
    wait_for(lambda: stage.server.readiness()[0] == 200)
    assert stage.writer.words == {"The server cannot use its database just now. Please try again in a moment."}
    stage.ends_well(worries=".")


def test_postgresql_is_frozen(durable: Cluster, stage: Stage) -> None:
    """It breaks nothing off and answers nothing, as on a machine that is paused: the server notices by itself."""
    stage.begin()
    with stage.happens("PostgreSQL answers nothing"):
        durable.signal_all(signal.SIGSTOP)
        status, report = stage.server.readiness()
        assert (status, report["database"]) == (503, "no answer within 2 s")
        wait_for(lambda: not any(follower.live for follower in _told(stage)), 60)
        assert httpx2.get(f"{stage.server.base_url}/healthz", trust_env=False, verify=False).status_code == 200
        durable.signal_all(signal.SIGCONT)
    wait_for(lambda: all(follower.live for follower in _told(stage)), 60)
    stage.ends_well(worries="does not hear other processes|cannot use|not now|not ready|followers elsewhere")
    assert [follower.ends for follower in _told(stage)] == [[]] * len(_told(stage))


def _told(stage: Stage) -> list:
    """Those who hear at once whether it is live; who polls asks again."""
    return [follower for follower in stage.crowd.followers if follower.kind != "poll"]


def test_the_listeners_line_is_cut(stage: Stage) -> None:
    """Again and again, of both workers, while both write: it is soon there again, and nothing is missed."""
    stage.begin()
    engine = create_engine(stage.place.database, isolation_level="AUTOCOMMIT")
    ours = "application_name = 'plenary listener' AND datname = current_database()"
    with stage.happens("listeners' lines cut, five times"), engine.connect() as operator:
        for _ in range(5):
            cut = operator.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")).all()
            assert len(cut) >= 1
            stage.writer.wait_for(15)
    engine.dispose()
    wait_for(lambda: all(follower.live for follower in _told(stage)), 60)
    stage.ends_well(worries="does not hear other processes")
    assert [follower.ends for follower in stage.crowd.followers] == [[]] * len(stage.crowd.followers)
