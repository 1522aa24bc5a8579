"""Registering at the front door."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from server.registration.models import Registration
from tests.makers import make_meeting, make_registration
from tests.world import World, link_in, text_of

FIRST = "Your registration for IGF 2014"
AGAIN = "Your registration for IGF 2014: nothing has changed"


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting."""
    with plenary.store.writing() as db:
        make_meeting(db)
    return plenary


def entered(**other: Any) -> dict[str, Any]:
    """What somebody enters."""
    return {
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.org",
        "country": "GB",
        "organisation": "Analytical Society",
        "stakeholder_group": "technical-community",
        "attendance": "online",
        **other,
    }


def kept(world: World) -> list[dict[str, Any]]:
    """Everything that people said and that is stored, oldest first."""
    with world.store.reading() as db:
        rows = db.scalars(select(Registration).order_by(Registration.id))
        return [{name: getattr(row, name) for name in (*entered(), "public", "state", "language")} for row in rows]


def subjects(world: World, to: str, at_least: int) -> list[str]:
    return [str(letter["Subject"]) for letter in world.mail(to, at_least)]


def test_somebody_registers_and_gets_a_letter_with_a_link_that_works(world: World) -> None:
    answer = world.client().post("/igf2014/register", data=entered(public="on"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/igf2014/registered")
    assert kept(world) == [{**entered(), "public": True, "state": "confirmed", "language": "en"}]
    [letter] = world.mail("ada@example.org")
    text = text_of(letter)
    assert letter["Subject"] == FIRST
    assert "is confirmed" in text
    assert "State: confirmed" in text.splitlines()
    assert "Reference: IGF2014-" in text
    assert "Lütfi Kırdar ICEC, Istanbul, Turkey" in text
    assert f"{world.base_url}/registration/igf2014-" in text
    page = world.client().get(link_in(letter))
    assert page.status_code == 200
    assert "Analytical Society" in page.text
    assert world.client().get("/igf2014/registered").status_code == 200


def test_a_program_registers_with_json(world: World) -> None:
    answer = world.client().post("/igf2014/register", json=entered(public=True))
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert kept(world) == [{**entered(), "public": True, "state": "confirmed", "language": "en"}]


@pytest.mark.parametrize("consent", [{}, {"public": ""}, {"public": "false"}, {"public": "no"}, {"public": "0"}])
def test_nobody_is_listed_without_saying_so(world: World, consent: dict[str, str]) -> None:
    assert world.client().post("/igf2014/register", data=entered(**consent)).status_code == 303
    assert kept(world)[0]["public"] is False


def test_the_consent_is_not_given_beforehand_and_says_what_is_shown(world: World) -> None:
    page = world.client().get("/igf2014/register").text
    assert "checked" not in page
    assert "name, organisation, country and stakeholder group, and nothing else" in page


def test_registering_again_changes_nothing_however_the_address_is_spelt(world: World) -> None:
    first = world.client().post("/igf2014/register", data=entered())
    for spelling in ("ADA@Example.ORG", "  ada@EXAMPLE.org "):
        other = world.client().post("/igf2014/register", data=entered(email=spelling, given_name="Mallory"))
        assert (other.status_code, other.headers["location"], other.content) == (
            first.status_code, first.headers["location"], first.content,
        )  # fmt: skip
    assert kept(world) == [{**entered(), "public": False, "state": "confirmed", "language": "en"}]
    assert subjects(world, "ada@example.org", 3) == [FIRST, AGAIN, AGAIN]
    letters = world.mail("ada@example.org")
    assert link_in(letters[0]) == link_in(letters[1])
    assert world.client().get(link_in(letters[1])).status_code == 200


def test_who_has_withdrawn_registers_anew_and_is_listed_only_once_the_link_is_used_again(world: World) -> None:
    with world.store.writing() as db:
        meeting = make_meeting(db, "igf2015", short_name="IGF 2015")
        make_registration(db, meeting, state="withdrawn")
    assert world.client().post("/igf2015/register", data=entered(organisation="Other", public="on")).status_code == 303
    [row] = kept(world)
    assert (row["state"], row["organisation"]) == ("confirmed", "Other")
    # whoever knows the address can have filled in the form: nothing of it is public before its owner has seen it
    client = world.client()
    assert "Other" not in client.get("/igf2015/participants").text
    [letter] = world.mail("ada@example.org")
    assert client.get(link_in(letter)).status_code == 200
    assert "Other" in client.get("/igf2015/participants").text


@pytest.mark.parametrize("many", [2, 8])
def test_several_at_the_same_time_make_one_registration(world: World, many: int) -> None:
    start = Barrier(many)
    clients = [world.client() for _ in range(many)]

    def register(number: int) -> tuple[int, str]:
        start.wait()
        answer = clients[number].post("/igf2014/register", data=entered(given_name=f"Ada {number}"))
        return answer.status_code, answer.headers["location"]

    with ThreadPoolExecutor(many) as pool:
        answers = list(pool.map(register, range(many)))
    assert answers == [(303, "/igf2014/registered")] * many
    assert len(kept(world)) == 1
    letters = min(many, 5)  # so many may be caused by strangers in ten minutes
    assert subjects(world, "ada@example.org", letters) == [FIRST] + [AGAIN] * (letters - 1)


def test_a_mailbox_is_not_flooded_and_the_answer_does_not_tell(world: World) -> None:
    client = world.client()
    answers = [client.post("/igf2014/register", data=entered()) for _ in range(9)]
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, "/igf2014/registered")}
    client.post("/igf2014/register", data=entered(email="bob@example.org"))
    world.mail("bob@example.org")  # written last, so everything before it has been sent
    assert subjects(world, "ada@example.org", 5) == [FIRST, AGAIN, AGAIN, AGAIN, AGAIN]


def test_the_same_request_twice_with_a_key_writes_one_letter(world: World) -> None:
    client = world.client(headers={"Idempotency-Key": "1"})
    for _ in range(3):
        assert client.post("/igf2014/register", json=entered()).json() == {"status": "accepted"}
    # somebody else's program may well choose the same key
    assert client.post("/igf2014/register", json=entered(email="bob@example.org")).status_code == 202
    world.mail("bob@example.org")
    assert subjects(world, "ada@example.org", 1) == [FIRST]
    assert [row["email"] for row in kept(world)] == ["ada@example.org", "bob@example.org"]


FAULTS = {
    "given_name": ("", "Please enter your given name."),
    "family_name": ("x" * 101, "This is too long: at most 100 characters fit."),
    "email": ("nobody at home", "This is not a mail address we can write to. It looks like name@example.org."),
    "country": ("XK", "Please choose one of those offered."),
    "organisation": ("Analytical\u202eSociety", "This contains a character that is not text, such as a line break."),
    "stakeholder_group": ("royalty", "Please choose one of those offered."),
    "attendance": ("", "Please choose how you take part."),
}


def test_faults_are_named_beside_what_was_typed(world: World) -> None:
    typed = {name: value for name, (value, _) in FAULTS.items()}
    answer = world.client().post("/igf2014/register", data={**typed, "public": "on"})
    assert answer.status_code == 422
    for message in (message for _, message in FAULTS.values()):
        assert message in answer.text
    assert 'value="nobody at home"' in answer.text
    assert "checked" in answer.text
    assert kept(world) == []


def test_a_program_is_told_each_fault(world: World) -> None:
    answer = world.client().post("/igf2014/register", json={name: value for name, (value, _) in FAULTS.items()})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Please check what you entered",
        "status": 422,
        "detail": "Please check the fields named below.",
        "errors": {name: message for name, (_, message) in FAULTS.items()},
    }


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"{not json", "application/json"),
        (b"[1, 2]", "application/json"),
        (b'{"given_name": {"a": 1}}', "application/json"),
        (b'{"given_name": "\\ud800"}', "application/json"),
        (b'{"given_name": "a\\u0000b"}', "application/json"),
        (b"", "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"given_name=%00", "application/x-www-form-urlencoded"),
    ],
)
def test_what_cannot_be_read_is_refused(world: World, sent: bytes, kind: str) -> None:
    answer = world.client().post("/igf2014/register", content=sent, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert kept(world) == []


def test_names_in_any_script_are_kept_as_they_are_and_shown_as_text(world: World) -> None:
    names = {
        "given_name": "<script>alert(1)</script>",
        "family_name": "နိုင်",
        "organisation": "株式会社 & “Söhne” \u200c",
    }
    assert world.client().post("/igf2014/register", data=entered(**names, public="on")).status_code == 303
    [row] = kept(world)
    assert (row["given_name"], row["family_name"]) == (names["given_name"], names["family_name"])
    [letter] = world.mail("ada@example.org")
    assert "script" not in text_of(letter)
    client = world.client()
    for address in (link_in(letter), f"{link_in(letter)}/change", "/igf2014/participants"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_post_from_another_site_is_refused(world: World) -> None:
    answer = world.client().post("/igf2014/register", data=entered(), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert kept(world) == []


def test_a_meeting_that_does_not_exist(world: World) -> None:
    client = world.client()
    for page in ("register", "registered", "participants", "statistics"):
        assert client.get(f"/nowhere/{page}").status_code == 404
    assert client.post("/nowhere/register", data=entered()).status_code == 404


def test_a_closed_registration_says_so(world: World) -> None:
    with world.store.writing() as db:
        make_meeting(db, "closed", registration_open=False)
    client = world.client()
    page = client.get("/closed/register")
    assert (page.status_code, "Registration for this meeting is closed." in page.text, "<form" in page.text) == (
        200, True, False,
    )  # fmt: skip
    assert client.post("/closed/register", data=entered()).status_code == 409
    assert (
        client.post("/closed/register", json=entered()).json()["detail"] == "Registration for this meeting is closed."
    )
    assert kept(world) == []


def test_a_virtual_meeting_has_no_site(world: World) -> None:
    with world.store.writing() as db:
        make_meeting(db, "virtual", mode="virtual")
    client = world.client()
    assert 'value="onsite"' not in client.get("/virtual/register").text
    assert client.post("/virtual/register", data=entered(attendance="onsite")).status_code == 422
    assert client.post("/virtual/register", data=entered()).status_code == 303


def test_the_page_and_the_letter_are_in_the_language_of_the_reader(world: World) -> None:
    client = world.client()
    page = client.get("/igf2014/register?lang=ja")
    assert '<html lang="ja"' in page.text
    assert "アイスランド" in page.text
    assert client.post("/igf2014/register", data=entered()).status_code == 303
    [letter] = world.mail("ada@example.org")
    assert letter["Content-Language"] == "ja"
    assert "イスタンブール" in text_of(letter)
    assert kept(world)[0]["language"] == "ja"


def test_one_address_takes_part_in_several_meetings(world: World) -> None:
    with world.store.writing() as db:
        make_meeting(db, "igf2015", short_name="IGF 2015")
    for slug in ("igf2014", "igf2015"):
        assert world.client().post(f"/{slug}/register", data=entered()).status_code == 303
    assert len(kept(world)) == 2
    assert subjects(world, "ada@example.org", 2) == [FIRST, "Your registration for IGF 2015"]
