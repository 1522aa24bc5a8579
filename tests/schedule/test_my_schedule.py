"""Choosing sessions at the front door: with an account and without, the clashes among them, and the private calendar."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest
import vobject
from sqlalchemy import select

from server import clock
from server.limits import Limits
from server.meetings.queries import meeting_by_slug
from server.people.actions import invite, person_for
from server.people.queries import person_by_address
from server.schedule.actions import private_feed_for, publish
from server.schedule.models import Chosen, PrivateFeed, Session, Status
from server.schedule.queries import private_calendar_of, session_by_code
from server.web.visit import MOST_KEPT
from tests.makers import NOON, make_meeting, make_session
from tests.world import World, at

MINE = "/igf2014/my-schedule"
ADA = "ada@example.org"
LATER = at("2014-09-01T12:00Z")


@pytest.fixture
def forum(plenary: World) -> World:
    """Four published sessions: ws1 and ws2 overlap, ws3 begins when ws2 ends, of1 has no time."""
    with plenary.store.writing() as db:
        made = make_meeting(db)
        make_session(db, made, "ws1")
        make_session(db, made, "ws2", starts_at=at("2014-09-02T07:00Z"), minutes=60, room=made.rooms[0])
        make_session(db, made, "ws3", starts_at=at("2014-09-02T08:00Z"), minutes=60)
        make_session(db, made, "of1", starts_at=None, minutes=None, type=made.session_types[2])
        publish(db, made, NOON)
    return plenary


def choose(client: httpx2.Client, *codes: str, drop: list[str] | None = None, slug: str = "igf2014") -> list[str]:
    """What is chosen afterwards, as a program is told."""
    answer = client.post(f"/{slug}/my-schedule", json={"choose": list(codes), "drop": drop or []})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["chosen"])


def shown(client: httpx2.Client, page: str = MINE) -> dict[str, bool]:
    """The sessions that a page offers, in its order, and whether each is chosen."""
    buttons = re.findall(r'<button class="compact choose"[^>]*>', client.get(page).text)
    found = (re.search(r'name="(\w+)" value="(\w+)" aria-pressed="(\w+)"', one) for one in buttons)
    kept = [one.groups() for one in found if one]
    assert all((name == "drop") == (pressed == "true") for name, _, pressed in kept)
    return {code: pressed == "true" for _, code, pressed in kept}


def kept(world: World) -> dict[str, set[str]]:
    """The codes that each account has chosen."""
    found: dict[str, set[str]] = {}
    with world.store.reading() as db:
        query = select(Chosen, Session).join(Session, Session.id == Chosen.session_id)
        for chosen, session in db.execute(query):
            found.setdefault(str(chosen.person_id), set()).add(session.code)
    return found


def calendar_of(world: World, address: str = ADA, slug: str = "igf2014") -> str:
    """The path of somebody's private calendar."""
    with world.store.reading() as db:
        person = person_by_address(db, address)
        assert person is not None
        return private_calendar_of(db, person, meeting_by_slug(db, slug), world.settings)


def test_nothing_is_chosen_at_first_and_the_page_says_what_to_do(forum: World) -> None:
    for client in (forum.client(), forum.browser(ADA)):
        page = client.get(MINE)
        assert (page.status_code, "Nothing chosen yet" in page.text, shown(client)) == (200, True, {})
        assert page.headers["cache-control"] == "no-store"
        assert shown(client, "/igf2014/schedule") == {"ws1": False, "ws2": False, "ws3": False, "of1": False}


@pytest.mark.parametrize("who", ["stranger", "account"])
def test_what_one_chooses_stands_by_day_and_can_be_dropped(forum: World, who: str) -> None:
    client = forum.client() if who == "stranger" else forum.browser(ADA)
    assert choose(client, "of1", "ws3", "ws1") == ["of1", "ws1", "ws3"]
    assert choose(client, "ws1") == ["of1", "ws1", "ws3"]
    assert shown(client) == {"ws1": True, "ws3": True, "of1": True}
    assert shown(client, "/igf2014/schedule") == {"ws1": True, "ws2": False, "ws3": True, "of1": True}
    assert shown(client, "/igf2014/sessions/ws1") == {"ws1": True}
    assert shown(client, "/igf2014/sessions/ws2") == {"ws2": False}
    assert 'class="chosen-mark"' in client.get("/igf2014/schedule?view=grid").text
    assert choose(client, drop=["ws1", "ws2", "nowhere"]) == ["of1", "ws3"]
    assert shown(forum.client()) == {}
    headings = re.findall(r'<h2 class="day"[^>]*>(.*?)</h2>', client.get(MINE).text)
    assert headings == ["Day 1 · Tue 2 Sept", "Time to be announced"]


@pytest.mark.parametrize("who", ["stranger", "account"])
def test_without_javascript_one_comes_back_to_where_one_was(forum: World, who: str) -> None:
    client = forum.client() if who == "stranger" else forum.browser(ADA)
    page = client.get("/igf2014/schedule?type=workshop&tz=Asia/Tokyo").text
    [back] = re.findall(r'name="back" value="([^"]*)"', page)
    answer = client.post(MINE, data={"choose": "ws1", "back": back.replace("&amp;", "&")})
    assert (answer.status_code, answer.headers["location"]) == (
        303, "/igf2014/schedule?type=workshop&tz=Asia/Tokyo#choose-ws1",
    )  # fmt: skip
    dropped = client.post(MINE, data={"drop": "ws1", "back": "/igf2014/sessions/ws1#elsewhere"})
    assert dropped.headers["location"] == "/igf2014/sessions/ws1#choose-ws1"
    assert shown(client) == {}


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\tx", "", "x", "/" * 600]
)
def test_one_is_not_led_to_another_site(forum: World, back: str) -> None:
    answer = forum.client().post(MINE, data={"choose": "ws1", "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MINE}#choose-ws1")


@pytest.mark.parametrize("who", ["stranger", "account"])
def test_only_what_is_published_can_be_chosen(forum: World, who: str) -> None:
    client = forum.client() if who == "stranger" else forum.browser(ADA)
    with forum.store.writing() as db:
        made = make_meeting(db, "igf2015", short_name="IGF 2015")
        make_session(db, made, "ws77")
    answers = [
        client.post(MINE, json=body) for body in ({"choose": ["ws1", "ws77"]}, {"choose": "x\r\ny"}, {}, {"x": "y"})
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 422, 422]
    assert client.post("/nowhere/my-schedule", json={"choose": "ws1"}).status_code == 404
    assert shown(client) == {}
    assert choose(client, "ws77", slug="igf2015") == ["ws77"]
    assert (shown(client), shown(client, "/igf2015/my-schedule")) == ({}, {"ws77": True})


def test_a_choice_that_is_not_allowed_chooses_nothing_from_another_site(forum: World) -> None:
    client = forum.browser(ADA)
    assert client.post(MINE, data={"choose": "ws1"}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert shown(client) == {}


def test_a_browser_keeps_only_so_many_in_a_cookie_that_browsers_take(plenary: World) -> None:
    many = MOST_KEPT + 1
    with plenary.store.writing() as db:
        made = make_meeting(db)
        for number in range(many):
            make_session(db, made, f"workshop{number}")
        for number in range(60):
            make_session(db, made, f"a-very-long-code-that-nobody-would-give-to-a-session-{number}")
    client = plenary.client()
    assert len(choose(client, *(f"workshop{number}" for number in range(MOST_KEPT)))) == MOST_KEPT
    refused = client.post(MINE, json={"choose": f"workshop{many - 1}"})
    assert (refused.status_code, "Sign in" in refused.json()["detail"]) == (409, True)
    assert len(shown(client)) == MOST_KEPT
    other = plenary.client()
    for number in range(60):
        other.post(MINE, json={"choose": f"a-very-long-code-that-nobody-would-give-to-a-session-{number}"})
    sizes = [len(f"plenary={one.cookies['plenary']}") for one in (client, other)]
    assert max(sizes) < 4000
    assert min(sizes) > 2000


def test_what_a_stranger_chose_comes_along_on_signing_in_and_stays_there(forum: World) -> None:
    with forum.store.writing() as db:
        made = make_meeting(db, "igf2015", short_name="IGF 2015")
        make_session(db, made, "ws77")
        person, secret = invite(db, ADA, "/", clock.now())
        ada = str(person.id)
    elsewhere = forum.browser(ADA)
    choose(elsewhere, "ws3")
    client = forum.client()
    choose(client, "ws1", "of1")
    choose(client, "ws77", slug="igf2015")
    with forum.store.writing() as db:
        db.delete(session_by_code(db, meeting_by_slug(db, "igf2014"), "of1"))
    assert client.post(f"/sign-in/{secret}").status_code == 303
    assert kept(forum) == {ada: {"ws1", "ws3", "ws77"}}
    assert shown(client) == shown(elsewhere) == {"ws1": True, "ws3": True}
    assert calendar_of(forum, slug="igf2015") != ""
    client.post("/sign-out")
    assert shown(client) == {}
    choose(client, "ws2")
    assert kept(forum) == {ada: {"ws1", "ws3", "ws77"}}


def test_clashes_among_ones_own_choices_are_told_at_both(forum: World) -> None:
    client = forum.client()
    choose(client, "ws1", "ws3")
    assert 'class="clash"' not in client.get(MINE).text
    choose(client, "ws2")
    page = client.get(MINE).text
    rows = dict(re.findall(r'(?s)<h3 class="session-title"><a href="[^"]*/(\w+)">.*?</h3>(.*?)</li>', page))
    notes = {code: re.findall(r'sessions/(\w+)">Session', rest) for code, rest in rows.items()}
    assert notes == {"ws1": ["ws2"], "ws2": ["ws1"], "ws3": []}
    assert "2 sessions overlap" in page
    with forum.store.writing() as db:
        made = meeting_by_slug(db, "igf2014")
        session_by_code(db, made, "ws2").status = Status.CANCELLED
        publish(db, made, LATER)
    page = client.get(MINE).text
    assert ('class="clash"' in page, "status-cancelled" in page) == (False, True)


def test_the_programme_is_the_same_for_every_stranger(forum: World) -> None:
    pages = {forum.client().get("/igf2014/schedule?type=workshop").text for _ in range(2)}
    chooser = forum.client()
    choose(chooser, "ws1")
    assert len(pages) == 1
    assert chooser.get("/igf2014/schedule?type=workshop").text not in pages


def test_a_stranger_shares_the_choice_as_an_ordinary_feed(forum: World) -> None:
    client = forum.client()
    choose(client, "ws3", "ws1")
    page = client.get(MINE).text
    assert f'value="{forum.base_url}/igf2014/schedule.ics?code=ws1&amp;code=ws3"' in page
    assert 'href="/igf2014/schedule?code=ws1&amp;code=ws3"' in page
    assert "/calendar/" not in page.replace("outlook.live.com/calendar/", "").replace(
        "outlook.office.com/calendar/", ""
    ).replace("calendar.google.com/calendar/", "")


# The private calendar


@pytest.fixture
def ada(forum: World) -> httpx2.Client:
    """Ada's browser, in which ws1 and of1 are chosen."""
    client = forum.browser(ADA)
    choose(client, "ws1", "of1")
    return client


def uids(text: str) -> list[str]:
    return [one.summary.value for one in vobject.readOne(text).contents.get("vevent", [])]


def test_the_private_calendar_holds_what_is_chosen_and_has_a_name_but_nobodys(forum: World, ada: httpx2.Client) -> None:
    path = calendar_of(forum)
    assert re.fullmatch(r"/calendar/[a-z0-9]{12}_[a-z2-7]{32}\.ics", path)
    page = ada.get(MINE).text
    assert f'value="{forum.base_url}{path}"' in page
    stranger = forum.client()
    stranger.headers.pop("accept")
    answer = stranger.get(path)
    assert {name: answer.headers.get(name) for name in ("content-type", "cache-control", "vary", "set-cookie",
            "access-control-allow-origin", "referrer-policy", "content-disposition")} == {
        "content-type": "text/calendar; charset=utf-8",
        "cache-control": "private, no-cache",
        "vary": "Accept-Encoding",
        "set-cookie": None,
        "access-control-allow-origin": None,
        "referrer-policy": "no-referrer",
        "content-disposition": 'inline; filename="igf2014-my-schedule.ics"',
    }  # fmt: skip
    text = answer.text.replace("\r\n ", "")
    assert uids(answer.text) == ["[WS] Session ws1"]
    assert "\r\nNAME:IGF 2014 – my schedule\r\n" in text
    assert "\r\nTRANSP:OPAQUE\r\n" in text
    assert f"\r\nSOURCE;VALUE=URI:{forum.base_url}{path}\r\n" in text
    assert f"\r\nURL:{forum.base_url}{MINE}\r\n" in text
    assert "ada" not in text.lower().replace("ada chair", "")
    assert path not in stranger.get("/igf2014/schedule.ics?code=ws1").text


def test_it_is_spared_whoever_has_it_until_something_in_it_changes(forum: World, ada: httpx2.Client) -> None:
    path = calendar_of(forum)
    client = forum.client()
    first, second = client.get(path), client.get(path)
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert (plain.content, plain.headers["etag"] == first.headers["etag"]) == (first.content, False)
    for known in (first, plain):
        asked = {"If-None-Match": known.headers["etag"], "Accept-Encoding": "gzip" if known is first else "identity"}
        spared = client.get(path, headers=asked)
        assert (spared.status_code, spared.content, spared.headers["cache-control"]) == (304, b"", "private, no-cache")
    assert client.get(path, headers={"If-Modified-Since": first.headers["last-modified"]}).status_code == 304
    tag = {"If-None-Match": first.headers["etag"]}
    choose(ada, "ws3")
    assert uids(client.get(path, headers=tag).text) == ["[WS] Session ws1", "[WS] Session ws3"]
    choose(ada, drop=["ws3"])
    assert client.get(path, headers=tag).status_code == 304
    with forum.store.writing() as db:
        made = meeting_by_slug(db, "igf2014")
        session_by_code(db, made, "ws1").status = Status.CANCELLED
        publish(db, made, LATER)
    after = client.get(path, headers=tag)
    assert uids(after.text) == ["Cancelled: [WS] Session ws1"]
    assert "STATUS:CANCELLED" in after.text


def test_dropping_is_a_change_for_who_asks_by_date(forum: World, ada: httpx2.Client) -> None:
    path = calendar_of(forum)
    before = clock.now() - timedelta(minutes=5)
    with forum.store.writing() as db:
        db.scalars(select(PrivateFeed)).one().changed_at = before
    client = forum.client()
    known = client.get(path).headers["last-modified"]
    assert known == before.strftime("%a, %d %b %Y %H:%M:%S GMT")
    choose(ada, drop=["ws2"])
    assert client.get(path, headers={"If-Modified-Since": known}).status_code == 304
    choose(ada, drop=["ws1"])
    assert client.get(path, headers={"If-Modified-Since": known}).status_code == 200


def test_it_takes_a_language_an_alarm_and_filters(forum: World, ada: httpx2.Client) -> None:
    choose(ada, "ws3")
    client = forum.client()
    path = calendar_of(forum)
    assert client.get(f"{path}?alarm=15").text.count("TRIGGER:-PT15M") == 2
    assert "VALARM" not in client.get(path).text
    assert uids(client.get(f"{path}?hide.code=ws3").text) == ["[WS] Session ws1"]
    japanese = client.get(f"{path}?lang=ja&alarm=5").text.replace("\r\n ", "")
    assert f"SOURCE;VALUE=URI:{forum.base_url}{path}?lang=ja&alarm=5\r\n" in japanese


def test_an_empty_choice_is_a_calendar_too(forum: World, ada: httpx2.Client) -> None:
    choose(ada, drop=["ws1", "of1"])
    answer = forum.client().get(calendar_of(forum))
    assert (answer.status_code, uids(answer.text)) == (200, [])


def test_revoked_it_is_gone_at_once_and_renewed_it_has_another_address(forum: World, ada: httpx2.Client) -> None:
    client = forum.client()
    first = calendar_of(forum)
    renewed = ada.post(f"{MINE}/feed", data={"action": "renew"})
    assert (renewed.status_code, renewed.headers["location"]) == (303, f"{MINE}#calendar")
    second = calendar_of(forum)
    assert [client.get(path).status_code for path in (first, second)] == [404, 200]
    assert ada.post(f"{MINE}/feed", json={"action": "revoke"}).json() == {"address": None}
    assert [client.get(path).status_code for path in (first, second)] == [404, 404]
    assert calendar_of(forum) == ""
    page = ada.get(MINE).text
    assert ("It is revoked" in page, "/calendar/" + first.split("/")[2] in page) == (True, False)
    choose(ada, "ws2")
    assert calendar_of(forum) == ""
    third = ada.post(f"{MINE}/feed", json={"action": "renew"}).json()["address"]
    assert third.startswith(f"{forum.base_url}/calendar/")
    assert uids(client.get(third).text) == ["[WS] Session ws1", "[WS] Session ws2"]
    assert len({first, second, third}) == 3
    assert client.get(second).status_code == 404


def test_only_its_owner_revokes_it(forum: World, ada: httpx2.Client) -> None:
    stranger, bob = forum.client(), forum.browser("bob@example.org")
    assert stranger.post(f"{MINE}/feed", data={"action": "revoke"}).headers["location"].startswith("/sign-in?next=")
    assert bob.post(f"{MINE}/feed", data={"action": "revoke"}).status_code == 303
    assert bob.post(f"{MINE}/feed", data={"action": "sell"}).status_code == 422
    assert stranger.get(calendar_of(forum)).status_code == 200
    assert bob.post(f"{MINE}/feed", data={"action": "renew"}).status_code == 303
    assert calendar_of(forum, "bob@example.org") not in ("", calendar_of(forum))


def test_a_wrong_secret_and_a_revoked_one_get_the_same_answer(forum: World, ada: httpx2.Client) -> None:
    path = calendar_of(forum)
    ada.post(f"{MINE}/feed", data={"action": "revoke"})
    client = forum.client(headers={"Accept": "application/json"})
    wrong = [path, path[:-5] + ("a" if path[-5] != "a" else "b") + ".ics", "/calendar/nobody_x.ics", "/calendar/_.ics",
             "/calendar/%ff%00.ics", f"/calendar/{'9' * 3000}.ics"]  # fmt: skip
    answers = {(answer.status_code, answer.text) for answer in (client.get(one) for one in wrong)}
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_guessing_is_slowed_and_who_has_the_address_is_not(forum: World, ada: httpx2.Client) -> None:
    client = forum.client()
    tries = int(Limits.PER_GUESS.partition("/")[0])
    answers = [client.get(f"/calendar/nobody_{number}.ics").status_code for number in range(tries + 1)]
    assert answers == [404] * tries + [429]
    assert client.get(calendar_of(forum)).status_code == 200


def test_choosing_the_same_at_the_same_time_is_choosing_it_once(forum: World) -> None:
    with forum.store.writing() as db:
        person_for(db, ADA, NOON)
    browsers = [forum.browser(ADA) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        chosen = list(pool.map(lambda client: choose(client, "ws1", "ws3"), browsers))
    assert chosen == [["ws1", "ws3"]] * 6
    with forum.store.reading() as db:
        assert len(db.scalars(select(PrivateFeed)).all()) == 1


def test_an_account_is_made_once_also_at_the_same_time(forum: World) -> None:
    def make(_number: int) -> int:
        with forum.store.writing() as db:
            person = person_for(db, ADA, NOON, language="ja")
            return private_feed_for(db, person, meeting_by_slug(db, "igf2014"), NOON).id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(make, range(6)))) == 1
