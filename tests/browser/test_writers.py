"""Several who write one summary, in real browsers: by keyboard, in conflict, locked out, in other languages."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from server.meetings.models import Role
from tests.browser.conftest import NewContext
from tests.browser.test_journey import SESSION, WRITE, sign_in, write
from tests.world import World, wait_for

pytestmark = pytest.mark.browser


def texts(forum: World) -> list[str]:
    """What followers read, in order."""
    return [p["text"] for p in forum.client().get(f"{SESSION}/live.json").json()["paragraphs"]]


def shown(page: Page) -> list[str]:
    """The paragraphs on the page, in order."""
    return page.locator("#summary > .paragraph .text").all_inner_texts()


def hear(page: Page) -> None:
    """Ask who is there now, not within ten seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def is_alone(page: Page) -> bool:
    """Whether nobody else is there by now."""
    with page.expect_response(re.compile("/summary/here$")):
        hear(page)
    return page.locator("#company").is_hidden()


def violations(page: Page) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]}" for one in Axe().run(page).response["violations"]]


def at_the_desk(
    forum: World, browser: BrowserContext, name: str, role: Role = Role.RAPPORTEUR, place: str = WRITE
) -> Page:
    """A page on which somebody writes, connected."""
    page = browser.new_page()
    sign_in(forum, page, f"{name.split()[0].lower()}@example.org", name, role)
    page.goto(place)
    expect(page.locator("#connection")).to_have_class(re.compile("is-on"))
    return page


def furnish(forum: World, *paragraphs: str) -> None:
    """What was written before."""
    writer = forum.program("ruth@example.org", role="rapporteur")
    for text in paragraphs:
        assert writer.post(f"{SESSION}/live/paragraphs", json={"text": text, "lang": "en"}).status_code == 201


def test_two_rapporteurs_see_each_other_and_bring_their_texts_together(forum: World, context: NewContext) -> None:
    furnish(forum, "The chair opened the session at ten.", "Two", "Three")
    ada = at_the_desk(forum, context(), "Ada Lovelace")
    ray = at_the_desk(forum, context(viewport={"width": 400, "height": 800}), "Ray Porter")
    expect(ray.locator("#company")).to_have_text("Ada Lovelace is here too")

    ada.get_by_role("link", name="Edit p1").click()
    field = ada.get_by_role("textbox", name="Edit paragraph 1")
    expect(field).to_be_focused()
    expect(field).to_have_value("The chair opened the session at ten.")
    hear(ray)
    expect(ray.locator("#company")).to_have_text("Ada Lovelace is editing paragraph 1")
    expect(ray.locator("#p1 .at-work")).to_have_text("✎ Ada Lovelace")
    hear(ada)
    expect(ada.locator("#company")).to_have_text("Ray Porter is here too")

    # While she types he moves the very paragraph and edits it, too: her words and her place stay.
    field.fill("The co-chair opened the session at ten.")
    ray.get_by_role("button", name="Move paragraph 1 down").click()
    expect(ray.locator("#done")).to_have_text("Paragraph 1 is now number 2 of 3.")
    expect(ray.get_by_role("button", name="Move paragraph 1 down")).to_be_focused()
    expect(ada.locator("#summary > .paragraph").nth(1)).to_have_id("p1")
    expect(field).to_be_focused()
    ray.get_by_role("link", name="Edit p1").click()
    expect(ray.locator("form.editing .is-same")).to_contain_text("Ada Lovelace is editing this paragraph, too.")
    hear(ada)
    expect(ada.locator("form.editing .is-same")).to_contain_text("Ray Porter is editing this paragraph, too.")
    ray.get_by_role("textbox", name="Edit paragraph 1").fill("The chair opened the session at noon.")
    ray.keyboard.press("Control+Enter")
    expect(ray.locator("#done")).to_have_text("Paragraph 1 is saved. Followers have it.")
    expect(ada.locator("form.editing .is-news")).to_contain_text("has just been changed")
    expect(field).to_have_value("The co-chair opened the session at ten.")

    ada.keyboard.press("Control+s")
    merge = ada.locator("form.editing [data-merge]")
    expect(merge.locator("section").nth(0).locator("ins")).to_have_text("noon")
    expect(merge.locator("section").nth(1).locator("ins")).to_have_text("co-")
    expect(field).to_have_value("The co-chair opened the session at noon.")
    expect(ada.locator("form.editing .is-news")).to_have_count(0)
    assert texts(forum)[1] == "The chair opened the session at noon.", "nothing is overwritten"
    assert violations(ada) == []
    ada.keyboard.press("Control+Enter")
    expect(ada.locator("form.editing")).to_have_count(0)
    expect(ray.locator("#p1 .text")).to_have_text("The co-chair opened the session at noon.")
    assert texts(forum) == ["Two", "The co-chair opened the session at noon.", "Three"]
    assert shown(ada) == shown(ray) == texts(forum)
    ray.close()
    wait_for(lambda: is_alone(ada))


def test_a_fast_typist_never_touches_the_mouse(forum: World, context: NewContext) -> None:
    page = at_the_desk(forum, context(), "Ada Lovelace")
    keys = page.keyboard
    expect(page.locator("#text")).to_be_focused()
    for text in ("One", "Two", "Three"):
        keys.type(text)
        keys.press("Control+Enter")
        expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#p3")).to_be_visible()
    furnish(forum, "Of somebody else")
    expect(page.locator("#p4")).to_be_visible()

    keys.press("ArrowUp")  # her own last one, not the last of all
    expect(page.get_by_role("textbox", name="Edit paragraph 3")).to_be_focused()
    keys.type(", corrected")
    keys.press("Control+s")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#p3 .text")).to_have_text("Three, corrected")
    keys.press("ArrowUp")
    keys.type(", half a th")
    keys.press("Escape")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#p3").get_by_role("button", name="Unsaved words")).to_be_visible()

    keys.press("Alt+ArrowUp")
    expect(page.locator("#p4")).to_be_focused()
    keys.press("Alt+ArrowUp")
    keys.press("Alt+ArrowUp")
    expect(page.locator("#done")).to_have_text("Paragraph 4 is now number 2 of 4.")
    expect(page.locator("#p4")).to_be_focused()
    keys.press("ArrowUp")
    expect(page.locator("#p1")).to_be_focused()
    keys.press("Alt+ArrowUp")
    expect(page.locator("#done")).to_have_text("Paragraph 1 is the first already.")
    keys.press("Enter")
    expect(page.get_by_role("textbox", name="Edit paragraph 1")).to_be_focused()
    keys.press("Escape")
    expect(page.locator("#p1")).to_be_focused()
    keys.press("Escape")
    expect(page.locator("#text")).to_be_focused()
    assert texts(forum) == ["One", "Of somebody else", "Two", "Three, corrected"]
    assert shown(page) == texts(forum)


def test_a_paragraph_is_dragged_to_another_place(forum: World, context: NewContext) -> None:
    furnish(forum, "One", "Two", "Three")
    page = at_the_desk(forum, context(viewport={"width": 1200, "height": 1000}), "Ada Lovelace")
    grip = page.locator("#p3 .grip")
    grip.scroll_into_view_if_needed()
    start, target = grip.bounding_box(), page.locator("#p1").bounding_box()
    assert start is not None
    assert target is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + 4, steps=5)
    expect(page.locator("#p1")).to_have_class(re.compile("drops-before"))
    page.mouse.up()
    expect(page.locator("#done")).to_have_text("Paragraph 3 is now number 1 of 3.")
    assert texts(forum) == shown(page) == ["Three", "One", "Two"]
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + 4, steps=5)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".drops-before, .is-dragged")).to_have_count(0)
    assert texts(forum) == ["Three", "One", "Two"]


def test_a_draft_on_the_edit_page_outlives_its_tab_and_overwrites_nobody(forum: World, context: NewContext) -> None:
    furnish(forum, "The chair opened the session at ten.")
    browser = context()
    page = browser.new_page()
    sign_in(forum, page, "ray@example.org", "Ray Porter", Role.RAPPORTEUR)
    page.goto(f"{WRITE}/p1")
    page.locator("#text").fill("The co-chair opened the session at ten.")
    page.close()
    colleague = forum.program("ruth@example.org")
    edit = {"text": "The chair opened the session at noon.", "base_rev": 1}
    assert colleague.post(f"{SESSION}/live/paragraphs/p1", json=edit).status_code == 200

    again = browser.new_page()
    again.goto(WRITE)
    expect(again.locator("#p1").get_by_role("button", name="Unsaved words")).to_be_visible()
    again.goto(f"{WRITE}/p1")
    expect(again.locator("#text")).to_have_value("The co-chair opened the session at ten.")
    expect(again.locator("#edit-form [data-saving]")).to_contain_text("kept in this browser")
    again.locator("#text").press("Control+Enter")
    expect(again.locator("[data-merge]")).to_be_visible()
    expect(again.locator("#text")).to_have_value("The co-chair opened the session at noon.")
    assert texts(forum) == ["The chair opened the session at noon."]
    assert violations(again) == []
    again.locator("#text").press("Control+Enter")
    expect(again).to_have_url(re.compile(f"{WRITE}#p1$"))
    expect(again.get_by_role("button", name="Unsaved words")).to_have_count(0)
    assert texts(forum) == ["The co-chair opened the session at noon."]


def test_who_is_locked_out_types_on_and_nothing_is_lost(forum: World, context: NewContext) -> None:
    furnish(forum, "One")
    ray = at_the_desk(forum, context(), "Ray Porter")
    olga = at_the_desk(forum, context(), "Olga Organiser", Role.ORGANISER)
    ray.get_by_role("link", name="Edit p1").click()
    olga.get_by_role("button", name="Lock").click()
    expect(olga.get_by_role("button", name="Unlock")).to_be_visible()
    ray.get_by_role("textbox", name="Edit paragraph 1").fill("One, corrected")
    ray.keyboard.press("Control+Enter")
    expect(ray.locator("form.editing [data-saving]")).to_contain_text("Olga Organiser has locked this summary")
    write(ray, "Two")
    expect(ray.locator("#saving")).to_contain_text("Olga Organiser has locked this summary")
    expect(ray.locator("#unsent li")).to_contain_text("Two")
    hear(ray)
    expect(ray.locator("#locked")).to_contain_text("Locked by Olga Organiser")
    expect(ray.get_by_role("link", name="Edit p1")).to_be_hidden()
    write(olga, "Of the organiser")
    expect(ray.locator("#p2 .text")).to_have_text("Of the organiser")

    olga.get_by_role("button", name="Unlock").click()
    expect(olga.get_by_role("button", name="Lock", exact=True)).to_be_visible()
    hear(ray)
    expect(ray.locator("#p3 .text")).to_have_text("Two")
    expect(ray.locator("#p1 .text")).to_have_text("One, corrected")
    expect(ray.locator("#unsent li")).to_have_count(0)
    assert texts(forum) == ["One, corrected", "Of the organiser", "Two"]


def test_a_translator_keeps_up_with_the_session(forum: World, context: NewContext) -> None:
    furnish(forum, "The chair opened the session.", "Two")
    tomo = at_the_desk(forum, context(), "Tomo Yamada", place=f"{WRITE}?into=ja")
    keys = tomo.keyboard
    expect(tomo.locator("#left")).to_have_text("2 paragraphs to translate")
    keys.press("Alt+ArrowDown")
    expect(tomo.get_by_role("textbox", name="Paragraph 1 in Japanese")).to_be_focused()
    keys.insert_text("議長が開会した。")
    keys.press("Control+Enter")
    expect(tomo.get_by_role("textbox", name="Paragraph 2 in Japanese")).to_be_focused()
    furnish(forum, "Three")
    expect(tomo.locator("#p3 .source")).to_have_text("Three")
    keys.insert_text("二")
    expect(tomo.locator("#p2 [data-saving]")).to_contain_text("kept in this browser")
    tomo.reload()
    expect(tomo.get_by_role("textbox", name="Paragraph 2 in Japanese")).to_have_value("二")
    tomo.get_by_role("textbox", name="Paragraph 2 in Japanese").press("Control+Enter")
    expect(tomo.get_by_role("textbox", name="Paragraph 3 in Japanese")).to_be_focused()
    expect(tomo.locator("#left")).to_have_text("1 paragraph to translate")

    colleague = forum.program("ruth@example.org")
    edit = {"text": "The chair closed the session.", "base_rev": 1}
    assert colleague.post(f"{SESSION}/live/paragraphs/p1", json=edit).status_code == 200
    expect(tomo.locator("#p1 [data-standing-words]")).to_have_text("behind: the original moved on")
    expect(tomo.locator("#p1 .changed ins")).to_have_text("closed")
    assert violations(tomo) == []
    keys.press("Alt+ArrowUp")
    expect(tomo.get_by_role("textbox", name="Paragraph 1 in Japanese")).to_be_focused()

    # Somebody else was faster: both texts, and nothing overwritten.
    tomo.locator("#p1 textarea").fill("議長が閉会した。")
    faster = {"text": "議長が会議を閉じた。", "of": 2, "base_rev": 1}
    assert colleague.post(f"{SESSION}/live/paragraphs/p1/translations/ja", json=faster).status_code == 200
    expect(tomo.locator("#changes")).to_contain_text("Somebody else has just translated")
    keys.press("Control+Enter")
    expect(tomo.locator("#p1 [data-merge]")).to_be_visible()
    tomo.locator("#p1 textarea").fill("議長が閉会した。")
    keys.press("Control+Enter")
    expect(tomo.locator("#p1 [data-standing-words]")).to_have_text("up to date")
    keys.insert_text("三")
    keys.press("Control+Enter")
    expect(tomo.locator("#left")).to_have_text("Everything is translated.")
    snapshot = forum.client().get(f"{SESSION}/live.json").json()
    assert [[(t["of"], t["text"]) for t in p["translations"]] for p in snapshot["paragraphs"]] == [
        [(2, "議長が閉会した。")], [(1, "二")], [(1, "三")],
    ]  # fmt: skip


def test_an_arabic_paragraph_is_edited_from_right_to_left(forum: World, context: NewContext) -> None:
    writer = forum.program("ruth@example.org", role="rapporteur")
    writer.post(f"{SESSION}/live/paragraphs", json={"text": "افتتح الرئيس الجلسة.", "lang": "ar"})
    page = at_the_desk(forum, context(viewport={"width": 320, "height": 700}), "Ada Lovelace")
    page.get_by_role("link", name="Edit p1").click()
    field = page.get_by_role("textbox", name="Edit paragraph 1")
    expect(field).to_have_attribute("dir", "rtl")
    expect(field).to_have_attribute("lang", "ar")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(page) == []
