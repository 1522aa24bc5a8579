"""Who is listed in public."""

import re

import pytest

from server.registration.links import private_link
from tests.makers import make_meeting, make_registration
from tests.registration.counting import counted
from tests.world import World

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either


@pytest.fixture
def world(plenary: World) -> World:
    """A server at whose meeting somebody of each kind has registered."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_registration(db, meeting, "ada@example.org")
        make_registration(
            db, meeting, "kenji@example.org", given_name="健二", family_name="佐藤", country="JP",
            organisation="総務省", stakeholder_group="government", attendance="onsite",
        )  # fmt: skip
        make_registration(
            db, meeting, "olu@example.org", given_name="Olu", family_name="-", country="NG",
            organisation="Élan", stakeholder_group="civil-society",
        )  # fmt: skip
        make_registration(db, meeting, "shy@example.org", given_name="Shy", organisation="Quiet", public=False)
        make_registration(db, meeting, "new@example.org", given_name="Unproven", opened_at=None)
        make_registration(db, meeting, "gone@example.org", given_name="Gone", state="withdrawn")
        make_registration(db, make_meeting(db, "other"), "far@example.org", given_name="Elsewhere")
    return plenary


def names(world: World, query: str = "") -> list[str]:
    page = world.client().get(f"/igf2014/participants{query}")
    assert page.status_code == 200
    return sorted(re.findall(r'<th scope="row"><bdi>([^<]*)</bdi>', page.text))


def test_listed_are_those_who_agreed_and_have_opened_their_link(world: World) -> None:
    assert names(world) == ["Ada Lovelace", "Olu", "佐藤 健二"]
    page = world.client().get("/igf2014/participants").text
    assert "5 people take part, onsite and online. 2 of them take part without being listed." in page
    for hidden in ("example.org", "Shy", "Quiet", "Unproven", "Gone", "Elsewhere"):
        assert hidden not in page


def test_who_opens_the_link_is_listed_and_who_takes_consent_back_is_not(world: World) -> None:
    with world.store.writing() as db:
        meeting = make_meeting(db, "third")
        eve = make_registration(db, meeting, "eve@example.org", opened_at=None)
        link = private_link(eve, world.settings)
    client = world.client()
    assert "Lovelace" not in client.get("/third/participants").text
    client.get(link)
    assert "Lovelace" in client.get("/third/participants").text
    kept = {"given_name": "Ada", "family_name": "Lovelace", "country": "GB", "organisation": "Analytical Society"}
    kept |= {"stakeholder_group": "technical-community", "attendance": "online"}
    client.post(f"{link}/change", data=kept)
    assert "Lovelace" not in client.get("/third/participants").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=love", ["Ada Lovelace"]),
        ("?q=ada+lovelace", ["Ada Lovelace"]),
        ("?q=ada+olu", []),
        ("?q=élan", ["Olu"]),
        ("?q=ELAN+olu", ["Olu"]),
        ("?q=佐藤", ["佐藤 健二"]),
        ("?q=佐藤健二", ["佐藤 健二"]),
        ("?q=%25", []),
        ("?q=_", []),
        ("?q=%00", []),
        ("?q=%07", ["Ada Lovelace", "Olu", "佐藤 健二"]),
        ("?group=government", ["佐藤 健二"]),
        ("?country=NG", ["Olu"]),
        ("?country=NG&group=government", []),
        ("?group=royalty", []),
        ("?country=%00", []),
        ("?page=99", ["Ada Lovelace", "Olu", "佐藤 健二"]),
        ("?page=-1", ["Ada Lovelace", "Olu", "佐藤 健二"]),
        ("?page=" + "9" * 40, ["Ada Lovelace", "Olu", "佐藤 健二"]),
        ("?state=withdrawn", ["Ada Lovelace", "Olu", "佐藤 健二"]),
        ("?link=unopened&language=ja&since=2015-01-01", ["Ada Lovelace", "Olu", "佐藤 健二"]),
        ("?group=government&group=civil-society", ["Olu", "佐藤 健二"]),
    ],
)
def test_the_list_is_searched_and_filtered(world: World, query: str, found: list[str]) -> None:
    assert names(world, query) == sorted(found)


@pytest.mark.parametrize("probe", ["ada@example.org", "example", "kenji@", "IGF2014"])
def test_nobody_can_try_out_mail_addresses_or_references(world: World, probe: str) -> None:
    assert names(world, f"?q={probe}") == []


def test_a_meeting_with_nobody_says_what_will_be_there(world: World) -> None:
    with world.store.writing() as db:
        make_meeting(db, "empty")
    assert "Nobody has registered yet." in world.client().get("/empty/participants").text


def test_a_long_list_has_pages_and_costs_no_more(world: World) -> None:
    client = world.client()
    with counted() as few:
        client.get("/igf2014/participants")
    with world.store.writing() as db:
        meeting = make_meeting(db, "long")
        for number in range(120):
            make_registration(db, meeting, f"p{number}@example.org", family_name=f"Number{number:03d}")
    with counted() as many:
        page = client.get("/long/participants").text
    assert few == many
    assert re.findall(r"Number\d+", page) == [f"Number{number:03d}" for number in range(50)]
    assert re.findall(r"Number\d+", client.get("/long/participants?page=3").text) == [
        f"Number{number:03d}" for number in range(100, 120)
    ]
