"""The registration desk."""

import re
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from server.registration.models import Registration
from tests.makers import make_meeting, make_registration
from tests.world import World, link_in

LIST = "/igf2014/desk/registrations"


@pytest.fixture
def world(plenary: World) -> World:
    """A server at whose meeting three have registered, one of whom has withdrawn; somebody else at another meeting."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_registration(db, meeting, reference="IGF2014-AAAAAA")
        make_registration(
            db, meeting, "kenji@example.org", reference="IGF2014-BBBBBB", given_name="健二", family_name="佐藤",
            country="JP", organisation="総務省", stakeholder_group="government", attendance="onsite", public=False,
            opened_at=None,
        )  # fmt: skip
        make_registration(
            db, meeting, "olu@example.org", reference="IGF2014-CCCCCC", given_name="Olu", family_name="-",
            country="NG", organisation="independent", stakeholder_group="civil-society", state="withdrawn",
        )  # fmt: skip
        make_registration(db, make_meeting(db, "other"), "far@example.org", reference="OTHER-DDDDDD")
    return plenary


@pytest.fixture
def desk(world: World) -> httpx2.Client:
    """Somebody of the registration desk, as a browser would ask, with a token."""
    program = world.program("desk@example.org", role="desk")
    program.headers["Accept"] = "text/html"
    return program


def references(page: httpx2.Response) -> list[str]:
    assert page.status_code == 200
    return sorted(set(re.findall(r"(?:IGF2014|OTHER)-[A-Z0-9]{6}", page.text)))


def one(world: World, reference: str) -> Registration:
    with world.store.reading() as db:
        return db.scalars(select(Registration).filter_by(reference=reference)).one()


ADDRESSES = [LIST, f"{LIST}.csv", f"{LIST}/IGF2014-AAAAAA", f"{LIST}/IGF2014-AAAAAA/change"]


@pytest.mark.parametrize("role", ["chair", "rapporteur", "moderator"])
def test_other_roles_see_nobody(world: World, role: str) -> None:
    program = world.program("staff@example.org", role=role)
    answers = [program.get(address) for address in ADDRESSES]
    answers += [program.post(f"{LIST}/IGF2014-AAAAAA/{step}") for step in ("change", "withdraw", "reinstate", "letter")]
    assert {answer.status_code for answer in answers} == {403}
    assert not any("ada@example.org" in answer.text for answer in answers)


def test_an_organiser_of_another_meeting_sees_nobody(world: World) -> None:
    program = world.program("staff@example.org", role="organiser", meeting="other")
    assert {program.get(address).status_code for address in ADDRESSES} == {403}
    assert program.get("/other/desk/registrations/IGF2014-AAAAAA").status_code == 404


def test_strangers_are_sent_to_sign_in(world: World) -> None:
    answers = [world.client().get(address) for address in ADDRESSES]
    assert {(answer.status_code, answer.headers["location"].partition("?")[0]) for answer in answers} == {
        (303, "/sign-in")
    }
    assert world.client().get(f"{LIST}.csv", headers={"Accept": "application/json"}).status_code == 401


A, B, C = "IGF2014-AAAAAA", "IGF2014-BBBBBB", "IGF2014-CCCCCC"


def test_the_desk_sees_all_of_one_registration(desk: httpx2.Client) -> None:
    page = desk.get(f"{LIST}/igf2014-bbbbbb").text
    shown = ("佐藤 健二", "kenji@example.org", "総務省", "Japan", "Asia-Pacific States", "Onsite", "Not yet", B)
    assert [words for words in shown if words not in page] == []
    for nowhere in (f"{LIST}/IGF2014-ZZZZZZ", f"{LIST}/OTHER-DDDDDD", f"{LIST}/%F0%9F%98%80", f"{LIST}/%00"):
        assert desk.get(nowhere).status_code == 404


def changed(**other: Any) -> dict[str, Any]:
    return {
        "given_name": "Kenji",
        "family_name": "Satō",
        "country": "JP",
        "organisation": "MIC",
        "stakeholder_group": "government",
        "attendance": "online",
        "public": "on",
        **other,
    }


def test_the_desk_changes_a_registration(world: World, desk: httpx2.Client) -> None:
    assert 'value="総務省"' in desk.get(f"{LIST}/{B}/change").text
    answer = desk.post(f"{LIST}/{B}/change", data=changed())
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{B}?done=changed")
    row = one(world, B)
    assert (row.name, row.organisation, row.public, row.email) == ("Kenji Satō", "MIC", False, "kenji@example.org")
    assert row.opened_at is None  # that the desk looked at it does not show whose address it is
    refused = desk.post(f"{LIST}/{B}/change", json=changed(country="XX"))
    assert (refused.status_code, refused.json()["errors"]) == (
        422, {"country": "Please choose one of those offered."},
    )  # fmt: skip


def test_the_desk_takes_consent_back_and_never_gives_it(world: World, desk: httpx2.Client) -> None:
    assert 'name="public"' not in desk.get(f"{LIST}/{B}/change").text
    assert 'name="public"' in desk.get(f"{LIST}/{A}/change").text
    for reference, sent, public in ((A, "on", True), (A, "", False), (A, "on", False), (B, "on", False)):
        assert desk.post(f"{LIST}/{reference}/change", data=changed(public=sent)).status_code == 303
        assert one(world, reference).public is public


def test_the_desk_withdraws_and_takes_back_and_the_person_hears_of_it(world: World, desk: httpx2.Client) -> None:
    for _ in range(2):
        assert desk.post(f"{LIST}/{A}/withdraw").status_code == 303
    assert one(world, A).state == "withdrawn"
    for _ in range(2):
        assert desk.post(f"{LIST}/{A}/reinstate").status_code == 303
    assert one(world, A).state == "confirmed"
    assert desk.post(f"{LIST}/{A}/letter").headers["location"] == f"{LIST}/{A}?done=letter"
    letters = world.mail("ada@example.org", 3)
    assert [letter["Subject"] for letter in letters] == [
        "Your registration for IGF 2014 is withdrawn",
        "Your registration for IGF 2014",
        "Your registration for IGF 2014",
    ]
    assert world.client().get(link_in(letters[2])).status_code == 200


def test_the_desk_works_in_a_browser(world: World) -> None:
    browser = world.browser("staff@example.org", role="organiser")
    assert references(browser.get(LIST)) == [A, B, C]
    assert browser.post(f"{LIST}/{A}/withdraw", headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post(f"{LIST}/{A}/withdraw", headers={"Origin": world.base_url}).status_code == 303
    assert "a letter says so" in browser.get(f"{LIST}/{A}?done=withdrawn").text
