"""The database and the server of a test. `PLENARY_TEST_DATABASE` names a PostgreSQL server to use instead of SQLite."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import Engine, create_engine, make_url, text

from server import schema
from server.database import Store, connect
from server.notices import NoticeBoard
from tests.world import World

SERVER = os.environ.get("PLENARY_TEST_DATABASE", "")

settings.register_profile("plenary", deadline=None)  # two workers on two cores: time says nothing here
settings.load_profile("plenary")

# Plain tracebacks: the fancy ones take seconds each.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what depends on the database is run again; on SQLite what several processes do is not run."""

    def belongs(item: pytest.Item) -> bool:
        if SERVER:
            return "template" in getattr(item, "fixturenames", ()) and item.get_closest_marker("either") is None
        return item.get_closest_marker("postgresql") is None

    config.hook.pytest_deselected(items=[item for item in items if not belongs(item)])
    items[:] = [item for item in items if belongs(item)]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """A migrated, empty database to copy: a file, or the name of a PostgreSQL database."""
    if not SERVER:
        path = tmp_path_factory.mktemp("template") / "plenary.db"
        _migrate(f"sqlite:///{path}")
        yield str(path)
        return
    name = f"template_{worker_id}_{uuid.uuid4().hex[:6]}"
    _on_server(f"CREATE DATABASE {name}")
    _migrate(_url(name))
    yield name
    _on_server(f"DROP DATABASE {name}")


@pytest.fixture
def database(template: str, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of this test's own."""
    if not SERVER:
        shutil.copy(template, tmp_path / "plenary.db")
        yield f"sqlite:///{tmp_path}/plenary.db"
        return
    name = f"test_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield _url(name)
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def bare_database(template: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database in which nothing is, not even a schema."""
    if not SERVER:
        yield f"sqlite:///{tmp_path}/bare.db"
        return
    name = f"bare_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name}")
    yield _url(name)
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Transactions on an empty database, with a board on which nobody stands."""
    made = Store(database, NoticeBoard())
    yield made
    made.close()


@pytest.fixture
def plenary(database: str, tmp_path: Path) -> Iterator[World]:
    """A running server on an empty database."""
    world = World(tmp_path, database)
    yield world
    world.close()


@pytest.fixture
def start_plenary(database: str, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Start a server with settings of one's own."""
    worlds: list[World] = []

    def start(**settings: object) -> World:
        worlds.append(World(tmp_path, **{"database": database, **settings}))
        return worlds[-1]

    yield start
    for world in worlds:
        world.close()


def _url(name: str) -> str:
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


@cache
def _server() -> Engine:
    return create_engine(SERVER, isolation_level="AUTOCOMMIT")


def _on_server(statement: str) -> None:
    with _server().connect() as connection:
        connection.execute(text(statement))


def _migrate(url: str) -> None:
    engine = connect(url)
    schema.migrate(engine)
    engine.dispose()
