"""Reading along in a real browser: languages, comfort, a bad line, the screen in the room, a frame on another site."""

import http.server
import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import NewContext
from tests.browser.test_every_page import LIGHT_ENOUGH, _weigh
from tests.world import World, wait_for

pytestmark = pytest.mark.browser

LIVE = "/igf2014/sessions/ws23/live"
LONG = "A participant asked how communities without travel budgets take part; the answer was remote hubs. " * 3
DECISIONS = Path(__file__).resolve().parents[2] / "docs" / "decisions"  # as much prose as there is
ARABIC, JAPANESE = "افتتح الرئيس الجلسة.", "議長が開会した。"


#: On the page for a bad line one chooses oneself how often it reloads, and can stop it; and axe takes the ground of a
#: page without styles for white, also where the browser makes it dark and the letters light.
NOT_FOR_THE_SMALLEST = ("meta-refresh", "color-contrast")


class Pen:
    """Writes what the tests read."""

    def __init__(self, forum: World) -> None:
        self.forum = forum
        self.program = forum.program("ray@example.org", role="rapporteur")

    def write(self, *texts: str, lang: str = "en") -> None:
        for text in texts:
            answer = self.program.post(f"{LIVE}/paragraphs", json={"text": text, "lang": lang})
            assert answer.status_code == 201, answer.text

    def edit(self, paragraph: str, text: str, base: int = 1) -> None:
        answer = self.program.post(f"{LIVE}/paragraphs/{paragraph}", json={"text": text, "base_rev": base})
        assert answer.status_code == 200, answer.text

    def retract(self, paragraph: str, reason: str) -> None:
        assert self.program.post(f"{LIVE}/paragraphs/{paragraph}/retract", json={"reason": reason}).status_code == 200

    def translate(self, paragraph: str, lang: str, text: str, of: int = 1, base: int = 0) -> None:
        words = {"text": text, "of": of, "base_rev": base}
        answer = self.program.post(f"{LIVE}/paragraphs/{paragraph}/translations/{lang}", json=words)
        assert answer.status_code == 200, answer.text

    def move(self, paragraph: str, before: str | None) -> None:
        answer = self.program.post(f"{LIVE}/paragraphs/{paragraph}/move", json={"before": before or ""})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def pen(forum: World) -> Pen:
    return Pen(forum)


def connected(page: Page, address: str = LIVE) -> Page:
    """The page, once it follows."""
    page.goto(address)
    expect(page.locator("#connection")).to_have_class(re.compile("is-on"))
    return page


def texts(page: Page) -> list[tuple[str | None, str | None, str]]:
    """Language, direction and words of each text there is, in order."""
    found = page.locator("#summary > .paragraph > .text").all()
    return [(one.get_attribute("lang"), one.get_attribute("dir"), one.inner_text()) for one in found]


def order(page: Page) -> list[str]:
    return page.locator("#summary > .paragraph").evaluate_all("all => all.map(one => one.id)")


def top_of(part: Locator) -> float:
    return part.evaluate("one => one.getBoundingClientRect().top")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.closest('.paragraph')?.id ?? document.activeElement.id")


# --- languages


def test_a_reader_chooses_the_language_and_changes_come_in_it(pen: Pen, context: NewContext) -> None:
    pen.write("The chair opened.", "A question was asked.")
    page = connected(context().new_page())
    expect(page.locator("#languages")).to_be_hidden()
    pen.translate("p1", "ja", JAPANESE)
    pen.translate("p1", "ar", ARABIC)
    page.get_by_text("Reading", exact=True).click()
    choice = page.get_by_label("Language of the text")
    expect(choice.locator("option")).to_have_text(
        ["Original", "العربية", "日本語", "Original and العربية", "Original and 日本語"]
    )

    choice.select_option("ar")
    expect(page.locator("#p1 .text")).to_have_text(ARABIC)
    assert texts(page) == [("ar", "rtl", ARABIC), ("en", "ltr", "A question was asked.")]
    expect(page.locator("#p2 .note")).to_have_text("Not translated yet: this is the original.")
    pen.translate("p2", "ar", "سؤال")
    expect(page.locator("#p2 .text")).to_have_text("سؤال")
    pen.edit("p1", "The chair opened the session.")
    expect(page.locator("#p1 .note")).to_have_text("This translation is of an earlier wording.")
    pen.translate("p1", "ar", "افتتح", of=2, base=1)
    expect(page.locator("#p1 .note")).to_have_count(0)
    pen.move("p2", "p1")
    wait_for(lambda: order(page) == ["p2", "p1"])

    choice.select_option("both:ja")
    expect(page.locator("#p1 .text")).to_have_count(2)
    assert texts(page)[1:] == [("en", "ltr", "The chair opened the session."), ("ja", "ltr", JAPANESE)]
    page.reload()
    expect(page.locator("#p1 .text")).to_have_count(2)
    page.goto(LIVE)  # without it in the address it is kept in the browser
    expect(page.locator("#p1 .text")).to_have_count(2)
    pen.retract("p1", "a slip")
    expect(page.locator("#p1 .text")).to_have_text(["This paragraph was withdrawn: a slip"])


def drawn(page: Page) -> list[object]:
    """All that a reader sees of the paragraphs."""
    return page.locator("#summary > .paragraph").evaluate_all(
        """all => all.map(one => [one.id, one.dataset.rev, one.classList.contains("is-retracted"),
          ...[...one.querySelectorAll(".text, .note, .meta")].map(part => [part.lang, part.dir, part.innerHTML.replace(/datetime="[^"]+"/, "").trim()])])"""
    )


@pytest.mark.parametrize("choice", ["original", "ja", "both:ar"])
def test_whoever_follows_sees_what_a_fresh_page_shows(pen: Pen, context: NewContext, choice: str) -> None:
    """Forty writes of every kind, drawn by lot; scripts and server draw the same."""
    lot = random.Random(choice)
    pen.write("# One", "*Two*", "Three")
    address = f"{LIVE}?text={choice}"
    page = connected(context().new_page(), address)
    for number in range(40):
        stands = pen.program.get(f"{LIVE}.json").json()["paragraphs"]
        p = lot.choice(stands)
        act = lot.choice(["write", "edit", "move", "translate", "translate", "retract", "restore", "take away"])
        lang = lot.choice(["ja", "ar"])
        held = next((one for one in p.get("translations", []) if one["lang"] == lang), {"rev": 0})
        if act == "write":
            pen.write(f"## Number {number}")
        elif act == "restore":
            pen.program.post(f"{LIVE}/paragraphs/{p['id']}/restore", json={})
        elif act == "move":
            pen.move(p["id"], lot.choice([None, *(one["id"] for one in stands)]))
        elif p["state"] == "retracted":
            continue
        elif act == "edit":
            pen.edit(p["id"], f"Edited **{number}**", p["rev"])
        elif act == "retract":
            pen.retract(p["id"], f"because of {number}")
        elif held["rev"] or act == "translate":
            words = {"text": f"{lang} {number}" if act == "translate" else "", "of": p["rev"], "base_rev": held["rev"]}
            pen.program.post(f"{LIVE}/paragraphs/{p['id']}/translations/{lang}", json=words)
    pen.write("The end.")
    expect(page.get_by_text("The end.").first).to_be_attached()
    fresh = context(java_script_enabled=False).new_page()
    fresh.goto(address)
    assert drawn(page) == drawn(fresh)
    assert len(drawn(page)) > 5


def test_what_a_page_does_not_know_it_passes_over(pen: Pen, context: NewContext) -> None:
    pen.write("One")
    page = context().new_page()
    opened = []

    def change(line: WebSocketRoute) -> None:
        opened.append(line)
        server = line.connect_to_server()
        server.on_message(lambda text: line.send(str(text).replace('"op":"edit"', '"op":"something-new"')))

    page.route_web_socket(re.compile("/live/ws"), change)
    connected(page)
    pen.program.post(f"{LIVE}/paragraphs/p1", json={"text": "Edited", "base_rev": 1})
    pen.write("Two")
    expect(page.locator("#p2")).to_be_attached()
    assert len(opened) == 1


def test_a_language_is_chosen_without_scripts(pen: Pen, context: NewContext) -> None:
    pen.write("The chair opened.")
    pen.translate("p1", "ja", JAPANESE)
    page = context(java_script_enabled=False, viewport={"width": 320, "height": 640}).new_page()
    page.goto(LIVE)
    page.get_by_text("Reading", exact=True).click()
    page.get_by_label("Language of the text").select_option("ja")
    page.get_by_role("button", name="Choose").click()
    assert texts(page) == [("ja", "ltr", JAPANESE)]
    page.goto(LIVE)
    assert texts(page) == [("ja", "ltr", JAPANESE)]


# --- comfort


def test_a_pause_holds_everything_and_loses_nothing(pen: Pen, context: NewContext) -> None:
    pen.write("One", "Two")
    page = connected(context().new_page())
    page.get_by_role("button", name="Pause").click()
    pen.write("Three", "Four")
    pen.edit("p1", "One, corrected")
    expect(page.get_by_role("button", name="Resume (2 new)")).to_be_visible()
    assert [words for _, _, words in texts(page)] == ["One", "Two"]
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_have_class(re.compile("is-off|is-connecting"))
    pen.write("Five")
    page.context.set_offline(False)
    expect(page.locator("#p3")).to_have_count(0)
    page.get_by_role("button", name="Resume (3 new)").click()
    expect(page.locator("#p5")).to_be_visible()
    assert [words for _, _, words in texts(page)] == ["One, corrected", "Two", "Three", "Four", "Five"]
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_who_reads_above_is_told_of_what_is_new_and_not_moved(pen: Pen, context: NewContext) -> None:
    pen.write(*[LONG] * 20)
    page = connected(context().new_page())
    page.evaluate("scrollTo(0, 600)")
    stood = page.evaluate("scrollY")
    pen.write("New one", "New two", "New three")
    button = page.locator("#new")
    expect(button).to_have_text("3 new")
    assert page.evaluate("scrollY") == stood
    button.press("Enter")
    expect(page.locator("#p21")).to_be_in_viewport()
    assert focused(page) == "p21"
    expect(button).to_be_hidden()
    page.evaluate("scrollTo(0, 0)")
    pen.write("New four")
    expect(button).to_have_text("1 new")
    button.focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(button).to_be_hidden()
    assert focused(page) == "p24"


def test_at_the_end_it_scrolls_along_only_when_that_is_wanted(pen: Pen, context: NewContext) -> None:
    pen.write(*[LONG] * 8)
    page = connected(context().new_page())
    page.evaluate("document.getElementById('p8').scrollIntoView({block: 'end'})")
    stood = page.evaluate("scrollY")
    pen.write(LONG, LONG)
    expect(page.locator("#new")).to_be_visible()
    assert page.evaluate("scrollY") == stood

    page.get_by_text("Reading", exact=True).click()
    page.get_by_label("Scroll along while I am at the end").check()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Reading"
    page.evaluate("document.getElementById('p10').scrollIntoView({block: 'end'})")
    pen.write(LONG)
    expect(page.locator("#p11")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    pen.write(LONG)
    expect(page.locator("#p12")).to_be_attached()
    assert page.evaluate("scrollY") == 0


def test_what_one_reads_stays_where_it_is_when_something_above_changes(pen: Pen, context: NewContext) -> None:
    pen.write(*[LONG] * 12)
    page = connected(context(viewport={"width": 360, "height": 640}).new_page())
    read = page.locator("#p8")
    read.evaluate("one => one.scrollIntoView({block: 'center'})")
    stood = top_of(read)
    pen.edit("p2", LONG * 4)
    expect(page.locator("#p2 .edited")).to_be_attached()
    assert top_of(read) == pytest.approx(stood, abs=1)
    pen.move("p1", "p11")
    wait_for(lambda: order(page)[0] == "p2")
    assert top_of(read) == pytest.approx(stood, abs=1)
    pen.retract("p2", "a slip")
    expect(page.locator("#p2.is-retracted")).to_be_attached()
    assert top_of(read) == pytest.approx(stood, abs=1)


def test_the_focus_is_never_taken_away(pen: Pen, context: NewContext) -> None:
    pen.write("See [this](https://example.org).", "Two", "Three")
    page = connected(context().new_page())
    page.locator("#p1 .text a").focus()
    pen.write("Four")
    expect(page.locator("#p4")).to_be_attached()
    assert focused(page) == "p1"
    pen.move("p1", None)
    wait_for(lambda: order(page) == ["p2", "p3", "p4", "p1"])
    assert focused(page) == "p1"
    pen.edit("p1", "The link is gone.")
    expect(page.locator("#p1 .edited")).to_be_attached()
    assert focused(page) == "p1"


def test_how_one_reads_is_kept_and_large_type_fits_a_small_phone(pen: Pen, context: NewContext) -> None:
    pen.write(LONG, "Donaudampfschifffahrtsgesellschaftskapitänsmütze")
    page = connected(context(viewport={"width": 320, "height": 640}).new_page())
    before = page.locator("#p1 .text").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    page.get_by_text("Reading", exact=True).click()
    page.get_by_label("Size of the text").select_option("largest")
    assert page.locator("#p1 .text").evaluate("one => parseFloat(getComputedStyle(one).fontSize)") == 2 * before
    connected(page)
    assert page.locator("#p1 .text").evaluate("one => parseFloat(getComputedStyle(one).fontSize)") == 2 * before
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_language_chosen_during_a_pause_is_shown(pen: Pen, context: NewContext) -> None:
    pen.write("The chair opened.")
    pen.translate("p1", "ja", JAPANESE)
    page = connected(context().new_page())
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Reading", exact=True).click()
    page.get_by_label("Language of the text").select_option("ja")
    expect(page.locator("#p1 .text")).to_have_text(JAPANESE)


# --- a screen reader


def said(page: Page) -> tuple[list[str], str]:
    """What stands in the two regions that are read out."""
    return page.locator("#news > p").all_inner_texts(), page.locator("#changes").inner_text()


def regions(page: Page) -> list[tuple[str, str, str]]:
    """Role, name and politeness of each live region in the tree that a screen reader is given."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    found = []
    for node in nodes:
        properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        role = node.get("role", {}).get("value", "")
        if role in ("log", "status") and not node.get("ignored"):
            found.append((role, node.get("name", {}).get("value", ""), properties.get("live", "off")))
    return found


def test_a_screen_reader_hears_in_batches_what_its_reader_wants(pen: Pen, context: NewContext) -> None:
    pen.write("## Opening\n\nThe chair opened.")
    page = context().new_page()
    page.clock.install()
    connected(page)
    assert regions(page) == [
        ("status", "", "polite"), ("log", "Summary", "off"), ("log", "New paragraphs", "polite"), ("status", "", "polite"),
    ]  # fmt: skip
    pen.write("A *question*.")
    pen.write(ARABIC, lang="ar")
    pen.edit("p1", "## Opening\n\nThe chair opened the session.")
    expect(page.locator("#p1 .edited")).to_be_attached()
    assert said(page) == ([], "")  # not yet: one batch for all of it
    page.clock.fast_forward(7_000)
    assert said(page) == (["A question.", ARABIC], "Paragraph 1 was changed.")
    assert page.locator("#news > p").nth(1).get_attribute("dir") == "rtl"

    page.get_by_text("Reading", exact=True).click()
    page.get_by_label("Read out by a screen reader").select_option("headings only")
    pen.write("Nobody hears this.", "### Discussion\n\nNor this.")
    expect(page.locator("#p5")).to_be_attached()
    page.clock.fast_forward(7_000)
    assert said(page)[0] == ["Discussion"]

    page.get_by_label("Read out by a screen reader").select_option("nothing")
    page.get_by_label("Read out by a screen reader").focus()
    pen.write("## Nobody hears this either.")
    expect(page.locator("#p6")).to_be_attached()
    page.clock.fast_forward(30_000)
    assert said(page)[0] == []
    assert focused(page) == "announce"


def test_many_at_once_are_only_counted(pen: Pen, context: NewContext) -> None:
    pen.write("One", "Two", "Three", "Four")
    page = context().new_page()
    page.clock.install()
    connected(page)
    pen.write(*[f"New {number}" for number in range(5)])
    for number in range(1, 5):
        pen.edit(f"p{number}", "changed")
    pen.retract("p5", "a slip")
    expect(page.locator("#p5.is-retracted")).to_be_attached()
    page.clock.fast_forward(7_000)
    assert (page.locator("#news").inner_text(), said(page)[1]) == ("4 new paragraphs.", "5 paragraphs were changed.")


# --- the line


def test_the_page_says_when_it_is_not_live(forum: World, pen: Pen, context: NewContext) -> None:
    pen.write("One")
    page = connected(context().new_page())
    hub, line = forum.plenary.hub, page.locator("#connection")
    hub._loop.call_soon_threadsafe(hub.hear, False)
    expect(line).to_have_text(
        "The server does not hear of new paragraphs at the moment. They will appear here by themselves."
    )
    page.reload()
    expect(line).to_contain_text("does not hear")
    hub._loop.call_soon_threadsafe(hub.hear, True)
    expect(line).to_have_text("Connected: new paragraphs appear by themselves.")


def test_on_a_bad_line_it_asks_now_and_then_for_text_alone(pen: Pen, context: NewContext) -> None:
    pen.write("One")
    page = context().new_page()
    page.clock.install()
    connected(page)
    page.context.add_cookies([{"name": "much", "value": "x" * 1000, "url": page.url}])
    asked = []
    page.on("response", lambda one: asked.append((one.status, "cookie" in one.request.all_headers())))
    page.get_by_text("Reading", exact=True).click()
    page.get_by_label("On a bad line").select_option("Text only, every 30 seconds")
    expect(page.locator("#connection")).to_have_text("Asks every 30 seconds, text only.")
    pen.write("Two *stars*")
    page.clock.fast_forward(20_000)
    expect(page.locator("#p2")).to_have_count(0)
    page.clock.fast_forward(14_000)
    expect(page.locator("#p2 .text")).to_have_text("Two *stars*")
    page.context.set_offline(True)
    page.clock.fast_forward(34_000)
    expect(page.locator("#connection")).to_have_class(re.compile("is-off"))
    pen.write("Three")
    page.context.set_offline(False)
    wait_for(lambda: page.clock.fast_forward(34_000) or page.locator("#p3").count() == 1)
    expect(page.locator("#p3 .text")).to_have_text("Three")
    assert {status for status, _ in asked} == {200, 204}
    assert [cookie for _, cookie in asked] == [False] * len(asked)
    page.reload()
    expect(page.locator("#connection")).to_have_text("Asks every 30 seconds, text only.")
    page.get_by_text("Reading", exact=True).click()
    page.get_by_label("On a bad line").select_option("No, everything at once")
    expect(page.locator("#p2 .text em")).to_have_text("stars")


def test_on_a_line_of_2g_the_text_is_there_before_the_scripts(pen: Pen, context: NewContext) -> None:
    pen.write(*[LONG] * 60)
    page = context().new_page()
    held = threading.Event()

    def hold(route, request) -> None:  # type: ignore[no-untyped-def]
        if held.is_set():
            route.continue_()
        else:
            waiting.append(route)

    waiting: list = []
    page.route(re.compile(r"\.js$"), hold)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 300, "downloadThroughput": 50_000 / 8 * 5, "uploadThroughput": 20_000 / 8 * 5}
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(LIVE, wait_until="commit")
    expect(page.locator("#p60")).to_be_attached()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_for(lambda: page.evaluate("performance.getEntriesByName('first-contentful-paint').length") == 1)
    held.set()
    for route in waiting:
        route.continue_()
    expect(page.locator("#connection")).to_have_class(re.compile("is-on"))
    pen.write("And it follows.")
    expect(page.locator("#p61 .text")).to_have_text("And it follows.")


def test_a_first_visit_to_a_long_summary_is_light(forum: World, pen: Pen, context: NewContext) -> None:
    """Sixty paragraphs of 400 characters, as different from each other as what people write is."""
    prose = re.sub(r"[^\w.,;:() ]+", " ", " ".join(page.read_text() for page in sorted(DECISIONS.glob("*.md"))))
    pen.write(*[prose[start * 400 : start * 400 + 400].strip() for start in range(60)])
    sizes = _weigh(context().new_page(), forum, LIVE)
    assert sum(sizes.values()) < LIGHT_ENOUGH * 1024, sizes
    assert len(forum.client().get(f"{LIVE}.json").json()["paragraphs"]) == 60


# --- elsewhere


def test_the_screen_in_the_room_shows_the_newest_at_the_bottom(pen: Pen, context: NewContext) -> None:
    pen.write(*[LONG] * 5)
    page = connected(context(viewport={"width": 1920, "height": 1080}).new_page(), f"{LIVE}/screen")
    pen.write("The newest.")
    newest = page.locator("#p6")
    expect(newest).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight") == 1080
    assert newest.locator(".text").evaluate("one => parseFloat(getComputedStyle(one).fontSize)") > 45
    bottom = newest.evaluate("one => one.getBoundingClientRect().bottom")
    assert page.locator("footer").evaluate("one => one.getBoundingClientRect().top") - bottom < 60
    pen.edit("p1", "Long out of view.")
    expect(page.locator("#p1 .text")).to_have_text("Long out of view.")
    expect(newest).to_be_in_viewport(ratio=1)
    page.keyboard.press("f")
    wait_for(lambda: page.evaluate("Boolean(document.fullscreenElement)"))
    expect(page.get_by_role("button", name="Full screen")).to_have_count(0)


class Partner:
    """A site elsewhere, with a page that has a frame in it."""

    def __init__(self, address: str) -> None:
        body = f'<!doctype html><title>Partner</title><iframe src="{address}" title="x" width=600 height=400></iframe>'

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *words: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://localhost:{self.server.server_port}/"  # another site than 127.0.0.1
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def elsewhere(chromium: Browser) -> Iterator:  # type: ignore[type-arg]
    """Open a page of another site that has an address of ours in a frame."""
    context, partners = chromium.new_context(locale="en-GB"), []

    def show(address: str) -> Page:
        partners.append(Partner(address))
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda line: page.complaints.append(line.text))  # type: ignore[attr-defined]
        page.goto(partners[-1].address)
        return page

    yield show
    context.close()
    for partner in partners:
        partner.server.shutdown()
        partner.server.server_close()


def test_a_frame_on_another_site_follows_and_keeps_nothing(forum: World, pen: Pen, elsewhere) -> None:  # type: ignore[no-untyped-def]
    pen.write(*[LONG] * 4, "See [this](/igf2014) or [that](https://example.org/report).")
    page = elsewhere(f"{forum.base_url}{LIVE}/embed?lang=ja")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#connection")).to_have_class(re.compile("is-on"))
    pen.write("The newest.")
    expect(frame.locator("#p6 .text")).to_be_in_viewport()
    pen.translate("p6", "ja", JAPANESE)
    frame.locator("#text").select_option("ja")
    expect(frame.locator("#p6 .text")).to_have_text(JAPANESE)
    with page.context.expect_page() as opened:
        frame.locator("h1 a").click()
    assert opened.value.url == f"{forum.base_url}{LIVE}"
    opened.value.close()
    assert page.context.cookies() == []


@pytest.mark.parametrize("address", [LIVE, f"{LIVE}/screen", "/igf2014", "/sign-in"])
def test_no_other_page_can_be_framed_elsewhere(forum: World, elsewhere, address: str) -> None:  # type: ignore[no-untyped-def]
    page = elsewhere(forum.base_url + address)
    wait_for(lambda: any("frame-ancestors" in line for line in page.complaints))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_whatever_is_chosen(pen: Pen, context: NewContext, scheme: str) -> None:
    pen.write("# Opening\n\nThe chair opened.", "Two", *[LONG] * 3)
    pen.write(ARABIC, lang="ar")
    pen.translate("p1", "ja", JAPANESE)
    pen.retract("p2", "a slip")
    found = {}
    for width in (360, 1280):
        page = context(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
        for address in (f"{LIVE}?text=both:ja", f"{LIVE}/screen", f"{LIVE}/embed?text=ja", f"{LIVE}?quiet=30"):
            page.goto(address)
            if "quiet" not in address:
                expect(page.locator("#connection")).to_have_class(re.compile("is-on"))
            if "both" in address:
                page.get_by_role("button", name="Pause").click()
                page.get_by_text("Reading", exact=True).click()
            rules = {name: {"enabled": "quiet" not in address} for name in NOT_FOR_THE_SMALLEST}
            for one in Axe().run(page, options={"rules": rules}).response["violations"]:
                found[f"{address} {width} {one['id']}"] = one["nodes"][0]["html"][:200]
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found[f"{address} {width} overflows"] = ""
    assert found == {}


def test_targets_are_large_enough_for_a_thumb(pen: Pen, context: NewContext) -> None:
    pen.write("One")
    page = connected(context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).new_page())
    page.get_by_text("Reading", exact=True).click()
    targets = page.locator("#pause, #reading > summary, #reading select:visible, #reading label.choice")
    heights = targets.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert min(heights) >= 44
    assert len(heights) >= 6


def test_what_is_focused_is_not_hidden_by_what_sticks(pen: Pen, context: NewContext) -> None:
    pen.write(*[f"[link {number}](https://example.org/{number}) {LONG}" for number in range(12)])
    page = connected(context(viewport={"width": 1280, "height": 600}).new_page())
    pen.write(LONG)
    expect(page.locator("#new")).to_be_visible()
    page.locator("#p1 .anchor").focus()
    hidden = []
    for _ in range(22):
        page.keyboard.press("Tab")
        hidden += page.evaluate(
            """() => {
              const box = document.activeElement.getBoundingClientRect();
              const shown = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
              return document.activeElement.contains(shown) ? [] : [document.activeElement.outerHTML.slice(0, 80)];
            }"""
        )
    assert hidden == []
