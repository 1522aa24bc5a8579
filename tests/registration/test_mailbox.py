"""Another mail address, and one's registration when signed in."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from threading import Barrier

import pytest
from sqlalchemy import select, update

from server import clock
from server.people.actions import person_for
from server.people.models import Person
from server.problems import NotFound
from server.registration.links import private_link
from server.registration.mailbox import ADDRESS_LASTS, take_address
from server.registration.models import Registration
from server.schedule.models import Chosen
from tests.makers import make_meeting, make_registration, make_session
from tests.world import World, link_in, text_of

OLD, NEW = "ada@example.org", "ada@new.example"


@pytest.fixture
def world(plenary: World) -> World:
    """A server at whose meeting Ada is registered."""
    with plenary.store.writing() as db:
        make_registration(db, make_meeting(db), OLD)
    return plenary


def own(world: World, email: str = OLD) -> str:
    with world.store.reading() as db:
        registration = db.scalars(select(Registration).filter_by(email=email)).one()
        return private_link(registration, world.settings).removeprefix(world.base_url)


def confirming(letter: EmailMessage) -> str:
    found = re.search(r"(/registration/address/\S+)", text_of(letter))
    assert found
    return found.group(1)


def test_a_new_address_counts_once_it_is_confirmed_from_there(world: World) -> None:
    client, link = world.client(), own(world)
    answer = client.post(f"{link}/address", data={"email": " ADA@New.Example "})
    assert answer.status_code == 303
    assert "A letter is on its way to the new address." in client.get(answer.headers["location"]).text
    letter = world.mail(NEW)[0]
    assert letter["Subject"] == "Confirm your mail address for IGF 2014"
    assert link not in text_of(letter)
    page = client.get(confirming(letter))
    assert page.status_code == 200
    assert client.get(link).status_code == 200  # to look at it changes nothing
    taken = client.post(confirming(letter))
    assert taken.status_code == 303
    assert "This address counts from now on." in client.get(taken.headers["location"]).text
    assert client.get(link).status_code == 404
    [_, again] = world.mail(NEW, 2)
    assert client.get(link_in(again)).status_code == 200
    [left] = world.mail(OLD)
    assert left["Subject"] == "Your registration for IGF 2014 goes to another address"
    assert "/registration/" not in text_of(left)
    assert NEW not in text_of(left)
    assert client.post(confirming(letter)).status_code == 404  # once


def test_a_wrong_an_old_and_a_replaced_link_confirm_nothing(world: World) -> None:
    client, link = world.client(), own(world)
    client.post(f"{link}/address", json={"email": NEW})
    first = confirming(world.mail(NEW)[0])
    client.post(f"{link}/address", json={"email": "ada@other.example"})
    second = confirming(world.mail("ada@other.example")[0])
    for address in (
        first,
        second[:-1] + "x",
        "/registration/address/nonsense",
        link.replace("/registration/", "/registration/address/"),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    with world.store.writing() as db:
        db.scalars(select(Registration)).one().new_email_until = clock.now() - timedelta(seconds=1)
    assert client.post(second).status_code == 404
    assert own(world) == link
    assert timedelta(days=1) <= ADDRESS_LASTS


def test_whether_an_address_is_registered_is_told_to_its_owner_only(world: World) -> None:
    with world.store.writing() as db:
        meeting = db.scalars(select(Registration)).one().meeting
        make_registration(db, meeting, NEW)
    client, link = world.client(), own(world)
    answers = [client.post(f"{link}/address", json={"email": email}) for email in (NEW, "nobody@example.org")]
    assert {(one.status_code, one.json()["state"]) for one in answers} == {(200, "confirmed")}
    client.post(f"{link}/address", json={"email": NEW})
    address = confirming(world.mail(NEW, 1)[-1])
    refused = client.post(address, headers={"Accept": "application/json"})
    words = "This address has a registration of its own at this meeting. Erase that one first."
    assert (refused.status_code, refused.json()["detail"]) == (409, words)
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("typed", ["", "nobody at home", "ada@example", "a@b\r\nBcc: x@example.org", "x" * 400])
def test_what_is_no_address_is_refused_with_what_was_typed(world: World, typed: str) -> None:
    answer = world.client().post(f"{own(world)}/address", data={"email": typed})
    assert answer.status_code == 422
    with world.store.reading() as db:
        assert db.scalars(select(Registration.new_email)).one() == ""


def test_a_mailbox_is_not_flooded_by_somebodys_registration(world: World) -> None:
    client, link = world.client(), own(world)
    statuses = [client.post(f"{link}/address", json={"email": NEW}).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


def test_who_is_signed_in_is_led_to_their_registration(world: World) -> None:
    ada, bob = world.browser(OLD), world.browser("bob@example.org")
    assert ada.get("/igf2014/registration").headers["location"] == own(world)
    assert bob.get("/igf2014/registration").headers["location"] == "/igf2014/register"
    assert world.client().get("/igf2014/registration").headers["location"].startswith("/sign-in")
    assert ada.get("/igf2014/registration").headers["cache-control"] == "no-store"
    assert "You are registered already." in ada.get("/igf2014/register").text
    assert "You are registered already." not in bob.get("/igf2014/register").text
    assert ada.post(f"{own(world)}/withdraw").status_code == 303


def test_a_link_confirms_the_address_it_was_mailed_to_and_no_other(world: World) -> None:
    """Between the look at the link and the lock, somebody asks for another address: it must not be taken unconfirmed."""
    with world.store.writing() as db:
        registration = db.scalars(select(Registration)).one()
        registration.new_email, registration.new_email_until = NEW, clock.now() + timedelta(days=1)
    with world.store.writing() as db:
        seen = db.scalars(select(Registration)).one()
        db.execute(
            update(Registration).values(new_email="victim@example.org"),
            execution_options={"synchronize_session": False},
        )
        with pytest.raises(NotFound):
            take_address(db, seen, clock.now())
    assert own(world).startswith("/registration/")


def test_a_double_click_confirms_once(world: World) -> None:
    client, link = world.client(), own(world)
    client.post(f"{link}/address", json={"email": NEW})
    address = confirming(world.mail(NEW)[0])
    start = Barrier(2)

    def confirm(_number: int) -> int:
        browser = world.client()
        start.wait()
        return browser.post(address).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, range(2))) == [303, 404]


def test_what_was_chosen_goes_along_and_the_old_account_is_forgotten(world: World) -> None:
    with world.store.writing() as db:
        meeting = db.scalars(select(Registration)).one().meeting
        session = make_session(db, meeting)
        db.add(Chosen(person_id=person_for(db, OLD, clock.now()).id, session_id=session.id, at=clock.now()))
    client, link = world.client(), own(world)
    client.post(f"{link}/address", json={"email": NEW})
    assert client.post(confirming(world.mail(NEW)[0])).status_code == 303
    with world.store.reading() as db:
        assert [one.email for one in db.scalars(select(Person))] == [NEW]
        assert len(db.scalars(select(Chosen)).all()) == 1
