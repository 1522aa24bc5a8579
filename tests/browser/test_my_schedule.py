"""Choosing sessions in a real browser: at once, by keyboard, without JavaScript, and on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from server import clock
from server.people.actions import invite
from tests.browser.conftest import NewContext
from tests.world import World

pytestmark = pytest.mark.browser

MINE = "/igf2014/my-schedule"
DAY = "/igf2014/schedule?day=2014-09-03"


def button(page: Page, code: str) -> Locator:
    return page.locator(f"#choose-{code}")


def sign_in(forum: World, context: BrowserContext) -> None:
    with forum.store.writing() as db:
        _, secret = invite(db, "ada@example.org", MINE, clock.now())
    page = context.new_page()
    page.goto(f"/sign-in/{secret}")
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url(re.compile(r"/my-schedule$"))
    page.close()


def chosen(page: Page) -> list[str]:
    """The codes of the sessions in one's schedule, in its order."""
    page.goto(MINE)
    return [str(one.get_attribute("value")) for one in page.locator("button.choose").all()]


def first_codes(page: Page, count: int) -> list[str]:
    page.goto(DAY)
    return [str(one.get_attribute("value")) for one in page.locator("button.choose").all()[:count]]


def test_a_choice_is_made_at_once_and_said_politely(forum: World, context: NewContext) -> None:
    page = context().new_page()
    first, second, third = first_codes(page, 3)
    button(page, first).click()
    button(page, second).click()  # at once: neither loses the other
    button(page, third).focus()
    page.keyboard.press("Space")
    said = page.locator("#choosing [role=status]")
    expect(said).to_have_text("Sessions in my schedule: 3")
    button(page, second).click()
    expect(said).to_have_text("Sessions in my schedule: 2")
    expect(button(page, first)).to_have_attribute("aria-pressed", "true")
    expect(button(page, second)).to_have_attribute("aria-pressed", "false")
    expect(button(page, first)).to_have_accessible_name(re.compile("^My schedule ?: "))
    assert page.url.endswith(DAY)
    page.reload()
    expect(button(page, third)).to_have_attribute("aria-pressed", "true")
    assert chosen(page) == [first, third]


def test_what_cannot_be_saved_is_taken_back_and_said(forum: World, context: NewContext) -> None:
    made = context()
    page = made.new_page()
    [code] = first_codes(page, 1)
    made.set_offline(True)
    button(page, code).click()
    said = page.locator("#choosing [role=status]")
    expect(said).to_contain_text("could not be saved")
    expect(said).to_be_in_viewport()
    expect(button(page, code)).to_have_attribute("aria-pressed", "false")
    made.set_offline(False)
    button(page, code).click()
    expect(said).to_have_text("Sessions in my schedule: 1")


def test_without_javascript_the_same_works_with_a_new_page(forum: World, context: NewContext) -> None:
    made = context(java_script_enabled=False)
    page = made.new_page()
    codes = first_codes(page, 2)
    for code in codes:
        button(page, code).click()
        page.wait_for_url(f"**{DAY}#choose-{code}")
        expect(button(page, code)).to_have_attribute("aria-pressed", "true")
    assert chosen(page) == codes
    button(page, codes[0]).click()
    page.wait_for_url(f"**{MINE}#choose-{codes[0]}")
    assert chosen(page) == codes[1:]
    sign_in(forum, made)
    assert chosen(page) == codes[1:]
    expect(page.get_by_label("Address to subscribe to")).to_have_value(
        re.compile(rf"{forum.base_url}/calendar/\w+\.ics")
    )
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_the_address_is_copied(forum: World, context: NewContext) -> None:
    made = context(permissions=["clipboard-read", "clipboard-write"])
    page = made.new_page()
    [code] = first_codes(page, 1)
    button(page, code).click()
    sign_in(forum, made)
    page.goto(MINE)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("Address to subscribe to").input_value()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("It is revoked")).to_be_visible()
    assert page.context.request.get(copied).status == 404


@pytest.mark.parametrize(
    ("scheme", "width", "lang"), [("light", 1280, "en"), ("dark", 360, "en"), ("light", 320, "ja")]
)
def test_axe_finds_nothing_and_nothing_runs_off_the_side(
    forum: World, context: NewContext, scheme: str, width: int, lang: str
) -> None:
    made = context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = made.new_page()
    found: dict[str, str] = {}

    def look(address: str) -> None:
        answer = page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
        assert answer is not None
        assert answer.status == 200
        violations = Axe().run(page).response["violations"]
        found.update({f"{address} {one['id']}": one["nodes"][0]["html"][:200] for one in violations})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found[f"{address} overflows"] = str(width)

    look(MINE)
    for code in first_codes(page, 12):
        page.context.request.post(MINE, data={"choose": code})
    for address in (MINE, DAY, f"{DAY}&view=grid", "/igf2014/sessions/ws23"):
        look(address)
    sign_in(forum, made)
    look(MINE)
    page.locator("#calendar button[value=revoke]").click()
    look(MINE)
    assert found == {}
