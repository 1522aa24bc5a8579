"""Signing in by a mailed link, at the front door."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from server import clock
from server.limits import Limits
from server.mail import Letter, waiting_letters
from server.people.actions import invite, make_link, person_for
from server.people.models import LINK_LASTS, SignInLink, Visit
from server.tokens import hashed
from tests.world import World, link_in, named_links_in, wait_for

ADA = "ada@example.org"


def know(plenary: World, address: str = ADA, language: str = "en") -> None:
    with plenary.store.writing() as db:
        person_for(db, address, clock.now(), language=language)


def new_link(plenary: World, lasts: timedelta = LINK_LASTS, next_page: str = "/account") -> str:
    with plenary.store.writing() as db:
        return "/sign-in/" + make_link(db, person_for(db, ADA, clock.now()), lasts, next_page, clock.now())


def test_a_link_comes_by_mail_and_signs_in_once(plenary: World) -> None:
    know(plenary)
    browser = plenary.client()
    asked = browser.post("/sign-in", data={"email": " ADA@Example.org ", "next": "/account"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?sent=1")
    assert "Look into your mail" in browser.get("/sign-in?sent=1").text
    [letter] = plenary.mail(ADA)
    assert letter["Subject"] == "Your link to sign in"
    link = link_in(letter)
    assert named_links_in(letter) == {"Open the page to sign in": link}

    page = browser.get(link)
    assert page.status_code == 200
    assert "You sign in here as ada@example.org." in page.text
    assert f"{plenary.base_url}/account" in page.text
    assert browser.get("/account").status_code == 303  # looking at the link signs nobody in

    entered = browser.post(link)
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert browser.get("/account").status_code == 200
    assert browser.post(link).status_code == 404


def test_the_answer_is_the_same_for_an_address_nobody_has_and_no_letter_is_sent(plenary: World) -> None:
    know(plenary)
    answers = []
    for address in ("nobody@example.org", ADA):
        answer = plenary.client().post("/sign-in", data={"email": address})
        answers.append((answer.status_code, answer.headers["location"], answer.text, answer.headers.get("set-cookie")))
    assert answers[0] == answers[1] == (303, "/sign-in?sent=1", "", None)
    assert [letter["To"] for letter in plenary.mail()] == [ADA]
    wait_for(lambda: not waiting(plenary))
    assert [letter["To"] for letter in plenary.mail()] == [ADA]


def waiting(plenary: World) -> int:
    with plenary.store.reading() as db:
        return waiting_letters(db)


def test_a_program_gets_the_same_answer_too(plenary: World) -> None:
    know(plenary)
    answers = [plenary.client().post("/sign-in", json={"email": address}) for address in ("nobody@example.org", ADA)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()


def test_what_is_no_address_is_shown_again_with_its_fault(plenary: World) -> None:
    answer = plenary.client().post("/sign-in", data={"email": "<b>nonsense", "next": "/account"})
    assert answer.status_code == 422
    assert "This is not a mail address." in answer.text
    assert 'value="&lt;b&gt;nonsense"' in answer.text
    assert 'value="/account"' in answer.text
    refused = plenary.client().post("/sign-in", json={"email": "nonsense"})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert list(refused.json()["errors"]) == ["email"]


def test_the_letter_is_in_its_owners_language_and_the_outbox_holds_no_secret(plenary: World) -> None:
    know(plenary, language="ja")
    plenary.client().post("/sign-in", data={"email": ADA}, headers={"Accept-Language": "en"})
    [letter] = plenary.mail(ADA)
    assert letter["Content-Language"] == "ja"
    secret = link_in(letter).rpartition("/")[2]
    with plenary.store.reading() as db:
        row = db.query(Letter).one()
        assert (row.template, set(row.ids)) == ("people.sign_in", {"person_id", "next"})
        link = db.query(SignInLink).one()
        assert link.hash == hashed(secret)
        assert secret not in (link.hash, link.next)
        assert timedelta(minutes=29) < link.expires_at - clock.now() <= timedelta(minutes=30)


@pytest.mark.parametrize("age", ["expired", "used", "unknown", "strange"])
def test_a_link_that_is_no_longer_good_says_so_and_how_to_get_another(plenary: World, age: str) -> None:
    if age == "expired":
        link = new_link(plenary, lasts=timedelta(seconds=-1))
    elif age == "used":
        link = new_link(plenary)
        assert plenary.client().post(link).status_code == 303
    else:
        link = "/sign-in/" + ("A" * 43 if age == "unknown" else "%00'--")
    browser = plenary.client()
    for answer in (browser.get(link), browser.post(link)):
        assert answer.status_code == 404
        assert "no longer good" in answer.text
        assert "sign-in page" in answer.text
    assert browser.get("/account").status_code == 303


def test_guessing_is_slowed_but_a_good_link_still_works(plenary: World) -> None:
    browser = plenary.client()
    allowed = int(Limits.PER_GUESS.partition("/")[0])
    answers = [browser.get(f"/sign-in/guess{number}").status_code for number in range(allowed + 1)]
    assert answers == [404] * allowed + [429]
    refused = browser.post("/sign-in/another")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert browser.post(new_link(plenary)).status_code == 303
    assert browser.get("/registration/guess").status_code == 404, "other secrets are counted apart"


def test_letters_to_one_address_are_few_whether_or_not_it_is_known(plenary: World) -> None:
    know(plenary)
    know(plenary, "ben@example.org")
    allowed = int(Limits.PER_MAILBOX.partition("/")[0])
    for address in (ADA, "nobody@example.org"):
        answers = [plenary.client().post("/sign-in", data={"email": address}) for _ in range(allowed + 2)]
        assert [answer.status_code for answer in answers] == [303] * allowed + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
    plenary.client().post("/sign-in", data={"email": "ben@example.org"})
    assert len(plenary.mail("ben@example.org")) == 1  # the loop sends in order, so Ada's have all left
    assert len(plenary.mail(ADA)) == allowed


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "evil"],
)
def test_a_link_leads_to_no_other_site(plenary: World, elsewhere: str) -> None:
    know(plenary)
    browser = plenary.client()
    browser.post("/sign-in", data={"email": ADA, "next": elsewhere})
    [letter] = plenary.mail(ADA)
    assert browser.post(link_in(letter)).headers["location"] == "/account"


def test_a_browser_that_had_to_sign_in_comes_back_to_where_it_was(plenary: World) -> None:
    know(plenary)
    browser = plenary.client()
    sent = browser.get("/account?saved=1")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Fsaved%3D1")
    page = browser.get(sent.headers["location"])
    assert 'value="/account?saved=1"' in page.text
    browser.post("/sign-in", data={"email": ADA, "next": "/account?saved=1"})
    assert browser.post(link_in(plenary.mail(ADA)[0])).headers["location"] == "/account?saved=1"


def test_somebody_signed_in_is_not_asked_to_sign_in(plenary: World) -> None:
    answer = plenary.browser(ADA).get("/sign-in")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


def test_signing_in_again_begins_a_new_visit_and_ends_the_old_one(plenary: World) -> None:
    browser = plenary.browser(ADA)
    old = browser.cookies["plenary"]
    browser.post(new_link(plenary))
    assert browser.cookies["plenary"] != old
    replayed = plenary.client(cookies={"plenary": old})
    assert replayed.get("/account").status_code == 303


def test_signing_out_ends_the_visit_even_for_a_kept_cookie(plenary: World) -> None:
    browser = plenary.browser(ADA)
    kept = browser.cookies["plenary"]
    assert 'action="/sign-out"' in browser.get("/sign-out").text
    gone = browser.post("/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/")
    assert browser.get("/account").status_code == 303
    assert plenary.client(cookies={"plenary": kept}).get("/account").status_code == 303
    assert "You are not signed in." in browser.get("/sign-out").text


def test_a_made_up_visit_is_nobody(plenary: World) -> None:
    plenary.browser(ADA)
    for cookie in ("nonsense", "eyJ2aXNpdCI6ICJ4In0=.aaaa.bbbb"):
        assert plenary.client(cookies={"plenary": cookie}).get("/account").status_code == 303


def test_a_visit_is_kept_hashed_and_its_cookie_is_closed_to_scripts(plenary: World) -> None:
    browser = plenary.client()
    entered = browser.post(new_link(plenary))
    [cookie] = entered.headers.get_list("set-cookie")
    assert re.fullmatch(r"plenary=[^;]+; path=/; Max-Age=\d+; httponly; samesite=lax", cookie)
    with plenary.store.reading() as db:
        [visit] = db.query(Visit).all()
        assert re.fullmatch("[0-9a-f]{64}", visit.hash)
    assert browser.get(new_link(plenary)).headers["referrer-policy"] == "no-referrer"


def test_a_post_from_another_site_is_refused(plenary: World) -> None:
    link = new_link(plenary)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = plenary.client().post(link, headers=headers)
        assert answer.status_code == 403
    assert plenary.client().post(link, headers={"Origin": plenary.base_url}).status_code == 303


def test_an_invitation_lasts_a_week(plenary: World) -> None:
    with plenary.store.writing() as db:
        _, secret = invite(db, ADA, "/", clock.now() - timedelta(days=6, hours=23))
        _, late = invite(db, ADA, "/", clock.now() - timedelta(days=7))
    assert plenary.client().post(f"/sign-in/{late}").status_code == 404
    assert plenary.client().post(f"/sign-in/{secret}").status_code == 303


def test_of_many_who_use_a_link_at_once_one_gets_in(plenary: World) -> None:
    link = new_link(plenary)
    browsers = [plenary.client() for _ in range(8)]
    with ThreadPoolExecutor(len(browsers)) as pool:
        statuses = sorted(pool.map(lambda browser: browser.post(link).status_code, browsers))
    assert statuses == [303, *[404] * 7]
    with plenary.store.reading() as db:
        assert db.query(Visit).count() == 1
