"""A database with a session to write in."""

from sqlalchemy import create_engine, make_url, text

from server import clock, schema
from server.app import notice_board
from server.database import Store
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.people.actions import make_token, person_for
from tests.makers import make_meeting, make_session


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
