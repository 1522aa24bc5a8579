"""The programme in a real browser: each view, the reader's own clock, and the booklet on paper."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from server import clock
from server.meetings.queries import meeting_by_slug
from server.schedule.facts import End, frame_of, planned_of, public_facts
from server.schedule.models import Entry, Part, Publication, Session, SessionPerson
from server.schedule.queries import programme_sessions
from tests.browser.conftest import NewContext
from tests.world import World, wait_for

pytestmark = pytest.mark.browser

VIEWS = ("list", "grid", "now", "rooms", "tracks", "people")


def move_some(forum: World) -> None:
    """Two sessions changed yesterday, one takes place twice, and one is on now: there is a mark on every view."""
    now = clock.now()
    with forum.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        sessions = [one for one in programme_sessions(db, meeting) if one.starts_at and one.room]
        last = db.query(Publication).filter_by(meeting_id=meeting.id).count()
        for number, when in ((last + 1, now.replace(year=now.year - 1)), (last + 2, now)):
            db.add(
                Publication(meeting_id=meeting.id, number=number, published_at=when, note="", frame=frame_of(meeting))
            )
        db.flush()
        sessions[1].repeats = sessions[0].code
        sessions[0].starts_at, sessions[0].ends_at = now, now.replace(year=now.year + 1)
        sessions[0].people.append(SessionPerson(position=99, part=Part.SPEAKER, name="山田太郎"))
        for session in sessions[:2]:
            facts = public_facts(planned_of(session), End(session.ends_at, False))
            for number, kinds in ((last + 1, []), (last + 2, ["time", "room"])):
                entry = Entry(meeting_id=meeting.id, number=number, code=session.code, facts=facts, kinds=kinds)
                db.merge(entry)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view_and_nothing_runs_off_the_side(
    forum: World, context: NewContext, scheme: str
) -> None:
    move_some(forum)
    width = {"light": 1280, "dark": 320}[scheme]
    page = context(color_scheme=scheme, viewport={"width": width, "height": 800}, timezone_id="Asia/Tokyo").new_page()
    with forum.store.reading() as db:
        code = db.query(Session).filter(Session.repeats != "").one().code
    # two days of five: axe takes its time with each element, and a session more is the same elements once more
    days = "day=2014-09-01&day=2014-09-02"
    views = [f"/igf2014/schedule?{days}&view={view}" for view in VIEWS]
    found = {}
    for address in [*views, f"/igf2014/sessions/{code}", f"/igf2014/schedule/booklet?{days}", f"{views[3]}&lang=ja"]:
        for direction in ("ltr", "rtl"):
            page.goto(address)
            page.evaluate(f"document.documentElement.dir = '{direction}'")
            if direction == "ltr":
                violations = Axe().run(page).response["violations"]
                found.update({f"{address} {one['id']}": one["nodes"][0]["html"][:200] for one in violations})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found[f"{address} overflows {direction}"] = str(width)
    assert found == {}


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Kathmandu", "11:45–13:15 Nepal Time"),
        ("America/Los_Angeles", "Mon, 1 Sept, 23:00 – Tue, 2 Sept, 00:30 Los Angeles Time"),
        ("Europe/Bucharest", ""),
    ],
)
def test_the_browser_adds_the_readers_own_time(forum: World, context: NewContext, zone: str, shown: str) -> None:
    page = context(timezone_id=zone).new_page()
    page.goto("/igf2014/schedule?code=ws23&code=ws7&day=2014-09-02")
    wait_for(lambda: page.locator("time[data-reader-zone]").count() > 0)
    times = page.locator(".session-row .reader-time")
    said = [re.sub(r"\s+", " ", words).replace(", ", " ") for words in times.all_inner_texts()]
    assert {words.replace("Sep ", "Sept ") for words in said} == ({shown.replace(", ", " ")} if shown else set())


@pytest.mark.parametrize("paper", ["A4", "A5"])
def test_the_booklet_is_printed_whole_on_numbered_pages(forum: World, context: NewContext, paper: str) -> None:
    page = context().new_page()
    page.goto("/igf2014/schedule/booklet")
    printed = page.pdf(format=paper)
    with forum.store.reading() as db:
        codes = {one.code for one in db.query(Session)}
    linked = rb"/URI \(" + re.escape(f"{forum.base_url}/igf2014/sessions/".encode()) + rb"([\w-]+)\)"
    assert {code.decode() for code in re.findall(linked, printed)} == codes
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert {"A4": 10, "A5": 15}[paper] < pages < {"A4": 30, "A5": 60}[paper]
    page.emulate_media(media="print")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.booklet-day > h2')).display") == "table-header-group"
    )
    assert not page.locator(".masthead").is_visible()
