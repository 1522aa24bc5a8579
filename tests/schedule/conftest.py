"""A transaction for tests that need no server."""

from collections.abc import Iterator

import pytest

from server.app import notice_board
from server.database import Database, Store


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    store = Store(database, notice_board())
    with store.writing() as db:
        yield db
    store.close()
