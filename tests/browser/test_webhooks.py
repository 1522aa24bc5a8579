"""An organiser makes a webhook in a browser, by keyboard on a small screen, tries it out, and takes it away again."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from server import clock
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.meetings.queries import meeting_by_slug
from server.people.actions import invite
from tests.browser.conftest import NewContext
from tests.world import World

pytestmark = pytest.mark.browser


def check(page: Page) -> None:
    """Axe finds nothing, whatever is unfolded, and nothing runs off the side."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]] == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_a_webhook_is_made_tried_paused_and_removed(forum: World, context: NewContext) -> None:
    with forum.store.writing() as db:
        person, secret = invite(db, "olga@example.org", "/igf2014/desk", clock.now())
        grant_role(db, person, Role.ORGANISER, meeting_by_slug(db, "igf2014"))
    page = context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"/sign-in/{secret}")
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_role("main").get_by_role("link", name="Webhooks").click()
    page.get_by_label("Name").fill("UNESCO")
    page.get_by_label("Address").fill("http://nobody.invalid/")
    page.get_by_label("Everything written so far as well").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("must begin with https://")
    expect(page.get_by_label("Everything written so far as well")).to_be_checked()
    check(page)
    page.get_by_label("Address").fill("https://nobody.invalid/")
    page.get_by_label("Address").press("Enter")
    secret = page.get_by_label("Signing secret").input_value()
    assert secret.startswith("whsec_")
    check(page)
    page.get_by_role("link", name="Go on to the webhook").click()
    page.get_by_role("button", name="Send a test now").click()
    expect(page.get_by_role("status")).to_have_text("The test was not taken. The name of its host is not known.")
    check(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status")).to_have_text("It is paused. What is written is kept for it.")
    page.get_by_text("Renew the signing secret").click()
    page.get_by_role("button", name="Make a new secret").click()
    assert page.get_by_label("Signing secret").input_value() not in ("", secret)
    check(page)
    page.go_back()
    page.get_by_text("Remove", exact=True).click()
    page.get_by_role("button", name="Yes, remove this webhook").click()
    expect(page.get_by_role("status")).to_have_text("The webhook is removed.")
    expect(page.locator(".empty")).to_contain_text("There is no webhook yet.")
