"""The programme page and a session's page, as a browser without JavaScript sees them."""

import gzip
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import event

from server import clock
from server.schedule.loading import load_programme
from server.schedule.models import Part, Programme, Session, SessionPerson, Status
from tests.makers import NOON, make_meeting, make_session
from tests.world import World, at

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

DEMO = Path(__file__).parents[2] / "demo" / "igf2014.yaml"


def words(html: str) -> str:
    """The text of a page as one reads it."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def rows(html: str) -> dict[str, str]:
    """What each line of the list says, by session, but for the button with which it is chosen."""
    found = re.findall(r'<li class="session-row.*?</li>', re.sub(r"<button.*?</button>", "", html, flags=re.S), re.S)
    return {re.findall(r"/sessions/([\w-]+)", row)[0]: words(row) for row in found}


def make_one(plenary: World, code: str = "ws112", **facts: object) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db), code, **facts)


def test_a_session_is_listed_with_its_time_type_room_and_track(plenary: World) -> None:
    make_one(plenary)
    html = plenary.client().get("/igf2014/schedule").text
    assert rows(html) == {"ws112": "09:00–10:30 Session ws112 WS Workshop Workshop Room 01 Internet and Human Rights"}
    assert "Day 1 · Tue 2 Sept" in words(html)


def test_what_is_not_known_is_said_to_be_announced(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "roomless", room=None, track=None, end_is_estimate=True)
        make_session(db, meeting, "timeless", starts_at=None, minutes=None, track=None, day=meeting.first_day)
        make_session(db, meeting, "dayless", starts_at=None, minutes=None, track=None)
    client = plenary.client()
    expected = {
        "roomless": "09:00–10:30 end estimated Session roomless WS Workshop Room to be announced",
        "timeless": "Time to be announced Session timeless WS Workshop Workshop Room 01",
        "dayless": "Time to be announced Session dayless WS Workshop Workshop Room 01",
    }
    for view in ("list", "grid"):
        assert rows(client.get(f"/igf2014/schedule?view={view}").text) == expected
    day = client.get("/igf2014/schedule?day=2014-09-02").text
    assert list(rows(day)) == ["roomless", "timeless"]
    assert "1 session has no day yet: time to be announced" in words(day)
    assert 'href="/igf2014/schedule#to-be-announced"' in day


def test_a_cancelled_session_stays_marked(plenary: World) -> None:
    make_one(plenary, status=Status.CANCELLED, track=None)
    client = plenary.client()
    assert rows(client.get("/igf2014/schedule").text)["ws112"].endswith("Workshop Room 01 Cancelled")
    assert "Cancelled" in words(client.get("/igf2014/schedule?view=grid").text)
    page = words(client.get("/igf2014/sessions/ws112").text)
    assert "This session is cancelled." in page
    assert "Watch the stream" not in page


def test_the_grid_shows_sessions_that_collide_beside_each_other(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "a")
        make_session(db, meeting, "b", starts_at=at("2014-09-02T06:30Z"))
    html = plenary.client().get("/igf2014/schedule?view=grid").text
    assert re.findall(r'<article class="slot colour-blue (col-\d+ row-\d+ span-\d+)">', html) == [
        "col-1 row-1 span-6",
        "col-2 row-3 span-6",
    ]
    assert 'data-rooms="2"' in html


@pytest.mark.parametrize(
    ("zone", "start", "reader", "shown"),
    [
        ("Europe/Istanbul", "2014-09-02T06:00Z", "Asia/Tokyo", "09:00–10:30 15:00–16:30 Tokyo time"),
        ("Europe/Istanbul", "2014-09-02T18:00Z", "Asia/Tokyo", "21:00–22:30 Wed 3 Sept, 03:00–04:30 Tokyo time"),
        ("Europe/Istanbul", "2014-09-02T06:00Z", "Asia/Kathmandu", "09:00–10:30 11:45–13:15 Kathmandu time"),
        ("Europe/Istanbul", "2014-09-02T06:00Z", "America/Los_Angeles", "09:00–10:30 Mon 1 Sept, 23:00–Tue 2 Sept, 00:30 Los Angeles time"),
        ("America/New_York", "2014-11-02T05:30Z", "UTC", "01:30–02:00 05:30–07:00 UTC"),
        ("Europe/Istanbul", "2014-09-02T06:00Z", "Mars/Phobos", "09:00–10:30"),
        ("Europe/Istanbul", "2014-09-02T06:00Z", "Europe/Bucharest", "09:00–10:30"),
    ],
)  # fmt: skip
def test_the_readers_own_time_stands_beside_the_venues(
    plenary: World, zone: str, start: str, reader: str, shown: str
) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db, timezone=zone), starts_at=at(start))
    html = plenary.client().get(f"/igf2014/schedule?tz={reader}").text
    plain = rows(html)["ws112"].partition(" Session ws112")[0]
    assert plain.replace("(", "").replace(")", "").replace("· ", "").replace(" – ", "–") == shown
    kept = f"/igf2014/sessions/ws112?tz={reader.replace('/', '%2F') if clock.is_zone(reader) else ''}"
    assert (unescape(html).replace("%2F", "/").find(kept.replace("%2F", "/")) > 0) == clock.is_zone(reader)


def test_the_page_offers_the_feed_of_what_it_shows(plenary: World) -> None:
    make_one(plenary)
    client = plenary.client()
    html = unescape(
        client.get("/igf2014/schedule?type=workshop&hide.room=main-hall&tz=Asia/Tokyo&view=grid&lang=ja").text
    )
    query = "type=workshop&hide.room=main-hall"
    address = f"{plenary.base_url}/igf2014/schedule.ics?{query}&lang=ja"
    webcal = address.replace("http://", "webcal://")
    assert f'value="{address}"' in html
    assert f'href="{webcal}"' in html
    assert 'href="https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F127.0.0.1%3A' in html
    assert f'href="/igf2014/schedule.json?{query}"' in html
    assert client.get(address.removeprefix(plenary.base_url)).text.count("BEGIN:VEVENT") == 1


def test_the_form_keeps_what_it_cannot_show(plenary: World) -> None:
    make_one(plenary)
    html = (
        plenary.client()
        .get("/igf2014/schedule?type=workshop&code=ws112&hide.track=trust&view=grid&q=session&tz=Asia/Tokyo")
        .text
    )
    form = html.partition('<form class="filters"')[2].partition("</form>")[0]
    assert re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', form) == [
        ("code", "ws112"), ("hide.track", "trust"), ("view", "grid"),
    ]  # fmt: skip
    assert 'name="type" value="workshop" checked' in form
    assert 'name="q" value="session"' in form
    assert "<option selected>Asia/Tokyo" in form
    assert ">Sub-theme<" in form


def test_what_is_on_and_what_comes_next_stand_above(plenary: World) -> None:
    now = clock.now()
    with plenary.store.writing() as db:
        meeting = make_meeting(db, first_day=now.date() - timedelta(days=1))
        make_session(db, meeting, "on", starts_at=now - timedelta(minutes=10))
        make_session(db, meeting, "next", starts_at=now + timedelta(minutes=90))
    panel = plenary.client().get("/igf2014/schedule").text.partition('<form class="filters"')[0]
    assert re.search(r"On now .* Session on .* Follow live : Session on Next .* Session next", words(panel))


def test_empty_pages_say_what_will_be_there(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    client = plenary.client()
    for path in ("/igf2014/schedule", "/igf2014/schedule?view=grid&type=x"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "The programme is not published yet" in words(answer.text)
    with plenary.store.writing() as db:
        db.add(Programme(meeting_id=1, version=1, published_at=NOON))
    assert "The programme is not published yet" in words(client.get("/igf2014/schedule").text)
    assert client.get("/igf1999/schedule").status_code == 404


def test_a_filter_nothing_fits_says_so_and_offers_everything(plenary: World) -> None:
    make_one(plenary)
    html = plenary.client().get("/igf2014/schedule?type=nonsense").text
    assert rows(html) == {}
    assert "No session fits all of these choices." in words(html)


def test_what_an_address_says_is_shown_as_text(plenary: World) -> None:
    make_one(plenary, title={"en": "<script>alert(1)</script>"}, description={"en": "<b>x</b> [y](javascript:z)"})
    client = plenary.client()
    evil = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    for path in (
        f"/igf2014/schedule?q={evil}&tz={evil}&type={evil}&view={evil}&day={evil}&hide.q={evil}",
        "/igf2014/schedule?view=grid",
        "/igf2014/sessions/ws112",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert 'href="javascript' not in answer.text


def test_a_session_has_a_page_with_all_that_is_known(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        session = make_session(
            db, meeting, room=meeting.rooms[0], end_is_estimate=True, description={"en": "Why *this* matters."}
        )
        session.people.append(SessionPerson(position=3, part=Part.SPEAKER, name="Bo", organisation="Example Org"))
        make_session(db, meeting, "before", room=meeting.rooms[0], starts_at=at("2014-09-02T04:00Z"))
        make_session(db, meeting, "after", room=meeting.rooms[0], starts_at=at("2014-09-02T08:00Z"))
        make_session(db, meeting, "beside")
        make_session(db, meeting, "elsewhere", starts_at=at("2014-09-02T10:00Z"))
    html = plenary.client().get("/igf2014/sessions/ws112?tz=Asia/Tokyo").text
    page = words(html)
    for said in (
        "Session ws112", "WS Workshop", "Tue, 2 Sept 2014, 09:00–10:30 Istanbul time", "15:00–16:30 Tokyo time",
        "The end is an estimate: nobody has announced it.", "Main Meeting Hall", "Sub-theme Internet and Human Rights",
        "Chair Ada Chair", "Speakers Bo Example Org", "Why this matters.",
    ):  # fmt: skip
        assert said in page
    assert "<em>this</em>" in html
    for link in ("/igf2014/sessions/ws112/live", "https://stream.example/main", "/igf2014/sessions/ws112.ics"):
        assert f'href="{link}"' in html
    assert list(rows(html)) == ["before", "after", "beside"]


def test_a_session_without_a_time_offers_no_calendar(plenary: World) -> None:
    make_one(plenary, starts_at=None, minutes=None)
    html = plenary.client().get("/igf2014/sessions/ws112").text
    assert "Time to be announced" in words(html)
    assert ".ics" not in html.partition("<footer")[0]


def test_texts_in_other_languages_say_which(plenary: World) -> None:
    make_one(plenary, title={"ar": "إدارة الإنترنت"}, description={"ar": "نص"}, language="ar")
    html = plenary.client().get("/igf2014/sessions/ws112").text
    assert '<h1><span lang="ar" dir="rtl">إدارة الإنترنت</span></h1>' in html
    assert '<div lang="ar" dir="rtl"><p>نص</p></div>' in html
    assert "Language Arabic" in words(html)


def test_an_unknown_session_is_not_there(plenary: World) -> None:
    make_one(plenary)
    assert plenary.client().get("/igf2014/sessions/ws113").status_code == 404


@pytest.mark.parametrize("path", ["/schedule", "/schedule?view=grid&type=workshop", "/sessions/ws0"])
def test_thirty_sessions_cost_as_many_queries_as_one(plenary: World, path: str) -> None:
    with plenary.store.writing() as db:
        for slug, size in (("one", 1), ("thirty", 30)):
            meeting = make_meeting(db, slug)
            for number in range(size):
                make_session(db, meeting, f"ws{number}", room=meeting.rooms[number % 2])
    asked: dict[str, list[str]] = {"one": [], "thirty": []}
    client = plenary.client()
    for slug, statements in asked.items():

        def note(
            _connection: object, _cursor: object, statement: str, *_rest: object, into: list[str] = statements
        ) -> None:
            if "letter" not in statement:  # the post office looks after its own letters meanwhile
                into.append(statement)

        event.listen(plenary.plenary.store.engine, "before_cursor_execute", note)
        assert client.get(f"/{slug}{path}").status_code == 200
        event.remove(plenary.plenary.store.engine, "before_cursor_execute", note)
    assert len(asked["one"]) == len(asked["thirty"]) > 0


def test_the_whole_programme_of_2014_is_light(plenary: World) -> None:
    with plenary.store.writing() as db:
        load_programme(db, DEMO.read_text(), clock.now())
        total = db.query(Session).count()
    client = plenary.client()
    for query in ("", "?day=2014-09-03", "?view=grid", "?day=2014-09-03&view=grid"):
        html = client.get(f"/igf2014/schedule{query}").text
        parts = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"', html))
        weight = len(gzip.compress(html.encode(), 6)) + sum(
            len(gzip.compress(client.get(part).content, 6)) for part in parts
        )
        assert weight < 60 * 1024
    assert len(rows(client.get("/igf2014/schedule").text)) == total == 87
