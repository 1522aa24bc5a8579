"""A paragraph's history, and bringing two texts together without scripts."""

import re

import httpx2

from tests.remote.follower import LIVE
from tests.remote.test_order import DESK
from tests.remote.test_writing import snapshot, write
from tests.world import World


def told(page: str) -> list[str]:
    """What was done, newest first."""
    return re.findall(r"<h2>(.*?)</h2>", page)


def test_everything_that_was_done_to_a_paragraph_is_told(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org")
    post = rapporteur.post
    write(rapporteur, "議長が開会した。", lang="ja")
    write(rapporteur, "Another paragraph.")
    post(f"{LIVE}/paragraphs/p1", json={"text": "議長は閉会した。", "base_rev": 1})
    post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "said off the record"})
    post(f"{LIVE}/paragraphs/p1/restore", json={})
    post(f"{LIVE}/paragraphs/p1/move", json={})
    post(f"{LIVE}/paragraphs/p1/move", json={"before": "p2"})
    post(f"{LIVE}/paragraphs/p1/translations/en", json={"text": "The chair closed.", "of": 4, "base_rev": 0})
    post(f"{LIVE}/paragraphs/p1/translations/en", json={"text": "The chair opened.", "of": 4, "base_rev": 1})
    post(f"{LIVE}/paragraphs/p1/translations/en", json={"text": "", "of": 4, "base_rev": 2})
    page = browser.get(f"{DESK}/p1/history").text
    assert told(page) == [
        "Rapporteur took the translation into English away",
        "Rapporteur translated it into English",
        "Rapporteur translated it into English",
        "Rapporteur moved it before paragraph 2",
        "Rapporteur moved it to the end",
        "Rapporteur put it back",
        "Rapporteur withdrew it",
        "Rapporteur edited it",
        "Rapporteur wrote it",
    ]
    for words in (
        "Reason: said off the record",
        "議長<del>が開</del><ins>は閉</ins>会した。",
        "The chair <del>closed</del><ins>opened</ins>.",
        "<del>The chair opened.</del>",
        "The words stayed as they were.",
    ):
        assert words in page
    assert "Another paragraph" not in page


def test_times_are_those_of_the_venue(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org")
    write(rapporteur, "one")
    page = browser.get(f"{DESK}/p1/history").text
    moment, shown = re.findall(r'<time datetime="([^"]+)">([^<]+)</time>', page)[0]
    assert moment.endswith("+00:00")
    assert int(shown[-5:-3]) == (int(moment[11:13]) + 3) % 24  # Istanbul


def test_old_words_are_taken_again_as_an_edit(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org")
    first = 'The "chair" said:\n\n- <one> & two'
    write(rapporteur, first)
    rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "Something else.", "base_rev": 1})
    page = browser.get(f"{DESK}/p1/history").text
    assert page.count("Take these words again") == 1
    form = page[page.index('<input type="hidden" name="text"') : page.index("Take these words again")]
    sent = {name: _unescaped(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    assert sent == {"text": first, "lang": "en", "base_rev": "2"}
    assert browser.post(f"{LIVE}/paragraphs/p1", data=sent).status_code == 303
    assert [(p["text"], p["rev"]) for p in snapshot(forum)["paragraphs"]] == [(first, 3)]


def _unescaped(text: str) -> str:
    for escaped, plain in (("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, plain)
    return text


def test_where_nobody_can_write_nothing_is_offered(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org")
    write(rapporteur, "one")
    rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "two", "base_rev": 1})
    rapporteur.post(f"{LIVE}/status", json={"status": "closed"})
    assert "Take these words again" not in browser.get(f"{DESK}/p1/history").text
    assert browser.get(f"{DESK}/p9/history").status_code == 404


def test_two_changes_that_do_not_touch_are_proposed_together(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org")
    write(rapporteur, "The chair opened the session at ten.")
    rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "The chair opened the session at noon.", "base_rev": 1})
    mine = {"text": "The co-chair opened the session at ten.", "lang": "en", "base_rev": "1"}
    page = browser.post(f"{LIVE}/paragraphs/p1", data=mine)
    assert page.status_code == 409
    assert "\nThe co-chair opened the session at noon.</textarea>" in page.text
    assert "The two changes do not touch each other" in page.text


def test_a_fault_in_an_edit_does_not_hide_that_somebody_was_faster(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org")
    write(rapporteur, "one")
    rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "theirs", "base_rev": 1})
    page = browser.post(f"{LIVE}/paragraphs/p1", data={"text": "", "lang": "en", "base_rev": "1"})
    assert page.status_code == 422
    assert 'name="base_rev" value="1"' in page.text


def test_words_for_a_paragraph_that_was_withdrawn_meanwhile_come_back(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org")
    write(rapporteur, "one")
    rapporteur.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "off the record"})
    page = browser.post(f"{LIVE}/paragraphs/p1", data={"text": "Typed for an hour", "lang": "en", "base_rev": "1"})
    assert page.status_code == 409
    assert "Typed for an hour" in page.text
    assert "off the record" in page.text
