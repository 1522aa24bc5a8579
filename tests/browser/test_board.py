"""The board in real browsers: by mouse, by keys and by form, with two editors of whom one is on a slow line."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from server import clock
from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.schedule.drafting import held
from server.schedule.plan import Planned
from tests.browser.conftest import NewContext
from tests.browser.test_together import SLOW
from tests.world import World, wait_for

pytestmark = pytest.mark.browser

DESK = "/igf2014/desk/programme"
DAY = f"{DESK}?day=2014-09-03"


def editor(forum: World, context: BrowserContext, name: str) -> Page:
    """A browser in which an organiser of this name looks at the board of the second day."""
    address = f"{name.lower()}@example.org"
    client = forum.browser(address, role="organiser")
    with forum.store.writing() as db:
        person_for(db, address, clock.now()).name = name
    context.add_cookies([{"name": "plenary", "value": client.cookies["plenary"], "url": forum.base_url}])
    page = context.new_page()
    page.goto(DAY)
    return page


def planned(forum: World, code: str) -> Planned:
    """The session as it is planned now."""
    with forum.store.reading() as db:
        return held(db, meeting_by_slug(db, "igf2014"), code).planned


def place(forum: World, code: str) -> tuple[str | None, str | None, int | None]:
    """Room, start at the venue and given length of a session as it is planned."""
    one = planned(forum, code)
    start = f"{clock.local(one.starts_at, 'Europe/Istanbul'):%d %H:%M}" if one.starts_at else None
    return one.room, start, one.minutes


def card(page: Page, code: str) -> Locator:
    return page.locator(f"#s-{code}")


def drag(page: Page, what: Locator, x: float, y: float, *, from_bottom: bool = False) -> None:
    """Take hold of a card near its top (or by its lower edge) and drop it at a point of the window."""
    box = what.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + (box["height"] - 4 if from_bottom else 8))
    page.mouse.down()
    page.mouse.move(box["x"] + 70, box["y"] + box["height"] / 2, steps=3)
    page.mouse.move(x, y, steps=8)
    page.mouse.up()


def on_the_grid(page: Page, room: str, hour: str) -> tuple[float, float]:
    """The point of the window where a room's column and the beginning of an hour meet."""
    column = page.locator(f".board-grid .room[data-room='{room}']").first.bounding_box()
    row = page.locator(".board-grid .hour", has_text=hour).first.bounding_box()
    assert column
    assert row
    return column["x"] + 60, row["y"] + 3


def test_a_session_is_dragged_stretched_swapped_parked_and_taken_back(forum: World, context: NewContext) -> None:
    page = editor(forum, context(viewport={"width": 1280, "height": 1000}), "Olga")
    said = page.locator("#board-said")
    page.locator("#board").evaluate("board => board.scrollIntoView()")
    assert place(forum, "ws23") == ("wr02", "03 09:00", 90)

    x, y = on_the_grid(page, "wr01", "11:00")
    drag(page, card(page, "ws23"), x, y + 5)
    expect(said).to_contain_text("saved")
    assert place(forum, "ws23") == ("wr01", "03 11:00", 90)

    box = card(page, "ws23").bounding_box()
    assert box
    drag(page, card(page, "ws23"), box["x"] + 60, on_the_grid(page, "wr01", "13:00")[1], from_bottom=True)
    wait_for(lambda: place(forum, "ws23")[2] != 90)
    assert place(forum, "ws23") == ("wr01", "03 11:00", 120)

    expect(card(page, "ws23")).to_have_attribute("data-minutes", "120")
    main = card(page, "main2").bounding_box()
    assert main
    before = place(forum, "main2")
    drag(page, card(page, "ws23"), main["x"] + 60, main["y"] + 30)
    page.get_by_role("button", name="Swap the two").click()
    wait_for(lambda: place(forum, "ws23")[0] == before[0])
    assert (place(forum, "ws23"), place(forum, "main2")[:2]) == ((*before[:2], 120), ("wr01", "03 11:00"))

    expect(card(page, "ws23")).to_have_attribute("data-room", before[0] or "")
    parked = page.locator(".parked").bounding_box()
    assert parked
    drag(page, card(page, "ws23"), parked["x"] + 60, parked["y"] + 150)
    expect(said).to_contain_text("parked")
    assert place(forum, "ws23") == (None, None, 120)

    page.get_by_role("button", name="Take back").click()
    page.wait_for_url("**done=*")
    assert place(forum, "ws23")[:2] == before[:2]


def test_everything_is_done_by_keys_too_and_said(forum: World, context: NewContext) -> None:
    page = editor(forum, context(), "Olga")
    said = page.locator("#board-said")
    card(page, "ws23").focus()
    page.keyboard.press("Space")
    expect(said).to_contain_text("picked up")
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(said).to_contain_text("09:30, 95 minutes, Workshop Room 01")
    page.keyboard.press("Space")
    expect(said).to_contain_text("saved")
    assert place(forum, "ws23") == ("wr01", "03 09:30", 95)
    expect(card(page, "ws23")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(said).to_contain_text("stays where it was")
    assert place(forum, "ws23") == ("wr01", "03 09:30", 95)
    page.keyboard.press("Space")
    page.keyboard.press("p")
    expect(said).to_contain_text("parked")
    assert place(forum, "ws23") == (None, None, 95)


def test_two_editors_one_on_a_slow_line_overwrite_nothing(forum: World, context: NewContext) -> None:
    olga, otto = editor(forum, context(), "Olga"), editor(forum, context(), "Otto")
    line = otto.context.new_cdp_session(otto)
    line.send("Network.enable")
    otto.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    line.send("Network.emulateNetworkConditions", SLOW)
    card(otto, "ws23").focus()
    otto.keyboard.press("Space")
    otto.keyboard.press("ArrowDown")

    card(olga, "ws23").focus()
    for key in ("Space", "ArrowLeft", "Space"):
        olga.keyboard.press(key)
    wait_for(lambda: place(forum, "ws23")[0] == "wr01")

    otto.keyboard.press("Space")  # on what he saw before
    expect(otto.locator("#board-said")).to_contain_text("was changed meanwhile", timeout=30_000)
    expect(otto.locator("#board-said")).to_contain_text("Olga")
    assert place(forum, "ws23") == ("wr01", "03 09:00", 90)
    expect(card(otto, "ws23")).to_have_attribute("data-room", "wr01", timeout=30_000)

    card(otto, "ws23").focus()
    for key in ("Space", "ArrowDown", "Space"):
        otto.keyboard.press(key)
    wait_for(lambda: place(forum, "ws23")[1] == "03 09:15", 30)
    expect(card(olga, "ws23")).to_have_attribute("data-start", "09:15", timeout=15_000)  # it comes by itself
    expect(olga.locator("#board-said")).to_contain_text("Otto")

    olga.goto(f"{DESK}/edits")
    olga.locator("#edit-2").get_by_role("button", name="Take back").click()
    expect(olga.get_by_role("main")).to_contain_text("was changed since")
    expect(olga.get_by_role("main")).to_contain_text("Otto")
    assert place(forum, "ws23") == ("wr01", "03 09:15", 90)


def test_what_was_typed_on_an_old_state_comes_back_with_what_happened(forum: World, context: NewContext) -> None:
    olga, otto = editor(forum, context(), "Olga"), editor(forum, context(java_script_enabled=False), "Otto")
    otto.goto(f"{DESK}/sessions/ws23")
    olga.goto(f"{DESK}/sessions/ws23")
    olga.get_by_label("Format").fill("Round table")
    olga.get_by_role("button", name="Save in the draft").click()
    expect(olga.get_by_role("status")).to_contain_text("Saved")
    otto.get_by_label("Title in English").fill("What Otto typed")
    otto.get_by_role("button", name="Save in the draft").click()
    expect(otto.get_by_role("alert")).to_contain_text("Olga")
    expect(otto.get_by_label("Title in English")).to_have_value("What Otto typed")
    assert planned(forum, "ws23").format == "Round table"
    otto.get_by_role("button", name="Save in the draft").click()
    expect(otto.get_by_role("status")).to_contain_text("Saved")
    assert planned(forum, "ws23").title["en"] == "What Otto typed"


def test_without_a_line_nothing_is_lost_and_it_is_said(forum: World, context: NewContext) -> None:
    page = editor(forum, context(), "Olga")
    card(page, "ws23").focus()
    page.context.set_offline(True)
    for key in ("Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.locator("#board-said")).to_contain_text("offline just now")
    page.context.set_offline(False)
    assert place(forum, "ws23") == ("wr02", "03 09:00", 90)
    expect(card(page, "ws23")).to_have_attribute("data-start", "09:00")


def test_a_clash_shows_at_once_on_both_and_leads_to_mending_or_a_waiver(forum: World, context: NewContext) -> None:
    page = editor(forum, context(), "Olga")
    other = "main2"
    room, start, _ = place(forum, other)
    page.goto(f"{DESK}/sessions/ws23")
    page.get_by_label("Room").select_option(room)
    page.get_by_label("Start (optional)").fill((start or "")[3:])
    page.get_by_role("button", name="Save in the draft").click()
    expect(page.get_by_role("region", name="Clashes")).to_contain_text(other.upper())
    page.goto(f"{DESK}/sessions/{other}")
    expect(page.get_by_role("region", name="Clashes")).to_contain_text("WS23")
    page.goto(f"{DESK}/publish")
    expect(page.get_by_role("button", name="Publish now")).to_be_disabled()
    page.goto(f"{DESK}/clashes")
    clash = page.locator(".clash-list > li", has_text="Room used twice").first
    clash.get_by_text("Waive this one").click()
    clash.get_by_label("Reason").fill("They share the room on purpose")
    clash.get_by_role("button", name="Waive").click()
    expect(page.get_by_text("They share the room on purpose")).to_be_visible()
    page.goto(f"{DESK}/publish")
    expect(page.get_by_role("button", name="Publish now")).to_be_enabled()
    page.get_by_label("Note").fill("A shared room")
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("main")).to_contain_text("A shared room")


def test_the_desk_is_accessible_also_while_something_is_in_hand(forum: World, context: NewContext) -> None:
    for options in ({"color_scheme": "light"}, {"color_scheme": "dark", "viewport": {"width": 360, "height": 780}}):
        page = editor(forum, context(**options), "Olga")
        card(page, "ws23").focus()
        page.keyboard.press("Space")
        assert [found["id"] for found in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
