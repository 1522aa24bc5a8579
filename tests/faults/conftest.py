"""A stage for faults: a server in processes of its own, a crowd that follows, a writer that does not give up."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from scripts.cluster import cluster
from server import clock, schema
from server.app import notice_board
from server.database import Store
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.people.actions import make_token, person_for
from tests.faults.stage import Stage
from tests.makers import make_meeting, make_session


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


def new_database(server: str, name: str) -> str:
    """The address of a new database on a PostgreSQL server."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def prepare(database: str) -> str:
    """Put the schema, a session and a rapporteur into a database; the rapporteur's token."""
    store = Store(database, notice_board())
    schema.migrate(store.engine)
    with store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting)
        person = person_for(db, "ray@example.org", clock.now())
        grant_role(db, person, Role.RAPPORTEUR, meeting)
        token = make_token(db, person, "test", clock.now())
    store.close()
    return token


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
