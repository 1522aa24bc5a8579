"""One's own registration, behind the private link."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from server.limits import Limits
from server.registration.links import private_link
from server.registration.models import Registration
from tests.makers import make_meeting, make_registration
from tests.world import World, link_in


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting, at which Ada has registered and not yet opened her link."""
    with plenary.store.writing() as db:
        make_registration(db, make_meeting(db), opened_at=None)
    return plenary


def ada(world: World) -> Registration:
    with world.store.reading() as db:
        return db.scalars(select(Registration).filter_by(email="ada@example.org")).one()


def link(world: World) -> str:
    return private_link(ada(world), world.settings).removeprefix(world.base_url)


def entered(**other: Any) -> dict[str, Any]:
    return {
        "given_name": "Augusta Ada",
        "family_name": "King",
        "country": "TR",
        "organisation": "independent",
        "stakeholder_group": "press",
        "attendance": "onsite",
        **other,
    }


def test_all_that_is_known_is_shown_to_its_owner_and_kept_in_no_cache(world: World) -> None:
    answer = world.client().get(link(world))
    shown = ("Confirmed", ada(world).reference, "Ada Lovelace", "ada@example.org", "United Kingdom",
             "Analytical Society", "Technical community", "Online")  # fmt: skip
    assert [words for words in shown if words not in answer.text] == []
    assert [answer.headers[name] for name in ("cache-control", "referrer-policy")] == ["no-store", "no-referrer"]


def test_only_one_who_looks_at_the_page_has_opened_the_link(world: World) -> None:
    client = world.client()
    assert client.head(link(world)).status_code == 200
    assert ada(world).opened_at is None
    client.get(link(world))
    first = ada(world).opened_at
    assert first is not None
    client.get(link(world))
    assert ada(world).opened_at == first


def test_everything_but_the_address_can_be_changed(world: World) -> None:
    client = world.client()
    form = client.get(f"{link(world)}/change").text
    assert 'value="Analytical Society"' in form
    assert 'name="email"' not in form
    answer = client.post(f"{link(world)}/change", data=entered(email="mallory@example.org"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{link(world)}?done=changed")
    now = ada(world)
    assert {name: getattr(now, name) for name in entered()} == entered()
    assert (now.email, now.public) == ("ada@example.org", False)
    assert "Your changes are saved." in client.get(answer.headers["location"]).text


def test_a_faulty_change_changes_nothing_and_keeps_what_was_typed(world: World) -> None:
    client = world.client()
    answer = client.post(f"{link(world)}/change", data=entered(given_name="", organisation="Elsewhere"))
    assert (answer.status_code, answer.headers["cache-control"]) == (422, "no-store")
    assert "Please enter your given name." in answer.text
    assert 'value="Elsewhere"' in answer.text
    told = client.post(f"{link(world)}/change", json=entered(given_name=""))
    assert (told.status_code, told.json()["errors"]) == (422, {"given_name": "Please enter your given name."})
    assert ada(world).organisation == "Analytical Society"


def test_one_withdraws_and_comes_back_by_the_same_link(world: World) -> None:
    client = world.client()
    address = link(world)
    for _ in range(2):  # the second time changes nothing
        assert client.post(f"{address}/withdraw").status_code == 303
    assert ada(world).state == "withdrawn"
    assert "Take part again" in client.get(address).text
    assert client.post(f"{address}/change", data=entered()).status_code == 409
    for _ in range(2):
        assert client.post(f"{address}/return").status_code == 303
    assert ada(world).state == "confirmed"
    assert [letter["Subject"] for letter in world.mail("ada@example.org", 2)] == [
        "Your registration for IGF 2014 is withdrawn",
        "Your registration for IGF 2014",
    ]


def test_a_program_withdraws(world: World) -> None:
    answer = world.client().post(f"{link(world)}/withdraw", json={})
    assert answer.json() == {"reference": ada(world).reference, "state": "withdrawn"}


def test_nobody_comes_back_once_registration_is_closed_but_everybody_may_withdraw(world: World) -> None:
    with world.store.writing() as db:
        closed = make_meeting(db, "closed", registration_open=False)
        bob = make_registration(db, closed, "bob@example.org")
        address = private_link(bob, world.settings)
    client = world.client()
    assert client.post(f"{address}/change", data=entered()).status_code == 303
    assert client.post(f"{address}/withdraw").status_code == 303
    assert "Take part again" not in client.get(address).text
    assert client.post(f"{address}/return").status_code == 409


def test_a_new_link_revokes_the_old_one_and_goes_to_the_owner_alone(world: World) -> None:
    client = world.client()
    old = link(world)
    answer = client.post(f"{old}/new-link")
    assert answer.status_code == 303
    [letter] = world.mail("ada@example.org")
    new = link_in(letter)
    assert new not in answer.headers["location"]
    assert [client.get(address).status_code for address in (old, new)] == [404, 200]
    assert client.post(f"{old}/withdraw").status_code == 404
    assert ada(world).state == "confirmed"


def test_a_mailbox_is_not_flooded_with_new_links(world: World) -> None:
    client = world.client()
    for _ in range(5):
        assert client.post(f"{link(world)}/new-link").status_code == 303
    refused = client.post(f"{link(world)}/new-link")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert client.get(link(world)).status_code == 200  # and the one that was sent last still works


def wrong_secrets(world: World) -> list[str]:
    with world.store.writing() as db:
        other = make_registration(db, make_meeting(db, "other"), "bob@example.org")
        theirs = private_link(other, world.settings).rpartition("/")[2]
    mine = link(world).rpartition("/")[2]
    handle, _, seal = mine.partition("_")
    return [
        handle,
        f"{handle}.",
        f"{handle}.{theirs.partition('.')[2]}",
        f"{theirs.partition('.')[0]}.{seal}",
        mine.upper(),
        mine[:-1],
        f"{mine}x",
        "nobody.nothing",
        "%00.%00",
        "%F0%9F%98%80",
    ]


def test_a_wrong_secret_opens_nothing(world: World) -> None:
    client = world.client()
    answers: list[httpx2.Response] = []
    for secret in wrong_secrets(world):
        answers += [client.get(f"/registration/{secret}"), client.post(f"/registration/{secret}/withdraw")]
    assert {answer.status_code for answer in answers} == {404}
    assert not any("Ada" in answer.text or "Lovelace" in answer.text for answer in answers)
    assert (ada(world).state, ada(world).opened_at) == ("confirmed", None)


def test_guessing_is_slowed_while_owners_get_in(world: World) -> None:
    client = world.client()
    allowed = int(Limits.PER_GUESS.partition("/")[0])
    answers = [client.get(f"/registration/igf2014-{number:06d}.guess").status_code for number in range(allowed + 5)]
    assert answers == [404] * allowed + [429] * 5
    assert client.get(link(world)).status_code == 200


def test_a_post_from_another_site_does_not_withdraw(world: World) -> None:
    answer = world.client().post(f"{link(world)}/withdraw", headers={"Origin": "https://evil.example"})
    assert (answer.status_code, ada(world).state) == (403, "confirmed")


def test_the_page_is_in_the_language_of_the_reader(world: World) -> None:
    page = world.client().get(f"{link(world)}?lang=ja").text
    assert '<html lang="ja"' in page
    assert "イギリス" in page
