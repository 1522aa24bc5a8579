"""The account page, at the front door."""

import re

import httpx2

from server import clock
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.people.actions import person_for
from server.people.models import ApiToken, Person
from server.tokens import hashed
from tests.makers import make_meeting
from tests.world import World

ADA = "ada@example.org"


def tokens(plenary: World) -> list[ApiToken]:
    with plenary.store.reading() as db:
        return list(db.query(ApiToken).order_by(ApiToken.id))


def token_in(answer: httpx2.Response) -> str:
    found = re.search(r'value="([A-Za-z0-9_.-]{32,})"', answer.text)
    assert found, answer.text
    return found.group(1)


def test_the_account_page_shows_roles_with_their_desks(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        person = person_for(db, ADA, clock.now(), name="Ada")
        grant_role(db, person, Role.RAPPORTEUR, meeting)
        grant_role(db, person, Role.ORGANISER, meeting)
    page = plenary.browser(ADA).get("/account").text
    assert 'href="/igf2014/desk"' in page
    assert re.findall(r'<span class="tag">([^<]+)</span>', page) == ["this one", "Organiser", "Rapporteur"]
    assert "You have no role at a meeting yet." in plenary.browser("ben@example.org").get("/account").text


def test_name_and_language_can_be_changed(plenary: World) -> None:
    browser = plenary.browser(ADA)
    saved = browser.post("/account", data={"name": " Ada \n Lovelace", "language": "ja"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/account?saved=1&lang=ja")
    page = browser.get(saved.headers["location"])
    assert page.headers["content-language"] == "ja"
    assert 'value="Ada Lovelace"' in page.text
    with plenary.store.reading() as db:
        person = db.query(Person).one()
        assert (person.name, person.language) == ("Ada Lovelace", "ja")


def test_a_language_that_is_not_offered_is_a_fault(plenary: World) -> None:
    answer = plenary.browser(ADA).post("/account", data={"name": "N" * 201, "language": "tlh"})
    assert answer.status_code == 422
    assert answer.text.count('class="fault"') == 2
    assert "N" * 201 in answer.text


def test_a_token_is_shown_once_and_acts_with_its_owners_roles_until_revoked(plenary: World) -> None:
    browser = plenary.browser(ADA)
    made = browser.post("/account/tokens", data={"label": "the <summary> writer"})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    token = token_in(made)
    program = plenary.client(headers={"Authorization": f"Bearer {token}"})
    assert program.get("/account").status_code == 200

    assert browser.get("/account/tokens?lang=ja").headers["location"] == "/account#tokens"
    page = browser.get("/account").text
    assert "the &lt;summary&gt; writer" in page
    assert token not in page
    [kept] = tokens(plenary)
    assert (kept.hash, kept.label) == (hashed(token), "the <summary> writer")

    gone = browser.post(f"/account/tokens/{kept.id}/revoke")
    assert gone.status_code == 303
    refused = program.get("/account")
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
    assert tokens(plenary) == []


def test_a_token_needs_a_label(plenary: World) -> None:
    answer = plenary.browser(ADA).post("/account/tokens", data={"label": " "})
    assert answer.status_code == 422
    assert 'id="label-fault"' in answer.text
    assert tokens(plenary) == []


def test_nobody_revokes_the_token_of_somebody_else(plenary: World) -> None:
    program = plenary.program(ADA)
    [token] = tokens(plenary)
    assert plenary.browser("eve@example.org").post(f"/account/tokens/{token.id}/revoke").status_code == 404
    assert program.get("/account").status_code == 200


def test_a_token_makes_and_revokes_no_tokens(plenary: World) -> None:
    program = plenary.program(ADA)
    [token] = tokens(plenary)
    for path in ("/account/tokens", f"/account/tokens/{token.id}/revoke", "/account/end-other-visits"):
        answer = program.post(path, data={"label": "more"})
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert [kept.id for kept in tokens(plenary)] == [token.id]


def test_a_wrong_token_is_told_so(plenary: World) -> None:
    answer = plenary.client(headers={"Authorization": "Bearer nonsense"}).get("/account")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Please sign in",
        "status": 401,
        "detail": "This token is not known. It may have been revoked.",
    }


def test_all_other_browsers_can_be_signed_out(plenary: World) -> None:
    here, there, stranger = plenary.browser(ADA), plenary.browser(ADA), plenary.browser("eve@example.org")
    assert "Sign out all other browsers" in here.get("/account").text
    assert here.post("/account/end-other-visits").status_code == 303
    assert [browser.get("/account").status_code for browser in (here, there, stranger)] == [200, 303, 200]
    assert "Sign out all other browsers" not in here.get("/account").text


def test_a_stranger_is_sent_to_sign_in_and_a_stranger_program_gets_a_problem(plenary: World) -> None:
    browser = plenary.client()
    for answer in (browser.get("/account"), browser.post("/account", data={"name": "x"})):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
    assert browser.post("/account/tokens", json={"label": "x"}).status_code == 401


def test_a_post_from_another_site_changes_nothing(plenary: World) -> None:
    browser = plenary.browser(ADA)
    answer = browser.post("/account/tokens", data={"label": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert tokens(plenary) == []
