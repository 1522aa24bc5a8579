"""A stage for faults: a server in processes of its own, a crowd that follows, a writer that does not give up."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scripts.cluster import cluster
from tests.faults.proxy import Habits, Proxy
from tests.faults.scene import new_database
from tests.faults.stage import Place, Stage


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server for all faults that leave it alone."""
    with cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, on each engine in turn."""
    return _new(request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server of one process on each engine in turn: to start one for each fault would take longer than the faults."""
    folder = tmp_path_factory.mktemp("place")
    with closing(Place(_new(request, folder), folder)) as made:
        yield made


def _new(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder}/plenary.db"
    return new_database(request.getfixturevalue("postgresql"), f"{folder.name}_{uuid.uuid4().hex[:6]}")


@pytest.fixture
def stage(place: Place, record_property: Callable[[str, object], None]) -> Iterator[Stage]:
    """A crowd and a writer at a place."""
    with closing(Stage(place, record_property)) as made:
        yield made


@pytest.fixture
def between(stage: Stage) -> Iterator[Callable[[Habits], Proxy]]:
    """Puts a proxy before the server."""
    made: list[Proxy] = []

    def put(habits: Habits) -> Proxy:
        made.append(Proxy(stage.port, habits))
        return made[-1]

    yield put
    for proxy in made:
        proxy.close()
