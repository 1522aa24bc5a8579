"""An organiser puts questions, and somebody answers them in a browser: only what is put to them, a file once, on a small screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.test_webhooks import check
from tests.registration.test_questions import PDF, ask, kept, own
from tests.world import World

pytestmark = pytest.mark.browser


def fill_in(page: Page) -> None:
    """What everybody is asked."""
    for name, words in {
        "Given name": "Ayşe",
        "Family name": "Yılmaz",
        "Mail address": "ada@example.org",
        "Organisation": "X",
    }.items():
        page.get_by_label(name, exact=True).fill(words)
    page.get_by_label("Country or area").select_option("TR")
    page.get_by_label("Press and media").check()
    page.get_by_label("Onsite, at the venue").check()


def put_questions(forum: World) -> None:
    """One that has to be answered of several kinds, each for others."""
    organiser = forum.program("olga@example.org", role="organiser")
    ask(organiser, "Languages you speak", "choices", options="Arabic\nEnglish", required=True)
    ask(organiser, "Diet", "choice", options="Vegan\nHalal", required=True, attendance="onsite")
    ask(organiser, "Ministry", "text", required=True, groups=["government"])
    ask(organiser, "Press card", "file", required=True, confidential=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_questions_of_a_meeting_are_answered(
    forum: World, context: NewContext, tmp_path: Path, scripts: bool
) -> None:
    put_questions(forum)
    card = tmp_path / "card.pdf"
    card.write_bytes(PDF)
    page = context(viewport={"width": 320, "height": 640}, java_script_enabled=scripts, color_scheme="dark").new_page()
    page.goto("/igf2014/register")
    if scripts:
        expect(page.get_by_label("Ministry")).to_be_hidden()
        expect(page.get_by_text("Vegan")).to_be_hidden()
        check(page)
    else:
        expect(page.get_by_text("For: Government.")).to_be_visible()
    fill_in(page)
    expect(page.get_by_text("Vegan")).to_be_visible()
    page.get_by_label("English", exact=True).check()
    page.get_by_label("Press card").set_input_files(card)
    page.get_by_role("main").get_by_role("button", name="Register").click()
    page.get_by_role("link", name="Diet: Please answer this.").click()
    if scripts:
        check(page)
    page.get_by_label("Halal").check()
    expect(page.get_by_text("We have: card.pdf")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="Register").click()
    page.wait_for_url("**/registered")
    assert kept(forum) == {"languages-you-speak": ["english"], "diet": "halal", "press-card": "card.pdf"}
    page.goto(f"{own(forum)}/change")
    page.get_by_label("Vegan").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Your changes are saved.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="card.pdf").click()
    assert download.value.suggested_filename.endswith("card.pdf")
    assert Path(download.value.path()).read_bytes() == PDF
    assert kept(forum)["diet"] == "vegan"


def test_what_was_entered_for_another_group_stops_nobody(forum: World, context: NewContext) -> None:
    organiser = forum.program("olga@example.org", role="organiser")
    ask(organiser, "Delegates", "number", highest=9, groups=["government"])
    page = context().new_page()
    page.goto("/igf2014/register")
    fill_in(page)
    page.get_by_label("Government", exact=True).check()
    page.get_by_label("Delegates").fill("99")
    page.get_by_label("Press and media").check()
    expect(page.get_by_label("Delegates")).to_be_hidden()
    page.get_by_role("main").get_by_role("button", name="Register").click()
    page.wait_for_url("**/registered")
    assert kept(forum) == {}
    page.go_back()
    page.get_by_label("Government", exact=True).check()
    expect(page.get_by_label("Delegates")).to_be_visible()
    expect(page.get_by_label("Delegates")).to_be_enabled()
