"""Two write and three follow, in real browsers, on a good line, a cut one and a slow one: all end with the same text."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.test_journey import SESSION, write
from tests.browser.test_reading import regions
from tests.browser.test_writers import at_the_desk, shown, texts, violations
from tests.world import World, wait_for

pytestmark = pytest.mark.browser

#: A line of 2G in Chromium's terms: milliseconds there and back, bytes a second.
SLOW = {"offline": False, "latency": 800, "downloadThroughput": 6_000, "uploadThroughput": 2_500}


def follower(context: NewContext) -> Page:
    page = context(viewport={"width": 400, "height": 800}).new_page()
    page.goto(f"{SESSION}/live")
    expect(page.locator("#connection")).to_have_class(re.compile("is-on"))
    return page


def test_two_write_and_three_follow_over_good_and_bad_lines(forum: World, context: NewContext) -> None:
    ada, ray = at_the_desk(forum, context(), "Ada Lovelace"), at_the_desk(forum, context(), "Ray Porter")
    near, cut, slow = follower(context), follower(context), follower(context)
    line = slow.context.new_cdp_session(slow)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)

    write(ada, "The chair opened.")
    write(ada, "The agenda was taken as read.")
    expect(cut.locator("#summary > .paragraph")).to_have_count(2)
    cut.context.set_offline(True)
    ray.context.set_offline(True)  # a rapporteur's line, too
    write(ray, "Ray wrote this without a line.")
    write(ada, "A question came from the hub in Nairobi.")
    expect(near.locator("#summary > .paragraph")).to_have_count(3)
    ada.get_by_role("button", name="Move paragraph 3 up").click()
    expect(ada.locator("#done")).to_contain_text("is now number 2")
    ray.context.set_offline(False)
    expect(near.get_by_text("Ray wrote this without a line.")).to_be_visible()
    assert violations(near) == []  # while text comes in
    assert ("log", "Summary", "off") in regions(near)
    assert ("log", "New paragraphs", "polite") in regions(near)
    ada.get_by_role("link", name="Edit p1").click()
    ada.get_by_role("textbox", name="Edit paragraph 1").fill("The co-chairs opened.")
    ada.keyboard.press("Control+Enter")
    cut.context.set_offline(False)
    write(ray, "The session closed.")

    wait_for(lambda: len(texts(forum)) == 5)
    expected = [
        "The co-chairs opened.", "A question came from the hub in Nairobi.", "The agenda was taken as read.",
        "Ray wrote this without a line.", "The session closed.",
    ]  # fmt: skip
    assert texts(forum) == expected
    for page in (near, cut, slow, ada, ray):
        expect(page.locator("#summary > .paragraph .text")).to_have_text(expected, timeout=30_000)
        assert shown(page) == expected
