"""The pages on which summaries are followed and written, as a browser without JavaScript sees them."""

import httpx2

from tests.remote.follower import LIVE
from tests.remote.test_writing import snapshot, write
from tests.world import World

WRITE = "/igf2014/desk/sessions/ws112/summary"


def test_the_live_page_has_the_whole_text(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "The *first* paragraph")
    write(rapporteur, "二番目の段落", lang="ja")
    page = forum.client().get(LIVE)
    assert page.status_code == 200
    assert "<p>The <em>first</em> paragraph</p>" in page.text
    assert '<div class="text" lang="ja" dir="ltr"><p>二番目の段落</p></div>' in page.text
    assert f'data-cursor="{snapshot(forum)["epoch"]}:3"' in page.text


def test_an_arabic_paragraph_runs_from_the_right(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "السلام عليكم", lang="ar")
    assert '<div class="text" lang="ar" dir="rtl"><p>السلام عليكم</p></div>' in forum.client().get(LIVE).text


def test_a_reader_without_scripts_chooses_how_often_the_page_reloads(forum: World) -> None:
    client = forum.client()
    assert '<meta http-equiv="refresh" content="30">' in client.get(f"{LIVE}?refresh=30").text
    for other in ("", "1", "x", "30;url=https://evil.example"):
        assert "http-equiv" not in client.get(LIVE, params={"refresh": other}).text


def test_an_empty_page_says_what_will_be_there(forum: World) -> None:
    assert "Nothing has been written yet." in forum.client().get(LIVE).text
    assert "No session is on at the moment." in forum.client().get("/igf2014/live").text


def test_a_session_being_written_is_on_the_live_page(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    page = forum.client().get("/igf2014/live").text
    assert "Summaries being written" in page
    assert f'href="{LIVE}"' in page


def test_the_desk_lists_what_one_may_write(forum: World) -> None:
    page = forum.browser("ray@example.org", role="rapporteur").get("/igf2014/desk/summaries").text
    assert [f"/igf2014/desk/sessions/{code}/summary" in page for code in ("ws112", "ws113")] == [True, True]
    moderator = forum.browser("mo@example.org", role="moderator")
    assert "There is no session whose summary you can write." in moderator.get("/igf2014/desk/summaries").text
    assert forum.browser("someone@example.org").get("/igf2014/desk/summaries").status_code == 403


def test_the_whole_of_writing_works_with_forms_alone(forum: World) -> None:
    browser = forum.browser("ray@example.org", role="rapporteur")
    assert browser.get(WRITE).status_code == 200
    browser.post(f"{LIVE}/paragraphs", data={"text": "one", "lang": "en"})
    assert "one" in browser.get(f"{WRITE}/p1").text
    edited = browser.post(f"{LIVE}/paragraphs/p1", data={"text": "first", "lang": "en", "base_rev": "1"})
    assert edited.status_code == 303
    assert browser.post(f"{LIVE}/paragraphs/p1/retract", data={"reason": "mistake"}).status_code == 303
    assert "This paragraph was withdrawn: mistake" in browser.get(f"{WRITE}/p1").text
    assert browser.post(f"{LIVE}/paragraphs/p1/restore", data={}).status_code == 303
    assert browser.post(f"{LIVE}/status", data={"status": "closed"}).status_code == 303
    assert "Open it again" in browser.get(WRITE).text
    assert (snapshot(forum)["status"], [p["text"] for p in snapshot(forum)["paragraphs"]]) == ("closed", ["first"])


def test_a_form_sent_twice_writes_once(forum: World) -> None:
    browser = forum.browser("ray@example.org", role="rapporteur")
    form = {"text": "one", "lang": "en", "key": "from-the-page"}
    assert [browser.post(f"{LIVE}/paragraphs", data=form).status_code for _ in range(2)] == [303, 303]
    assert len(snapshot(forum)["paragraphs"]) == 1


def test_the_writing_pages_are_for_writers(forum: World) -> None:
    someone = forum.browser("someone@example.org")
    assert [someone.get(address).status_code for address in (WRITE, f"{WRITE}/p1")] == [403, 403]
    assert forum.client().get(WRITE).status_code == 303
    writer = forum.browser("ray@example.org", role="rapporteur")
    assert [writer.get(f"{WRITE}/{wrong}").status_code for wrong in ("p1", "x", "p²", "p99999999999")] == [404] * 4
