"""The migrations: up from nothing they make what the models describe, and they lead down again."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from server import schema
from server.app import notice_board
from server.database import Store, connect
from server.people.actions import person_for
from server.remote.actions import append_paragraph
from server.remote.queries import log_after, paragraphs_of
from server.schedule.models import Session
from tests.makers import NOON, make_meeting, make_session


@pytest.fixture
def engine(bare_database: str) -> Iterator[Engine]:
    made = connect(bare_database)
    yield made
    made.dispose()


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        return list(compare_metadata(context, schema.METADATA))


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_a_bare_database_differs_from_the_models(engine: Engine) -> None:
    assert len(differences(engine)) >= len(schema.METADATA.tables)


def test_up_from_nothing_equals_the_models(engine: Engine) -> None:
    schema.migrate(engine)
    assert differences(engine) == []
    assert tables(engine) == {*schema.METADATA.tables, "alembic_version"}


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    schema.migrate(engine)
    schema.migrate(engine)
    assert differences(engine) == []


def test_it_is_known_whether_a_database_has_the_newest_schema(engine: Engine) -> None:
    assert not schema.is_migrated(engine)
    schema.migrate(engine)
    assert schema.is_migrated(engine)
    command.stamp(schema._config(engine), "base")
    assert not schema.is_migrated(engine)


def test_down_to_nothing_and_up_again(engine: Engine) -> None:
    schema.migrate(engine)
    command.downgrade(schema._config(engine), "base")
    assert tables(engine) <= {"alembic_version"}
    schema.migrate(engine)
    assert differences(engine) == []


def test_there_is_one_line_of_migrations(engine: Engine) -> None:
    script = ScriptDirectory.from_config(schema._config(engine))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_what_was_written_before_keeps_its_order_and_its_log(bare_database: str) -> None:
    """A table that is made anew takes with it, by cascade, what hangs on it: down and up again nothing is lost."""
    store = Store(bare_database, notice_board())
    schema.migrate(store.engine)
    with store.writing() as db:
        session = make_session(db, make_meeting(db))
        person = person_for(db, "ray@example.org", NOON)
        for text in ("one", "two", "three"):
            append_paragraph(db, person, session, text, "en", now=NOON)
    command.downgrade(schema._config(store.engine), "0001")
    schema.migrate(store.engine)
    with store.reading() as db:
        session = db.get_one(Session, session.id)
        assert [(p.place, p.text) for p in paragraphs_of(db, session)] == [(1, "one"), (2, "two"), (3, "three")]
        assert [one["op"] for one in log_after(db, session.id, 0).events] == ["status", "append", "append", "append"]
    store.close()
