"""Paragraphs in other languages at the front door (contract, section 6)."""

from typing import Any

import httpx2
import pytest

from tests.remote.follower import LIVE
from tests.remote.test_order import DESK
from tests.remote.test_writing import snapshot, write
from tests.world import World


def translate(client: httpx2.Client, lang: str, text: str, **more: Any) -> httpx2.Response:
    body = {"text": text, "of": 1, "base_rev": 0, **more}
    return client.post(f"{LIVE}/paragraphs/p1/translations/{lang}", json=body)


def held(world: World) -> list[tuple[str, int, int, str]]:
    found = snapshot(world)["paragraphs"][0].get("translations", [])
    return [(one["lang"], one["of"], one["rev"], one["text"]) for one in found]


@pytest.fixture
def written(rapporteur: httpx2.Client) -> httpx2.Client:
    """A writer of one paragraph in English."""
    write(rapporteur, "The chair opened the session.")
    return rapporteur


def test_a_translation_is_written_changed_and_taken_away(forum: World, written: httpx2.Client) -> None:
    epoch = snapshot(forum)["epoch"]
    first = translate(written, "ja", "議長が開会した。")
    assert (first.status_code, first.json()) == (
        200, {"id": "p1", "lang": "ja", "rev": 1, "of": 1, "cursor": f"{epoch}:3"},
    )  # fmt: skip
    assert translate(written, "ja", "議長が会議を開いた。", base_rev=1).json()["rev"] == 2
    assert held(forum) == [("ja", 1, 2, "議長が会議を開いた。")]
    gone = translate(written, "ja", "", base_rev=2)
    assert (gone.status_code, gone.json()["rev"]) == (200, 3)
    assert held(forum) == []
    assert translate(written, "ja", "開会。", base_rev=3).status_code == 200
    assert held(forum) == [("ja", 1, 4, "開会。")]


def test_taking_away_what_is_not_there_writes_nothing(forum: World, written: httpx2.Client) -> None:
    answer = translate(written, "ja", " ")
    assert (answer.status_code, answer.json()["rev"], answer.json()["cursor"].split(":")[1]) == (200, 0, "2")
    translate(written, "ja", "開会。")
    translate(written, "ja", "", base_rev=1)
    assert translate(written, "ja", "", base_rev=2).json()["rev"] == 2
    assert snapshot(forum)["offset"] == 4


def test_who_comes_second_gets_what_the_first_wrote(forum: World, written: httpx2.Client) -> None:
    translate(written, "ja", "議長が開会した。")
    refused = translate(written, "ja", "開会。")
    assert refused.status_code == 409
    assert {name: refused.json()["translation"][name] for name in ("lang", "of", "rev", "text", "html")} == {
        "lang": "ja", "of": 1, "rev": 1, "text": "議長が開会した。", "html": "<p>議長が開会した。</p>",
    }  # fmt: skip
    assert held(forum) == [("ja", 1, 1, "議長が開会した。")]
    nothing = translate(written, "fr", "Ouverture.", base_rev=4)
    assert (nothing.status_code, nothing.json()["translation"]) == (409, None)


@pytest.mark.parametrize(
    ("typed", "kept"), [("zh-hant", "zh-Hant"), ("PT-br", "pt-BR"), ("JA", "ja"), ("sr-LATN-rs", "sr-Latn-RS"), ("es-419", "es-419")]
)  # fmt: skip
def test_a_language_tag_is_kept_as_bcp_47_writes_it(
    forum: World, written: httpx2.Client, typed: str, kept: str
) -> None:
    assert translate(written, typed, "x").json()["lang"] == kept
    assert held(forum) == [(kept, 1, 1, "x")]
    again = translate(written, kept.lower(), "y", base_rev=1)
    assert (again.status_code, held(forum)) == (200, [(kept, 1, 2, "y")])


@pytest.mark.parametrize(
    ("lang", "change", "field"),
    [
        ("no_tag", {}, "lang"),
        ("e", {}, "lang"),
        ("a-much-too-long-a-tag-for-any-language", {}, "lang"),
        ("EN", {}, "lang"),
        ("ja", {"of": 2}, "of"),
        ("ja", {"of": 0}, "of"),
        ("ja", {"of": None}, "of"),
        ("ja", {"of": "one"}, "of"),
        ("ja", {"base_rev": None}, "base_rev"),
        ("ja", {"text": "字" * 10_001}, "text"),
    ],
)
def test_a_faulty_translation_names_its_field(
    forum: World, written: httpx2.Client, lang: str, change: dict[str, Any], field: str
) -> None:
    answer = translate(written, lang, **{"text": "x", **change})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert held(forum) == []


def test_what_is_withdrawn_or_not_there_is_not_translated(forum: World, written: httpx2.Client) -> None:
    written.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "why"})
    assert translate(written, "ja", "x").status_code == 409
    missing = written.post(f"{LIVE}/paragraphs/p9/translations/ja", json={"text": "x", "of": 1, "base_rev": 0})
    assert missing.status_code == 404
    assert snapshot(forum)["offset"] == 3


def test_the_page_of_a_paragraph_shows_what_the_original_did_since(forum: World, written: httpx2.Client) -> None:
    browser = forum.browser("tomo@example.org", role="rapporteur")
    translate(written, "ja", "議長が開会した。")
    page = browser.get(f"{DESK}/p1/translations").text
    assert ("up to date" in page, "The original moved on" in page) == (True, False)
    assert '<textarea id="t-p1-ja" name="text" rows="5" maxlength="10000" lang="ja" dir="ltr">' in page
    written.post(f"{LIVE}/paragraphs/p1", json={"text": "The chair closed the session.", "base_rev": 1})
    page = browser.get(f"{DESK}/p1/translations").text
    assert "The chair <del>opened</del><ins>closed</ins> the session." in page
    assert "behind: the original moved on" in page
    assert "ja (behind)" in browser.get(DESK).text


def test_without_scripts_a_language_is_added_in_two_steps(forum: World, written: httpx2.Client) -> None:
    browser = forum.browser("tomo@example.org", role="rapporteur")
    page = browser.get(f"{DESK}/p1/translations?into=AR").text
    assert 'lang="ar" dir="rtl" autofocus>\n</textarea>' in page
    sent = {"text": "افتتح الرئيس الجلسة.", "of": "1", "base_rev": "0"}
    answer = browser.post(f"{LIVE}/paragraphs/p1/translations/ar", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DESK}/p1/translations#ar")
    listed = browser.post(f"{LIVE}/paragraphs/p1/translations/ar", data={**sent, "base_rev": "1", "list": "1"})
    assert listed.headers["location"] == f"{DESK}?into=ar#p1"
    assert held(forum) == [("ar", 1, 2, "افتتح الرئيس الجلسة.")]


def test_a_form_that_comes_second_shows_both_texts(forum: World, written: httpx2.Client) -> None:
    browser = forum.browser("tomo@example.org", role="rapporteur")
    translate(written, "de", "Der Vorsitz eröffnet die Sitzung.")
    translate(written, "de", "Der Vorsitz eröffnete die Sitzung.", base_rev=1)
    mine = {"text": "Der Vorsitz eröffnet die Tagung.", "of": "1", "base_rev": "1"}
    answer = browser.post(f"{LIVE}/paragraphs/p1/translations/de", data=mine)
    assert answer.status_code == 409
    assert "Der Vorsitz <del>eröffnet</del><ins>eröffnete</ins> die Sitzung." in answer.text
    assert "Der Vorsitz eröffnet die <del>Sitzung</del><ins>Tagung</ins>." in answer.text
    assert "\nDer Vorsitz eröffnete die Tagung.</textarea>" in answer.text  # the two do not touch: both are proposed
    assert 'name="base_rev" value="2"' in answer.text


def test_a_faulty_form_comes_back_with_what_was_typed(forum: World, written: httpx2.Client) -> None:
    browser = forum.browser("tomo@example.org", role="rapporteur")
    answer = browser.post(
        f"{LIVE}/paragraphs/p1/translations/fr", data={"text": "Typed for an hour", "of": "9", "base_rev": "0"}
    )
    assert answer.status_code == 422
    assert "There is no such revision of this paragraph." in answer.text
    assert "\nTyped for an hour</textarea>" in answer.text
    assert browser.post(f"{LIVE}/paragraphs/p1/translations/no_tag", data={"text": "x"}).status_code == 422


def test_a_page_for_what_is_no_language_says_so(forum: World, written: httpx2.Client) -> None:
    browser = forum.browser("tomo@example.org", role="rapporteur")
    for address in (f"{DESK}?into=no_tag", f"{DESK}/p1/translations?into=no_tag"):
        answer = browser.get(address)
        assert (answer.status_code, "This is no language tag" in answer.text) == (422, True)


def test_a_translator_sees_each_paragraph_beside_its_words(forum: World, written: httpx2.Client) -> None:
    browser = forum.browser("tomo@example.org", role="rapporteur")
    write(written, "Two")
    write(written, "三", lang="ja")
    write(written, "secret")
    written.post(f"{LIVE}/paragraphs/p4/retract", json={"reason": "off the record"})
    translate(written, "ja", "議長が開会した。")
    written.post(f"{LIVE}/paragraphs/p1", json={"text": "The chair closed the session.", "base_rev": 1})
    page = browser.get(f"{DESK}?into=JA").text
    assert "2 paragraphs to translate" in page
    assert "The chair <del>opened</del><ins>closed</ins> the session." in page
    assert "This paragraph was withdrawn: off the record" in page
    assert "secret" not in page
    assert page.count('data-of="1"') == 1


def test_thirty_paragraphs_behind_cost_a_translator_no_more_questions_than_one(
    forum: World, written: httpx2.Client
) -> None:
    from sqlalchemy import event

    from server.people.queries import person_by_address
    from server.remote.queries import paragraphs_of, translations_into, words_by_revision
    from server.schedule.models import Session

    for n in range(12):
        write(written, f"paragraph {n}")
    asked: list[str] = []
    with forum.store.reading() as db:
        session = db.query(Session).filter_by(code="ws112").one()
        assert person_by_address(db, "ray@example.org")
        event.listen(db.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        paragraphs = paragraphs_of(db, session)
        translations_into(db, session, "ja")
        words = words_by_revision(db, session.id, [one.number for one in paragraphs])
    assert (len(words), len(asked)) == (13, 3)
