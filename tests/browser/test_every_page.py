"""Every page there is: accessible in light and dark, whole on a phone, light on the line, and from this host alone."""

import re
from collections.abc import Callable

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from starlette.routing import Route

from server import clock
from server.app import routes
from server.meetings.queries import meeting_by_slug
from server.people.actions import invite
from tests.browser.conftest import NewContext
from tests.browser.test_journey import SESSION
from tests.makers import make_registration
from tests.world import World, link_in, wait_for

pytestmark = pytest.mark.browser

#: Kilobytes over the wire for a first visit, styles and scripts included.
LIGHT_ENOUGH = 60
PLACES = {
    "{m}": "igf2014",
    "{s}": "ws23",
    "{p}": "p1",
    "{slug}": "ws23",
    "{number:int}": "1",
    "{kind}": "rooms",
    "{id:int}": "1",
}
#: With every session axe takes long, and finds nothing that it does not find with those of a day.
LONG = ("/igf2014/schedule", "/igf2014/schedule/booklet")
#: Files, feeds and streams: they are no pages.
NO_PAGE = re.compile(
    r"\.(ics|json|xml|csv|xlsx|md|txt)$|/events$|/ws$|^/(healthz|readyz|metrics)|^/static|^/\{path:path\}/$|\.\{|/state$|/files/"
)


def furnish(forum: World) -> None:
    """Something on every page: a summary that was written and published, one being written, participants."""
    rapporteur = forum.program("ray@example.org", role="rapporteur")
    for session in (SESSION, "/igf2014/sessions/ws1"):
        rapporteur.post(f"{session}/live/paragraphs", json={"text": "The chair *opened* the session.", "lang": "en"})
        rapporteur.post(f"{session}/live/paragraphs", json={"text": "議長が開会した。", "lang": "ja"})
        rapporteur.post(f"{session}/live/paragraphs", json={"text": "افتتح الرئيس الجلسة.", "lang": "ar"})
    rapporteur.post(f"{SESSION}/live/paragraphs/p2/retract", json={"reason": "said twice"})
    rapporteur.post(f"{SESSION}/live/status", json={"status": "closed"})
    olga = forum.program("olga@example.org", role="organiser")
    hook = {"label": "UNESCO – Observatory", "url": f"https://nobody.invalid/{'long-' * 30}", "begin": "beginning"}
    assert olga.post("/igf2014/desk/webhooks", json=hook).status_code == 201
    words = {
        "subject_en": "Visa letters",
        "body_en": f"Please write.\n\n{'long-' * 30}",
        "subject_ja": "ビザ",
        "body_ja": "旅券番号",
    }
    assert olga.post("/igf2014/desk/reminders", json={**words, "group": ["press", "government"]}).status_code == 201
    desk = "/igf2014/desk/registration"
    options = f"Vegan | ヴィーガン\nHalal\n{'long-' * 30}"
    for kind in ("text", "number", "choice", "choices", "country", "date", "file", "consent"):
        question = {"label_en": f"Your {kind}", "hint_en": "Why", "kind": kind, "options": options, "groups": ["press"]}
        assert olga.post(f"{desk}/questions", json=question).status_code == 201
    places = {"registration_open": True, "onsite": 1, "asks_gender": True, "asks_first_time": True, "notice_en": "Why."}
    assert olga.post(desk, json={**places, "keep_days": 90, "offer_hours": 5}).status_code == 200
    now = clock.now()
    with forum.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        make_registration(db, meeting, "first@example.org", attendance="onsite")
        for number, country in enumerate(("TR", "JP", "KE", "BR") * 6):
            make_registration(db, meeting, f"one{number}@example.org", country=country, public=True, opened_at=now)


def publish_and_correct(forum: World) -> None:
    """Version 1 of a document is published, version 2 is a draft."""
    olga = forum.program("olga@example.org", role="organiser")
    desk = "/igf2014/desk/outputs/ws23"

    def done(answer: httpx2.Response) -> str:
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["edition"])

    edition = done(olga.post(f"{desk}/review", json={}))
    text = {
        "title": "Accountability",
        "lang": "en",
        "chair": "Ada",
        "rapporteur": "Ray",
        "text": ["One"],
        "text_lang": ["en"],
    }
    edition = done(olga.post(desk, json={"edition": edition, **text}))
    edition = done(olga.post(f"{desk}/sign-off", json={"edition": edition, "name": "Olga Organiser"}))
    done(olga.post(f"{desk}/publish", json={"edition": edition}))
    done(olga.post(f"{desk}/correction", json={"correction": "A name was misspelt."}))


@pytest.fixture
def organiser(forum: World, context: NewContext) -> Callable[..., BrowserContext]:
    """Make contexts in which an organiser is signed in."""
    furnish(forum)
    publish_and_correct(forum)

    def make(**options: object) -> BrowserContext:
        made = context(**options)
        with forum.store.writing() as db:
            _, secret = invite(db, "olga@example.org", "/", clock.now())
        page = made.new_page()
        page.goto(f"/sign-in/{secret}")
        page.get_by_role("main").get_by_role("button").click()
        page.wait_for_url(re.compile(r"/$"))
        page.close()
        return made

    return make


def addresses(forum: World) -> list[str]:
    """The address of every page, from the routes themselves."""
    found = []
    for route in routes():
        if isinstance(route, Route) and "GET" in (route.methods or ()) and not NO_PAGE.search(route.path):
            path = route.path
            for name, value in PLACES.items():
                path = path.replace(name, value)
            found.append(path)
    return found


def filled(forum: World, path: str) -> str:
    """The address with what only the data can say."""
    with forum.store.reading() as db:
        from server.registration.models import Registration

        reference = db.query(Registration).first().reference  # type: ignore[union-attr]
    return path.replace("{reference}", reference)


def secret_pages(forum: World) -> list[str]:
    """A page behind a mailed link, as somebody who registered sees it."""
    body = {
        "given_name": "Ayşe", "family_name": "Yılmaz", "email": "ayse@example.org", "country": "TR", "organisation": "X",
        "stakeholder_group": "press", "attendance": "onsite",
    }  # fmt: skip
    assert forum.client().post("/igf2014/register", json=body).status_code == 202
    link = link_in(forum.mail("ayse@example.org")[0])
    assert forum.client().post(f"{link}/address", json={"email": "ayse@new.example"}).status_code == 200
    confirm = link_in(forum.mail("ayse@new.example")[0])
    answers = {"q-your-text": "Ada", "q-your-choices": ["vegan"], "q-your-consent": True}
    waits = {**body, "email": "waits@example.org", "stakeholder_group": "government"}
    assert forum.client().post("/igf2014/register", json={**waits, **answers}).status_code == 202
    waiting = link_in(forum.mail("waits@example.org")[0])
    with forum.store.writing() as db:
        _, secret = invite(db, "someone@example.org", "/", clock.now())
    own = [link, f"{link}/change", f"{link}/address", f"{link}/erase"]
    return [*own, waiting, confirm, f"/sign-in/{secret}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_runs_off_the_side(
    forum: World, organiser: Callable[..., BrowserContext], scheme: str
) -> None:
    width = {"light": 1280, "dark": 360}[scheme]
    page = organiser(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
    extra = [
        "/igf2014/schedule?view=grid&day=2014-09-03",
        "/igf2014/schedule?q=nothing-like-this",
        "/igf2014/desk/sessions/ws1/summary",
        "/igf2014/desk/sessions/ws1/summary?into=ja",
        "/igf2014/desk/sessions/ws1/summary/p1/translations?into=ar",
        "/no/such/page",
    ]
    visited, found = 0, {}
    for address in [*addresses(forum), *secret_pages(forum), *extra]:
        if "{secret}" in address:
            continue
        address = filled(forum, address)
        answer = page.goto(address + ("?day=2014-09-03" if address in LONG else ""))
        assert answer is not None
        assert "{" not in address, f"say in PLACES what stands for the name in {address}"
        assert answer.status == (404 if address == "/no/such/page" else 200), (address, answer.status)
        visited += 1
        violations = Axe().run(page).response["violations"]
        found.update({f"{address} {one['id']}": one["nodes"][0]["html"][:200] for one in violations})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found[f"{address} overflows"] = str(width)
    assert found == {}
    assert visited > 25


@pytest.mark.parametrize("address", ["/igf2014", "/igf2014/schedule", "/igf2014/schedule?view=grid&day=2014-09-03"])
def test_a_first_visit_is_light(forum: World, context: NewContext, address: str) -> None:
    page = context().new_page()
    sizes = _weigh(page, forum, address)
    assert sum(sizes.values()) < LIGHT_ENOUGH * 1024, sizes


def _weigh(page: Page, forum: World, address: str) -> dict[str, int]:
    """Compressed bytes of the page and of everything it asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    with httpx2.Client(trust_env=False, headers={"Accept-Encoding": "gzip"}) as client:
        sizes = {}
        for url in asked:
            with client.stream("GET", url) as answer:
                sizes[url] = sum(len(chunk) for chunk in answer.iter_raw())
    assert any(url.endswith(".css") for url in sizes)
    return sizes


def test_a_phone_of_320_pixels_shows_the_programme_whole(forum: World, context: NewContext) -> None:
    page = context(viewport={"width": 320, "height": 640}).new_page()
    for address in ("/igf2014", "/igf2014/schedule", "/igf2014/sessions/ws23", "/igf2014/register", "/meetings"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address


def test_the_reader_sees_their_own_time_beside_the_venues(forum: World, context: NewContext) -> None:
    page = context(timezone_id="Asia/Kathmandu").new_page()
    page.goto("/igf2014/sessions/ws23")
    times = page.locator(".reader-time").first
    wait_for(lambda: times.count() > 0)
    assert "11:45" in times.inner_text()  # 09:00 in Istanbul (UTC+3) is 11:45 in Kathmandu (UTC+5:45)
