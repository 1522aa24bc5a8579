"""Places onsite at the front door: the waiting list, and every way in which a place comes free for the next one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from server import clock
from server.meetings.actions import change_meeting
from server.meetings.queries import meeting_by_slug
from server.registration.actions import change
from server.registration.deciding import change_admission
from server.registration.links import private_link
from server.registration.models import HistoryEntry, Registration
from server.registration.moving import PARTICIPANT
from tests.makers import make_meeting
from tests.world import World, text_of


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting, which has one place onsite."""
    with plenary.store.writing() as db:
        make_meeting(db)
    limit(plenary, onsite=1)
    return plenary


def limit(world: World, **facts: Any) -> None:
    with world.store.writing() as db:
        change_admission(db, meeting_by_slug(db, "igf2014"), facts, clock.now())


def enter(world: World, name: str, **other: Any) -> None:
    facts = {
        "given_name": name.title(), "family_name": "Lovelace", "email": f"{name}@example.org", "country": "GB",
        "organisation": "independent", "stakeholder_group": "civil-society", "attendance": "onsite", **other,
    }  # fmt: skip
    assert world.client().post("/igf2014/register", json=facts).status_code == 202


def states(world: World) -> dict[str, str]:
    """Where everybody stands, by the part of their address before the @."""
    with world.store.reading() as db:
        rows = db.scalars(select(Registration).order_by(Registration.id))
        return {one.email.partition("@")[0]: one.state for one in rows}


def found(world: World, name: str) -> Registration:
    with world.store.reading() as db:
        return db.scalars(select(Registration).filter_by(email=f"{name}@example.org")).one()


def own(world: World, name: str) -> str:
    return private_link(found(world, name), world.settings).removeprefix(world.base_url)


def step(world: World, name: str, what: str, **sent: Any) -> httpx2.Response:
    return world.client().post(f"{own(world, name)}/{what}", json=sent)


def at_desk(world: World, name: str, what: str, **sent: Any) -> httpx2.Response:
    desk = world.program("desk@example.org", role="desk")
    return desk.post(f"/igf2014/desk/registrations/{found(world, name).reference}/{what}", json=sent)


def history(world: World, name: str) -> list[tuple[str, str, str, str, str]]:
    """What was done, oldest first: kind, from, to, by whom, why."""
    with world.store.reading() as db:
        kept = db.scalars(
            select(HistoryEntry).filter_by(registration_id=found(world, name).id).order_by(HistoryEntry.id)
        )
        return [(one.kind, one.before, one.after, one.by, one.reason) for one in kept]


def run_out(world: World) -> None:
    """Let every offer be over a minute ago, and the clockwork look."""
    world.plenary.clockwork.run(clock.now())
    offered = select(Registration).filter_by(state="offered")
    with world.store.writing() as db:
        for one in db.scalars(offered):
            assert one.offer_until is not None
            one.offer_until = clock.now() - timedelta(minutes=1)
    world.plenary.clockwork.run(clock.now())


def test_who_comes_when_all_places_are_given_waits_in_the_order_of_coming(world: World) -> None:
    for name in ("ada", "bob", "cyd"):
        enter(world, name)
    enter(world, "dan", attendance="online")
    assert states(world) == {"ada": "confirmed", "bob": "waiting", "cyd": "waiting", "dan": "confirmed"}
    page = world.client().get(own(world, "cyd")).text
    assert "you stand at place 2" in page
    [letter] = world.mail("cyd@example.org")
    assert letter["Subject"] == "Your registration for IGF 2014: you are on the waiting list"
    assert "State: on the waiting list" in text_of(letter).splitlines()
    form = world.client().get("/igf2014/register").text
    assert "All places onsite are given." in form
    assert "2 people wait now." in form


WAYS: dict[str, Callable[[World], Any]] = {
    "withdrawal": lambda world: step(world, "ada", "withdraw"),
    "going online": lambda world: step(world, "ada", "attendance", attendance="online"),
    "withdrawal at the desk": lambda world: at_desk(world, "ada", "withdraw", reason="Died"),
    "refusal": lambda world: at_desk(world, "ada", "decline", reason="No such person"),
    "a raised limit": lambda world: limit(world, onsite=2),
    "no limit any more": lambda world: limit(world, onsite=None),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_place_that_comes_free_is_the_next_ones(world: World, way: str) -> None:
    for name in ("ada", "bob", "cyd"):
        enter(world, name)
    world.mail("bob@example.org")
    WAYS[way](world)
    now = states(world)
    assert now["bob"] == "confirmed"
    assert now["cyd"] == ("confirmed" if way == "no limit any more" else "waiting")
    assert history(world, "bob")[1:] == [("place-given", "waiting", "confirmed", "rule", "")]
    letter = world.mail("bob@example.org", 2)[1]
    assert "a place has come free" in text_of(letter)


def test_an_offer_has_an_end_and_then_is_the_next_ones(world: World) -> None:
    limit(world, onsite=1, offer_hours=48)
    for name in ("ada", "bob", "cyd"):
        enter(world, name)
    world.mail("bob@example.org")  # a letter that has been overtaken is not sent any more
    step(world, "ada", "withdraw")
    assert states(world) == {"ada": "withdrawn", "bob": "offered", "cyd": "waiting"}
    page = world.client().get(own(world, "bob")).text
    assert "Take the place" in page
    [_, letter] = world.mail("bob@example.org", 2)
    assert letter["Subject"] == "A place at IGF 2014 is offered to you"
    with world.store.reading() as db:
        left = db.scalars(select(Registration.offer_until).filter_by(state="offered")).one() - clock.now()
    assert timedelta(hours=47) < left <= timedelta(hours=48)
    world.plenary.clockwork.run(clock.now())
    assert states(world)["bob"] == "offered"
    run_out(world)
    assert states(world) == {"ada": "withdrawn", "bob": "withdrawn", "cyd": "offered"}
    assert history(world, "bob")[-1] == ("lapsed", "offered", "withdrawn", "rule", "")
    assert "was not taken in time" in text_of(world.mail("bob@example.org", 3)[2])
    assert step(world, "cyd", "accept").json()["state"] == "confirmed"
    assert step(world, "cyd", "accept").json()["state"] == "confirmed"  # a double click
    answer = step(world, "bob", "accept")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "This registration is withdrawn. Take part again first.",
    )


def test_an_offer_that_is_turned_down_or_swapped_for_online_is_the_next_ones(world: World) -> None:
    limit(world, onsite=1, offer_hours=1)
    for name in ("ada", "bob", "cyd", "dan"):
        enter(world, name)
    step(world, "ada", "withdraw")
    assert step(world, "bob", "withdraw").json()["state"] == "withdrawn"
    assert step(world, "cyd", "attendance", attendance="online").json()["state"] == "confirmed"
    assert states(world) == {"ada": "withdrawn", "bob": "withdrawn", "cyd": "confirmed", "dan": "offered"}


def test_who_withdraws_and_comes_back_joins_the_end_of_the_line(world: World) -> None:
    for name in ("ada", "bob", "cyd"):
        enter(world, name)
    step(world, "bob", "withdraw")
    assert step(world, "bob", "return").json()["state"] == "waiting"
    step(world, "ada", "withdraw")
    enter(world, "ada")  # by the form, too
    assert states(world) == {"ada": "waiting", "bob": "waiting", "cyd": "confirmed"}
    assert "you stand at place 1" in world.client().get(own(world, "bob")).text
    assert "you stand at place 2" in world.client().get(own(world, "ada")).text
    assert [kind for kind, *_ in history(world, "ada")] == ["registered", "withdrawn", "registered"]


def test_who_goes_online_and_comes_back_joins_the_end_of_the_line(world: World) -> None:
    for name in ("ada", "bob"):
        enter(world, name)
    step(world, "ada", "attendance", attendance="online")
    assert step(world, "ada", "attendance", attendance="onsite").json()["state"] == "waiting"
    assert states(world) == {"ada": "waiting", "bob": "confirmed"}
    assert step(world, "ada", "attendance", attendance="on the moon").status_code == 422


def test_the_limit_of_a_group_holds_back_that_group_only(world: World) -> None:
    limit(world, onsite=3, groups={"government": 1})
    for name, group in {
        "ada": "government",
        "bob": "government",
        "cyd": "civil-society",
        "dan": "civil-society",
    }.items():
        enter(world, name, stakeholder_group=group)
    assert states(world) == {"ada": "confirmed", "bob": "waiting", "cyd": "confirmed", "dan": "confirmed"}
    step(world, "cyd", "withdraw")  # a place is free, but none that bob could have
    assert states(world)["bob"] == "waiting"
    step(world, "ada", "withdraw")
    assert states(world)["bob"] == "confirmed"


def test_two_representatives_each_and_more_of_the_host(world: World) -> None:
    limit(world, onsite=None, organisation=2, organisations={"Host Country": 3})
    for number, name in enumerate(
        ("UNESCO", "Unesco", "unesco.", "host country", "Host country", "HOST COUNTRY", "Host-Country")
    ):
        enter(world, f"n{number}", organisation=name)
    for number in range(7, 11):
        enter(world, f"n{number}", organisation="Independent")
    assert [name for name, state in states(world).items() if state == "waiting"] == ["n2", "n6"]


def test_a_place_is_not_taken_along_where_there_is_none(world: World) -> None:
    limit(world, onsite=9, groups={"government": 1})
    enter(world, "ada", stakeholder_group="government")
    enter(world, "bob")
    sent = {
        "given_name": "Bob", "family_name": "Lovelace", "country": "FR", "organisation": "independent",
        "stakeholder_group": "government", "attendance": "onsite",
    }  # fmt: skip
    answer = step(world, "bob", "change", **sent)
    words = "All places onsite of this group are given. To take part in it, take part online."
    assert (answer.status_code, answer.json()["errors"]) == (422, {"stakeholder_group": words})
    page = world.client().post(f"{own(world, 'bob')}/change", data=sent)
    assert page.status_code == 422
    assert words in page.text
    assert found(world, "bob").country == "GB"  # nothing of it is kept
    assert step(world, "bob", "change", **{**sent, "attendance": "online"}).json()["state"] == "confirmed"


def test_a_limit_below_what_is_given_takes_nothing_from_anybody_and_gives_nothing(world: World) -> None:
    limit(world, onsite=3)
    for name in ("ada", "bob", "cyd", "dan"):
        enter(world, name)
    limit(world, onsite=1)
    step(world, "ada", "withdraw")
    step(world, "bob", "withdraw")
    assert states(world) == {"ada": "withdrawn", "bob": "withdrawn", "cyd": "confirmed", "dan": "waiting"}
    step(world, "cyd", "withdraw")
    assert states(world)["dan"] == "confirmed"


def test_who_needs_approval_waits_for_it_in_the_line(world: World) -> None:
    enter(world, "pia", stakeholder_group="press")
    enter(world, "ada")
    enter(world, "bob")
    assert states(world) == {"pia": "pending", "ada": "confirmed", "bob": "waiting"}
    assert world.mail("pia@example.org")[0]["Subject"] == "Your registration for IGF 2014 waits for approval"
    assert at_desk(world, "pia", "approve").json()["state"] == "waiting"
    assert at_desk(world, "pia", "approve").status_code == 409
    step(world, "ada", "withdraw")
    assert states(world) == {"pia": "confirmed", "ada": "withdrawn", "bob": "waiting"}  # she came before him


def test_who_is_declined_is_told_why_and_cannot_register_again(world: World) -> None:
    enter(world, "pia", stakeholder_group="press", attendance="online")
    assert at_desk(world, "pia", "decline", reason="No press card").json()["state"] == "declined"
    letter = world.mail("pia@example.org", 2)[1]
    assert letter["Subject"] == "Your registration for IGF 2014 cannot be confirmed"
    assert "The organisers write: No press card" in text_of(letter)
    assert "/calendar/" not in text_of(letter)
    enter(world, "pia", attendance="online")
    assert states(world) == {"pia": "declined"}
    assert step(world, "pia", "return").status_code == 409
    page = world.client().get(own(world, "pia")).text
    assert "No press card" in page
    assert at_desk(world, "pia", "reinstate").json()["state"] == "confirmed"


def test_another_place_in_the_line_needs_a_reason_which_is_kept_and_not_shown_to_the_person(world: World) -> None:
    for name in ("ada", "bob", "cyd", "dan"):
        enter(world, name)
    assert at_desk(world, "dan", "line", position=1).status_code == 422
    assert at_desk(world, "dan", "line", position=1, reason="Opens the meeting").json()["state"] == "waiting"
    assert history(world, "dan")[-1] == ("line-moved", "", "", "desk", "Opens the meeting")
    step(world, "ada", "withdraw")
    assert states(world) == {"ada": "withdrawn", "bob": "waiting", "cyd": "waiting", "dan": "confirmed"}
    page = world.client().get(own(world, "dan")).text
    assert "Moved in the waiting list" in page
    assert "Opens the meeting" not in page
    assert "desk@example.org" not in page
    desk = world.browser("olga@example.org", role="organiser")
    at_it = desk.get(f"/igf2014/desk/registrations/{found(world, 'dan').reference}").text
    assert "Opens the meeting" in at_it
    assert at_desk(world, "dan", "line", position=1, reason="Again").status_code == 409  # he waits no more


def test_who_has_checked_in_is_not_moved_by_mistake(world: World) -> None:
    enter(world, "ada")
    assert at_desk(world, "ada", "check-in").json()["state"] == "checked-in"
    words = "This person has checked in at the venue. The registration desk can undo that."
    for answer in (step(world, "ada", "withdraw"), step(world, "ada", "attendance", attendance="online")):
        assert (answer.status_code, answer.json()["detail"]) == (409, words)
    assert at_desk(world, "ada", "undo-check-in").json()["state"] == "confirmed"
    enter(world, "bob", attendance="online")
    assert at_desk(world, "bob", "check-in").status_code == 422


def test_a_move_that_is_not_allowed_is_said_and_changes_nothing(world: World) -> None:
    enter(world, "ada")
    before = history(world, "ada")
    for what in ("approve", "accept", "undo-check-in", "reinstate"):
        answer = at_desk(world, "ada", what)
        assert answer.status_code in (200, 409), what
    assert at_desk(world, "ada", "approve").json()["detail"] == "This registration is confirmed already."
    assert at_desk(world, "ada", "promote").status_code == 404
    assert (states(world), history(world, "ada")) == ({"ada": "confirmed"}, before)


def test_the_history_says_who_did_what_as_far_as_it_concerns_the_person(world: World) -> None:
    enter(world, "ada")
    sent = {
        "given_name": "Ada", "family_name": "King", "country": "GB", "organisation": "Society",
        "stakeholder_group": "civil-society", "attendance": "onsite",
    }  # fmt: skip
    step(world, "ada", "change", **sent)
    at_desk(world, "ada", "withdraw", reason="By telephone")
    assert history(world, "ada") == [
        ("registered", "", "confirmed", "participant", ""),
        ("changed", "", "", "participant", ""),
        ("withdrawn", "confirmed", "withdrawn", "desk", "By telephone"),
    ]
    page = world.client().get(own(world, "ada")).text
    for words in (": Family name, Organisation", "By telephone", "The organisers"):
        assert words in page
    assert "King" not in "".join(str(one) for one in history(world, "ada"))


def test_who_has_a_place_keeps_it_in_another_organisation_when_the_limit_was_lowered(world: World) -> None:
    limit(world, onsite=2)
    for name in ("ada", "bob"):
        enter(world, name)
    limit(world, onsite=1)
    sent = {
        "given_name": "Bob", "family_name": "Lovelace", "country": "GB", "organisation": "UNESCO",
        "stakeholder_group": "civil-society", "attendance": "onsite",
    }  # fmt: skip
    assert step(world, "bob", "change", **sent).json()["state"] == "confirmed"


def test_who_registered_before_there_was_a_line_joins_its_end(world: World) -> None:
    limit(world, onsite=2)
    enter(world, "ada")
    enter(world, "bob")
    with world.store.writing() as db:
        db.scalars(select(Registration).filter_by(email="ada@example.org")).one().turn = None
    sent = {
        "given_name": "Ada", "family_name": "Lovelace", "country": "GB", "organisation": "independent", "attendance": "onsite",
    }  # fmt: skip
    assert step(world, "ada", "change", **sent, stakeholder_group="press").json()["state"] == "pending"
    enter(world, "cyd")
    assert step(world, "ada", "change", **sent, stakeholder_group="civil-society").json()["state"] == "waiting"
    assert "you stand at place 1" in world.client().get(own(world, "ada")).text


def test_after_the_meeting_nobody_is_offered_a_place(world: World) -> None:
    limit(world, onsite=1, offer_hours=1)
    for name in ("ada", "bob", "cyd"):
        enter(world, name)
    step(world, "ada", "withdraw")
    with world.store.writing() as db:
        meeting_by_slug(db, "igf2014").registration_open = False  # it was in 2014
    run_out(world)
    assert states(world) == {"ada": "withdrawn", "bob": "withdrawn", "cyd": "waiting"}


def test_the_old_links_of_who_registers_anew_lead_nowhere(world: World) -> None:
    enter(world, "ada", public=True)
    link = own(world, "ada")
    step(world, "ada", "withdraw")
    enter(world, "ada", given_name="Mallory", public=True)
    assert world.client().get(link).status_code == 404
    assert "Mallory" not in world.client().get("/igf2014/participants").text
    assert world.client().get(own(world, "ada")).status_code == 200


def test_going_online_takes_back_nothing_that_was_said_meanwhile(world: World) -> None:
    """The page says only how somebody takes part; what else they said is read under the lock."""
    enter(world, "ada", public=True)
    with world.store.writing() as db:
        seen = db.scalars(select(Registration)).one()
        db.execute(update(Registration).values(public=False), execution_options={"synchronize_session": False})
        change(db, seen, {"attendance": "online"}, PARTICIPANT, clock.now())
    assert (found(world, "ada").public, found(world, "ada").attendance) == (False, "online")


def test_a_search_of_very_many_words_is_no_fault_of_ours(world: World) -> None:
    query = "&".join(f"q={'+'.join(f'a{number}{word}' for word in range(30))}" for number in range(40))
    assert world.client().get(f"/igf2014/participants?{query}").status_code == 200


def test_a_form_that_was_opened_earlier_takes_back_nothing_unseen(world: World) -> None:
    enter(world, "ada")
    desk = world.browser("olga@example.org", role="organiser")
    address = f"/igf2014/desk/registrations/{found(world, 'ada').reference}/change"
    seen = desk.get(address).text.split('name="edition" value="')[1].split('"')[0]
    step(world, "ada", "attendance", attendance="online")
    sent = {
        "given_name": "Ada", "family_name": "King", "country": "GB", "organisation": "independent",
        "stakeholder_group": "civil-society", "attendance": "onsite", "edition": seen,
    }  # fmt: skip
    answer = desk.post(address, data=sent)
    assert answer.status_code == 409
    assert "Somebody has changed this registration meanwhile." in answer.text
    assert 'value="King"' in answer.text
    assert found(world, "ada").attendance == "online"
    again = answer.text.split('name="edition" value="')[1].split('"')[0]
    assert desk.post(address, data={**sent, "edition": again}).status_code == 303
    assert (found(world, "ada").attendance, found(world, "ada").family_name) == ("onsite", "King")


def test_who_has_checked_in_is_written_to_as_confirmed(world: World) -> None:
    enter(world, "ada")
    world.mail("ada@example.org")
    at_desk(world, "ada", "check-in")
    at_desk(world, "ada", "letter")
    assert "is confirmed" in text_of(world.mail("ada@example.org", 2)[1])
    assert "Yes, withdraw my registration" not in world.client().get(own(world, "ada")).text


def test_who_was_declined_does_not_go_on_under_another_address(world: World) -> None:
    enter(world, "ada", attendance="online")
    at_desk(world, "ada", "decline")
    assert step(world, "ada", "address", email="other@example.org").status_code == 409


def test_a_meeting_that_takes_people_again_gives_its_places_to_those_who_wait(world: World) -> None:
    for name in ("ada", "bob"):
        enter(world, name)
    olga = world.program("olga@example.org", role="organiser")
    told = olga.get("/igf2014/desk/registration").json()
    facts = {name: value for name, value in told.items() if value is not None and name != "onsite_by_state"}
    closed = olga.post("/igf2014/desk/registration", json={**facts, "registration_open": False})
    assert closed.status_code == 200
    step(world, "ada", "withdraw")  # the meeting was in 2014
    assert states(world)["bob"] == "waiting"
    with world.store.writing() as db:
        change_meeting(db, meeting_by_slug(db, "igf2014"), {"registration_open": True}, clock.now())
    assert states(world)["bob"] == "confirmed"
