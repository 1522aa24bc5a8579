"""What is held of an account: taken along, and erased with all its registrations."""

from datetime import UTC, date, datetime

import httpx2
import pytest
from sqlalchemy import func, select

from server import clock
from server.database import Record
from server.meetings.actions import grant_role
from server.meetings.models import Grant, Role
from server.meetings.queries import meeting_by_slug
from server.people.actions import make_token, person_for
from server.people.models import ApiToken, Person, Visit
from server.registration.models import Registration
from server.remote.actions import append_paragraph
from server.remote.models import Paragraph
from server.schedule.models import Chosen, PrivateFeed, Session
from tests.makers import NOON, make_meeting, make_registration, make_session
from tests.world import World

ADA = "ada@example.org"
NEXT_YEAR = date(datetime.now(UTC).year + 1, 9, 2)


@pytest.fixture
def world(plenary: World) -> World:
    """A meeting to come and one that is over; Ada is registered at both, and rapporteur of the first with Ben."""
    with plenary.store.writing() as db:
        now = clock.now()
        meeting = make_meeting(db, first_day=NEXT_YEAR)
        past = make_meeting(db, "igf2010", first_day=date(2010, 9, 14))
        session = make_session(db, meeting)
        make_registration(db, past)
        make_registration(db, meeting)
        ada, ben = (
            person_for(db, ADA, now, name="Ada Lovelace"),
            person_for(db, "ben@example.org", now, name="Ben Other"),
        )
        grant_role(db, ada, Role.RAPPORTEUR, meeting)
        grant_role(db, ben, Role.ORGANISER, meeting)
        session.people[1].person_id = ada.id
        db.add_all([Chosen(person_id=one.id, session_id=session.id, at=NOON) for one in (ada, ben)])
        make_token(db, ada, "my program", now)
        append_paragraph(db, ada, session, "What Ada wrote.", "en", now=now)
        append_paragraph(db, ben, session, "What Ben wrote.", "en", now=now)
    return plenary


def browser(world: World) -> httpx2.Client:
    return world.browser(ADA)


def count(world: World, kind: type[Record]) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(kind)) or 0


def test_everything_that_is_held_of_an_account_can_be_taken_along(world: World) -> None:
    client = browser(world)
    assert 'href="/account/data.json"' in client.get("/account").text
    answer = client.get("/account/data.json")
    headers = {name: answer.headers[name] for name in ("content-type", "content-disposition", "cache-control")}
    assert headers == {
        "content-type": "application/json; charset=utf-8",
        "content-disposition": 'attachment; filename="plenary-account.json"',
        "cache-control": "no-store",
    }
    held = answer.json()
    name = "Ninth Annual Meeting of the Internet Governance Forum"
    here = {"slug": "igf2014", "name": name}
    assert {key: held["account"][key] for key in ("email", "name", "language")} == {
        "email": ADA, "name": "Ada Lovelace", "language": "en",
    }  # fmt: skip
    assert held["roles"] == [{"meeting": here, "roles": ["rapporteur"]}]
    assert [one["label"] for one in held["tokens"]] == ["my program"]
    assert [one["browser"].partition("/")[0] for one in held["browsers"]] == ["python-httpx2"]
    assert held["schedules"] == [
        {
            "meeting": here, "sessions": [{"code": "ws112", "at": "2014-09-01T09:00:00Z"}], "private_calendar": False,
            "private_calendar_revoked": False,
        }
    ]  # fmt: skip
    assert [(one["session"], one["part"], one["name"]) for one in held["programme"]] == [
        ("ws112", "rapporteur", "Ray Porter")
    ]
    assert {one["meeting"]["slug"] for one in held["registrations"]} == {"igf2014", "igf2010"}
    assert [(one["did"], one["paragraph"], one["address"]) for one in held["paragraphs"] if one["paragraph"]] == [
        ("append", "p1", f"{world.base_url}/igf2014/sessions/ws112/live")
    ]
    assert [words for words in ("ben@", "Ben", "hash") if words in answer.text] == []


def test_every_table_that_tells_of_an_account_is_thought_of(world: World) -> None:
    """A table that comes later must be in the file, too: this one names those that are, and those that only pass."""
    refers = {
        table.name
        for table in Record.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }
    taken_along = {
        "api_token", "chosen", "edit", "entry", "grant", "intake", "private_feed", "publication", "registration_history",
        "reminder", "session_person", "sign_in_link", "version", "visit", "waiver", "webhook",
    }  # fmt: skip
    passing = {"writing"}  # who is at a summary just now
    assert refers == taken_along | passing


@pytest.mark.either
def test_a_stranger_gets_nothing(world: World) -> None:
    client = world.client()
    assert client.get("/account/data.json").headers["location"].startswith("/sign-in")
    assert client.post("/account/erase", json={}).status_code == 401


def test_an_account_is_erased_with_all_its_registrations_and_what_was_written_stays(world: World) -> None:
    client = browser(world)
    page = client.get("/account/erase").text
    shown = (ADA, "Rapporteur", "The registration for IGF 2014", "Yes, erase my account", "Nobody can undo this")
    assert [words for words in shown if words not in page] == []
    answer = client.post("/account/erase")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/erased")
    assert "Your account is erased" in client.get("/account/erased").text
    assert client.get("/account").headers["location"].startswith("/sign-in")
    with world.store.reading() as db:
        everything = "\n".join(
            f"{table.name} {tuple(row)!r}"
            for table in Record.metadata.tables.values()
            for row in db.execute(select(table))
        )
        states = list(db.scalars(select(Registration.state).order_by(Registration.meeting_id)))
        written = {one.text: one.by for one in db.scalars(select(Paragraph))}
        people = list(db.scalars(select(Person.email)))
    assert ADA not in everything
    assert "Analytical Society" not in everything
    assert states == ["withdrawn", "confirmed"]  # what is over has taken place, and is counted
    assert written == {"What Ada wrote.": "Ada Lovelace", "What Ben wrote.": "Ben Other"}
    assert people == ["ben@example.org"]
    assert [count(world, kind) for kind in (ApiToken, Visit, PrivateFeed, Grant, Chosen)] == [0, 0, 0, 1, 1]


def test_a_program_cannot_erase_the_account_whose_token_it_has(world: World) -> None:
    program = world.program(ADA)
    assert program.get("/account/data.json").status_code == 200
    assert [program.get("/account/erase").status_code, program.post("/account/erase", json={}).status_code] == [
        403,
        403,
    ]
    assert count(world, Person) == 2


def test_the_last_organiser_of_a_meeting_stays_until_there_is_another(world: World) -> None:
    ben = world.browser("ben@example.org")
    page = ben.get("/account/erase").text
    assert "Make somebody else an organiser of IGF 2014" in page
    assert "Yes, erase my account" not in page
    with world.store.writing() as db:
        make_registration(db, meeting_by_slug(db, "igf2014"), "ben@example.org")
    answer = ben.post("/account/erase", json={})
    assert (answer.status_code, answer.json()["detail"]) == (
        409, "You are the last organiser of IGF 2014. Make somebody else an organiser of it first.",
    )  # fmt: skip
    with world.store.reading() as db:
        assert list(db.scalars(select(Registration.erased_at))) == [None, None, None]
    world.program("olga@example.org", role="organiser")
    assert ben.post("/account/erase", json={}).json() == {"status": "erased"}
    with world.store.reading() as db:
        assert {one.email for one in db.scalars(select(Person))} == {ADA, "olga@example.org"}
        assert db.scalars(select(Session)).one().code == "ws112"
