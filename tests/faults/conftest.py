"""A stage for faults: a server in processes of its own, a crowd that follows, a writer that does not give up."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.cluster import cluster
from tests.faults.scene import new_database, prepare
from tests.faults.stage import Stage


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server for all faults that leave it alone."""
    with cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/plenary.db"
    return new_database(request.getfixturevalue("postgresql"), tmp_path.name)


@pytest.fixture
def set_stage(tmp_path: Path, record_property: Callable[[str, object], None]) -> Iterator[Callable[..., Stage]]:
    """Sets a stage on a database; everything on it is taken away afterwards."""
    with ExitStack() as open_stages:

        def made(database: str, *options: str) -> Stage:
            return open_stages.enter_context(Stage(database, tmp_path, prepare(database), record_property, *options))

        yield made


@pytest.fixture
def stage(database: str, set_stage: Callable[..., Stage]) -> Stage:
    """A server of one process, on each engine in turn."""
    return set_stage(database)
