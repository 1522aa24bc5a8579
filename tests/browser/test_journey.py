"""The main job in a real browser: from registering to reading what was published."""

import io
import re
from datetime import UTC, datetime

import ics
import pytest
import vobject
from playwright.sync_api import Page, expect

from server import clock
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.meetings.queries import meeting_by_slug
from server.people.actions import invite, person_for
from tests.browser.conftest import NewContext
from tests.world import World, link_in

pytestmark = pytest.mark.browser

SESSION = "/igf2014/sessions/ws23"
WRITE = "/igf2014/desk/sessions/ws23/summary"


def sign_in(forum: World, page: Page, address: str, name: str, role: Role) -> None:
    """Sign in by an invitation's link, as the person would."""
    with forum.store.writing() as db:
        person_for(db, address, clock.now(), name=name)
        person, secret = invite(db, address, "/igf2014/desk", clock.now())
        grant_role(db, person, role, meeting_by_slug(db, "igf2014"))
    page.goto(f"/sign-in/{secret}")
    page.get_by_role("main").get_by_role("button").click()
    expect(page).to_have_url(re.compile("/igf2014/desk$"))


def register(page: Page) -> None:
    """Fill in the form and send it."""
    page.goto("/igf2014/register")
    page.get_by_label("Given name").fill("Ayşe")
    page.get_by_label("Family name").fill("Yılmaz")
    page.get_by_label("Mail address").fill("ayse@example.org")
    page.get_by_label("Country").select_option("TR")
    page.get_by_role("textbox", name="Organisation").fill("Example Society")
    page.get_by_role("radio", name="Civil society").check()
    page.locator("input[name=attendance][value=online]").check()
    page.get_by_role("main").get_by_role("button", name=re.compile("Register|Send")).click()
    expect(page).to_have_url(re.compile("/igf2014/registered$"))


def write(page: Page, text: str) -> None:
    """Write a paragraph with the keyboard alone."""
    page.locator("#text").fill(text)
    page.locator("#text").press("Control+Enter")


def texts(page: Page) -> list[str]:
    """What the page shows of the summary."""
    return page.locator("#summary .paragraph .text").all_inner_texts()


def the_feed_is_right(raw: bytes) -> None:
    """Two parsers that are not the one that wrote it read the session's time."""
    start = datetime(2014, 9, 3, 6, 0, tzinfo=UTC)
    (one,) = ics.Calendar(raw.decode()).events
    assert (one.begin.datetime.astimezone(UTC), "ICANN" in one.name) == (start, True)
    other = vobject.readOne(io.StringIO(raw.decode())).vevent
    assert (other.dtstart.value.astimezone(UTC), "ICANN" in other.summary.value) == (start, True)


def test_from_registering_to_the_published_document(forum: World, context: NewContext) -> None:
    reader = context(timezone_id="Asia/Tokyo").new_page()
    register(reader)
    reader.goto(link_in(forum.mail("ayse@example.org")[0]))
    expect(reader.get_by_role("main")).to_contain_text("Ayşe")

    reader.goto("/igf2014/schedule")
    reader.get_by_role("link", name=re.compile("Accountability in the ICANN")).first.click()
    expect(reader).to_have_url(re.compile(SESSION))
    feed = reader.request.get(f"{SESSION}.ics")
    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    the_feed_is_right(feed.body())
    reader.get_by_role("link", name="Follow live").first.click()
    expect(reader.locator("#nothing-yet")).to_be_visible()
    expect(reader.locator("#connection")).to_have_class(re.compile("is-on"))

    writing = context()
    writer = writing.new_page()
    sign_in(forum, writer, "ray@example.org", "Ray Porter", Role.RAPPORTEUR)
    writer.goto(WRITE)
    write(writer, "The chair opened the *session*.")
    expect(writer.locator("#saving")).to_have_class("saved")
    expect(reader.locator("#p1 .text")).to_have_text("The chair opened the session.")
    expect(reader.locator("#summary-status")).to_have_text("Live")

    # The reader loses the network, three paragraphs and an edit go by, and nothing is missed.
    reader.context.set_offline(True)
    expect(reader.locator("#connection")).to_have_class(re.compile("is-off|is-connecting"))
    for text in ("Second", "Third", "Fourth"):
        write(writer, text)
        expect(writer.locator("#saving")).to_have_class("saved")
    reader.context.set_offline(False)
    expect(reader.locator("#p4 .text")).to_have_text("Fourth")
    assert texts(reader) == ["The chair opened the session.", "Second", "Third", "Fourth"]

    writer.goto(WRITE)
    writer.get_by_role("link", name="Edit p2").click()
    writer.get_by_role("textbox", name="Edit paragraph 2").fill("Second, corrected")
    writer.get_by_role("button", name="Save", exact=True).click()
    expect(reader.locator("#p2 .text")).to_have_text("Second, corrected")
    writer.get_by_role("button", name="Close the summary").click()
    expect(reader.locator("#summary-status")).to_have_text("Closed")

    organiser = context().new_page()
    sign_in(forum, organiser, "olga@example.org", "Olga Organiser", Role.ORGANISER)
    publish(organiser)
    expect(reader.locator("#summary-status")).to_have_text("Published")

    reader.goto("/igf2014/outputs")
    reader.get_by_role("link", name=re.compile("Accountability")).first.click()
    document = reader.get_by_role("main")
    for words in ("Second, corrected", "Ada Chair", "Ray Porter"):
        expect(document).to_contain_text(words)
    markdown = reader.request.get("/igf2014/outputs/ws23.md").text()
    assert "The chair opened the *session*." in markdown


def publish(page: Page) -> None:
    """Review, sign off in the chair's name, publish."""
    page.goto("/igf2014/desk/outputs")
    page.get_by_role("button", name=re.compile("review", re.I)).first.click()
    page.locator("[name=chair]").fill("Ada Chair")
    page.get_by_role("button", name="Save changes").first.click()
    page.get_by_role("button", name=re.compile("Sign off")).click()
    page.get_by_role("button", name=re.compile("^Publish")).click()


def test_the_same_without_scripts(forum: World, context: NewContext) -> None:
    reader = context(java_script_enabled=False).new_page()
    register(reader)
    reader.goto(link_in(forum.mail("ayse@example.org")[0]))
    expect(reader.get_by_role("main")).to_contain_text("Ayşe")
    reader.goto(f"{SESSION}/live")

    writer = context(java_script_enabled=False).new_page()
    sign_in(forum, writer, "ray@example.org", "Ray Porter", Role.RAPPORTEUR)
    writer.goto(WRITE)
    writer.locator("#text").fill("One")
    writer.get_by_role("button", name="Save paragraph").click()
    expect(writer.locator("#p1 .text")).to_have_text("One")
    reader.get_by_role("button", name="Reload").click()
    expect(reader.locator("#p1 .text")).to_have_text("One")
    writer.get_by_role("button", name="Close the summary").click()

    organiser = context(java_script_enabled=False).new_page()
    sign_in(forum, organiser, "olga@example.org", "Olga Organiser", Role.ORGANISER)
    publish(organiser)
    reader.goto("/igf2014/outputs/ws23")
    expect(reader.get_by_role("main")).to_contain_text("One")


def test_what_is_typed_survives_a_lost_line_and_a_closed_page(forum: World, context: NewContext) -> None:
    browser = context()
    page = browser.new_page()
    sign_in(forum, page, "ray@example.org", "Ray Porter", Role.RAPPORTEUR)
    page.goto(WRITE)
    browser.set_offline(True)
    write(page, "Sent without a line")
    expect(page.locator("#saving")).to_have_class("failed")
    expect(page.locator("#unsent li")).to_contain_text("Sent without a line")
    page.locator("#text").fill("Half a sent")
    expect(page.locator("#summary .paragraph")).to_have_count(0)
    page.close(run_before_unload=False)

    browser.set_offline(False)
    again = browser.new_page()
    again.goto(WRITE)
    expect(again.locator("#text")).to_have_value("Half a sent")
    expect(again.locator("#p1 .text")).to_have_text("Sent without a line")
    expect(again.locator("#unsent li")).to_have_count(0)
    assert [p["text"] for p in forum.client().get(f"{SESSION}/live.json").json()["paragraphs"]] == [
        "Sent without a line"
    ]


def test_two_tabs_keep_their_own_drafts(forum: World, context: NewContext) -> None:
    browser = context()
    first = browser.new_page()
    sign_in(forum, first, "ray@example.org", "Ray Porter", Role.RAPPORTEUR)
    first.goto(WRITE)
    first.locator("#text").fill("In the first tab")
    second = browser.new_page()
    second.goto(WRITE)
    expect(second.locator("#text")).to_have_value("")
    second.locator("#text").fill("In the second tab")
    first.reload()
    expect(first.locator("#text")).to_have_value("In the first tab")
    expect(second.locator("#text")).to_have_value("In the second tab")


def test_words_for_a_summary_that_was_closed_meanwhile_are_kept(forum: World, context: NewContext) -> None:
    browser = context()
    page = browser.new_page()
    sign_in(forum, page, "ray@example.org", "Ray Porter", Role.RAPPORTEUR)
    page.goto(WRITE)
    browser.set_offline(True)
    write(page, "Too late")
    expect(page.locator("#saving")).to_have_class("failed")
    colleague = forum.program("ruth@example.org", role="rapporteur")
    assert colleague.post(f"{SESSION}/live/status", json={"status": "closed"}).status_code == 200
    browser.set_offline(False)
    expect(page.locator("#saving")).to_contain_text("refused")
    expect(page.locator("#unsent li")).to_contain_text("Too late")
    page.reload()
    expect(page.locator("#unsent li")).to_contain_text("Too late")
