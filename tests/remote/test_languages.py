"""Reading a summary in another language: which text is shown, marked how, and kept for whom."""

import json
import re
from collections.abc import Iterator

import httpx2
import pytest

from server import clock
from server.demonstration import FILES, _write_next
from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.remote.actions import move_paragraph, translate_paragraph
from server.remote.wording import ORIGINAL, Choice, languages_of, own_name, parse_choice
from server.schedule.queries import session_by_code
from tests.makers import make_session
from tests.remote.follower import LIVE
from tests.remote.test_writing import write
from tests.world import World

#: No engine does this differently.
pytestmark = pytest.mark.either

EARLIER, MISSING = "This translation is of an earlier wording.", "Not translated yet: this is the original."


def translate(forum: World, paragraph: str, lang: str, text: str, of: int = 1, base: int = 0) -> None:
    """Write a translation, as the desk does."""
    with forum.store.writing() as db:
        session = session_by_code(db, meeting_by_slug(db, "igf2014"), "ws112")
        person = person_for(db, "ray@example.org", clock.now())
        translate_paragraph(db, person, session, paragraph, lang, text, of_rev=of, base_rev=base, now=clock.now())


@pytest.fixture
def translated(forum: World, rapporteur: httpx2.Client) -> World:
    """Three English paragraphs; the first has a Japanese and an Arabic translation, the second one that is behind."""
    for text in ("One", "Two", "Three"):
        write(rapporteur, text)
    translate(forum, "p1", "ja", "一")
    translate(forum, "p1", "ar", "واحد")
    translate(forum, "p2", "ja", "二")
    rapporteur.post(f"{LIVE}/paragraphs/p2", json={"text": "Two, corrected", "base_rev": 1})
    return forum


def shown(page: httpx2.Response) -> Iterator[tuple[str, str, str]]:
    """Language, direction and words of each text, and what is said of it, in the order of the page."""
    assert page.status_code == 200
    found = r'<div class="text" lang="([^"]+)" dir="([^"]+)"><p>([^<]+)</p></div>|<p class="note">([^<]+)</p>'
    for lang, direction, words, note in re.findall(found, page.text):
        yield ("", "", note) if note else (lang, direction, words)


def test_the_original_is_shown_unless_one_chooses(translated: World) -> None:
    assert [words for _, _, words in shown(translated.client().get(LIVE))] == ["One", "Two, corrected", "Three"]


def test_another_language_is_shown_with_what_is_behind_and_what_is_missing(translated: World) -> None:
    assert list(shown(translated.client().get(f"{LIVE}?text=ja"))) == [
        ("ja", "ltr", "一"), ("ja", "ltr", "二"), ("", "", EARLIER), ("en", "ltr", "Three"), ("", "", MISSING),
    ]  # fmt: skip
    assert next(shown(translated.client().get(f"{LIVE}?text=ar"))) == ("ar", "rtl", "واحد")


def test_both_stand_beside_each_other(translated: World) -> None:
    page = translated.client().get(f"{LIVE}?text=both:ja")
    assert [words for _, _, words in shown(page)] == [
        "One", "一", "Two, corrected", "二", EARLIER, "Three", MISSING,
    ]  # fmt: skip
    assert 'class="summary is-both"' in page.text


def test_only_languages_that_are_there_are_offered(translated: World) -> None:
    options = re.findall(r'<option value="([a-z:]+)"', translated.client().get(LIVE).text)
    assert options[:5] == ["original", "ar", "ja", "both:ar", "both:ja"]
    assert "en" not in options


def test_where_nothing_is_translated_nothing_is_offered(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "One")
    write(rapporteur, "二", lang="ja")
    page = forum.client().get(LIVE).text
    assert '<div class="field" id="languages" hidden>' in page
    assert "There is nothing in the language you chose yet." in forum.client().get(f"{LIVE}?text=fr").text
    assert list(shown(forum.client().get(f"{LIVE}?text=fr"))) == [("en", "ltr", "One"), ("ja", "ltr", "二")]


def test_a_choice_is_kept_for_every_session_and_can_be_taken_back(translated: World) -> None:
    client = translated.client()
    kept = client.get(f"{LIVE}?text=ja").headers["set-cookie"]
    assert kept.startswith("text=ja;")
    assert all(flag in kept for flag in ("HttpOnly", "Path=/", "SameSite=lax"))
    assert "一" in client.get(LIVE).text
    client.get(f"{LIVE}?text=original")
    assert "一" not in client.get(LIVE).text


@pytest.mark.parametrize(
    "wrong", ["", "x", "both:", "ja;y", "both:both:ja", "j" * 50, "%00", "both:original:ja", "日本"]
)
def test_a_choice_that_means_nothing_is_none(translated: World, wrong: str) -> None:
    answer = translated.client().get(LIVE, params={"text": wrong})
    assert [words for _, _, words in shown(answer)] == ["One", "Two, corrected", "Three"]
    assert "set-cookie" not in answer.headers


def test_the_plain_text_comes_in_the_language_too(translated: World) -> None:
    client = translated.client()
    assert client.get(f"{LIVE}.txt?text=ja").text == (
        "Session ws112\n\n一\n\n二\n[translates an earlier wording]\n\nThree\n[not translated]\n"
    )
    assert client.get(f"{LIVE}.txt?text=both:ar").text.startswith("Session ws112\n\nOne\n\nواحد\n\nTwo")
    assert client.get(f"{LIVE}.txt").text == "Session ws112\n\nOne\n\nTwo, corrected\n\nThree\n"


def test_a_withdrawn_paragraph_is_gone_in_every_language(translated: World, rapporteur: httpx2.Client) -> None:
    rapporteur.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "a slip"})
    for address in (
        f"{LIVE}?text=ja",
        f"{LIVE}.txt?text=both:ja",
        f"{LIVE}/screen?text=ja",
        f"{LIVE}?quiet=30&text=ja",
    ):
        page = translated.client().get(address).text
        assert ("一" in page, "a slip" in page) == (False, True), address


def test_a_paragraph_moves_with_its_translations(translated: World, rapporteur: httpx2.Client) -> None:
    with translated.store.writing() as db:
        session = session_by_code(db, meeting_by_slug(db, "igf2014"), "ws112")
        move_paragraph(db, person_for(db, "ray@example.org", clock.now()), session, "p1", None, now=clock.now())
    expected = ["二", EARLIER, "Three", MISSING, "一"]
    assert [words for _, _, words in shown(translated.client().get(f"{LIVE}?text=ja"))] == expected


def test_choices_are_read_as_they_are_written() -> None:
    assert [parse_choice(text) for text in ("original", "ja", "both:zh-Hant")] == [
        ORIGINAL, Choice("ja"), Choice("zh-Hant", True),
    ]  # fmt: skip
    assert [str(choice) for choice in (ORIGINAL, Choice("ja"), Choice("ja", True))] == ["original", "ja", "both:ja"]


def test_languages_are_called_as_their_speakers_call_them() -> None:
    assert [own_name(tag) for tag in ("ja", "ar", "fr", "zz-nonsense-x")] == [
        "日本語", "العربية", "Français", "zz-nonsense-x",
    ]  # fmt: skip
    assert languages_of([]) == []


def test_the_demonstration_is_written_in_two_languages(forum: World) -> None:
    lines = (FILES / "summary.jsonl").read_text(encoding="utf-8").splitlines()
    with forum.store.writing() as db:
        make_session(db, meeting_by_slug(db, "igf2014"), "now", starts_at=clock.now())
    writing = True
    while writing:
        with forum.store.writing() as db:
            writing = _write_next(db, lines, clock.now())
    paragraphs = forum.client().get("/igf2014/sessions/now/live.json").json()["paragraphs"]
    expected = [(texts["en"], [("ja", texts["ja"], 1)]) for texts in map(json.loads, lines)]
    told = [(p["text"], [(t["lang"], t["text"], t["of"]) for t in p["translations"]]) for p in paragraphs]
    assert told == expected
