"""The form as somebody meets it who listens to it: names, hints and faults are said, and the focus goes where they are."""

import re

import pytest
from playwright.sync_api import Page, expect

from server import clock
from server.meetings.queries import meeting_by_slug
from server.registration.deciding import change_admission
from tests.browser.conftest import NewContext
from tests.world import World, link_in

pytestmark = pytest.mark.browser

#: What is asked, in the order in which one comes by with the tab key, and what is said of each beside its name.
ASKED = {
    "Given name": "",
    "Family name": "If you have one name only, enter a dash (-).",
    "Mail address": "Your private link goes to this address. It is never shown to others.",
    "Country or area": "",
    "Organisation": "Whom you are with, or “independent”.",
}


def described(page: Page, name: str) -> str:
    """What is said of the field besides its name."""
    field = page.get_by_label(name, exact=True)
    ids = (field.get_attribute("aria-describedby") or "").split()
    return " ".join(" ".join((page.locator(f"#{one}").text_content() or "").split()) for one in ids)


@pytest.mark.parametrize("script", [True, False])
def test_somebody_registers_who_listens_to_the_page(forum: World, context: NewContext, script: bool) -> None:
    with forum.store.writing() as db:
        facts = {"asks_gender": True, "asks_first_time": True, "onsite": 0}
        change_admission(db, meeting_by_slug(db, "igf2014"), facts, clock.now())
    page = context(java_script_enabled=script).new_page()
    page.goto("/igf2014/register")
    expect(page.get_by_role("heading", level=1)).to_have_text("Register for IGF 2014")
    assert {name: described(page, name) for name in ASKED} == ASKED
    expect(page.get_by_role("group", name="Stakeholder group")).to_be_visible()
    expect(page.get_by_role("group", name="How you take part")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("All places onsite are given.")

    # browsers would stop an empty form themselves; what the server says is for those that do not
    if script:
        page.locator("form.stack").evaluate("form => { form.noValidate = true }")
    page.get_by_label("Given name").fill("Ayşe")
    page.get_by_label("Mail address").fill("ayse@example")
    if not script:
        for name in ("Family name", "Organisation"):
            page.get_by_label(name, exact=True).fill(" ")
        page.get_by_label("Country or area").select_option("TR")
        page.get_by_role("radio", name="Civil society").check()
        page.get_by_role("radio", name=re.compile("Online")).check()
    page.get_by_role("button", name="Register", exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Please check what you entered")
    expect(alert).to_be_focused()
    expect(page.get_by_label("Given name")).to_have_value("Ayşe")
    email = page.get_by_label("Mail address")
    expect(email).to_have_attribute("aria-invalid", "true")
    assert "This is not a mail address we can write to." in described(page, "Mail address")
    alert.get_by_role("link", name=re.compile("^Mail address")).click()
    expect(email).to_be_focused()

    email.fill("ayse@example.org")
    page.get_by_label("Family name").fill("Yılmaz")
    page.get_by_label("Country or area").select_option("TR")
    page.get_by_label("Organisation", exact=True).fill("independent")
    page.get_by_role("radio", name="Civil society").check()
    page.get_by_role("radio", name=re.compile("Onsite")).check()
    page.get_by_label("Gender").select_option("woman")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page).to_have_url(re.compile("/registered$"))
    page.go_back()
    page.goto(link_in(forum.mail("ayse@example.org")[0]))
    expect(page.get_by_role("main")).to_contain_text("you stand at place 1")
    page.get_by_role("button", name="Take part online instead").click()
    expect(page.get_by_role("status").first).to_have_text("Your changes are saved.")
    expect(page.get_by_role("main")).to_contain_text("Confirmed")


def test_everything_is_done_by_keyboard_alone(forum: World, context: NewContext) -> None:
    page = context().new_page()
    page.goto("/igf2014/register")
    page.get_by_label("Given name").focus()
    press = page.keyboard.press
    for typed in ("Ayşe", "Yılmaz", "ayse@example.org", "Germ", "independent"):
        page.keyboard.type(typed)
        press("Tab")
    press("Space")  # the first group
    press("ArrowDown")
    press("Tab")
    press("Space")
    press("ArrowDown")
    press("Tab")
    press("Space")
    press("Tab")
    expect(page.get_by_role("button", name="Register", exact=True)).to_be_focused()
    press("Enter")
    expect(page).to_have_url(re.compile("/registered$"))
    page.goto(link_in(forum.mail("ayse@example.org")[0]))
    main = page.get_by_role("main")
    for words in ("Germany", "Intergovernmental organisation", "Online", "Yes: name, organisation"):
        expect(main).to_contain_text(words)
