"""A meeting with a session whose summary somebody writes, and those who bring it out."""

import pytest

from server import clock
from server.people.actions import person_for
from server.schedule.models import Part
from tests.makers import make_meeting, make_session
from tests.outputs.office import Office
from tests.world import World


@pytest.fixture
def office(plenary: World) -> Office:
    """The session, and its people signed in as programs."""
    with plenary.store.writing() as db:
        session = make_session(
            db, make_meeting(db), people=[(Part.CHAIR, "Ada Chair"), (Part.RAPPORTEUR, "Ray Porter")]
        )
        session.people[0].person_id = person_for(db, "ada@example.org", clock.now(), name="Ada Chair").id
        person_for(db, "ray@example.org", clock.now(), name="Ray Porter")
        person_for(db, "olga@example.org", clock.now(), name="Olga Organiser")
    return Office(
        plenary,
        rapporteur=plenary.program("ray@example.org", role="rapporteur"),
        chair=plenary.program("ada@example.org", role="chair"),
        organiser=plenary.program("olga@example.org", role="organiser"),
        public=plenary.client(),
    )
