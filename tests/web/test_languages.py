"""Languages: each answer is in the one asked for, kept, or preferred, in that order."""

import pytest

from server.web.language import negotiate, pick
from tests.world import World

#: No engine does this differently.
pytestmark = pytest.mark.either

JA = {"Accept-Language": "ja-JP,ja;q=0.9,en;q=0.5"}


def test_a_language_asked_for_is_answered_in_that_very_response_and_kept(plenary: World) -> None:
    client = plenary.client()
    answer = client.get("/meetings?lang=ja")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == "ja"
    assert '<html lang="ja" dir="ltr"' in answer.text
    assert answer.headers["set-cookie"] == "lang=ja; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
    again = client.get("/meetings")
    assert (again.headers["content-language"], again.headers.get("set-cookie")) == ("ja", None)
    assert client.get("/meetings?lang=en").headers["content-language"] == "en"
    assert client.get("/meetings").headers["content-language"] == "en"


def test_without_a_choice_the_browser_says(plenary: World) -> None:
    client = plenary.client()
    answer = client.get("/meetings", headers=JA)
    assert answer.headers["content-language"] == "ja"
    assert {"accept-language", "cookie"} <= {name.strip().lower() for name in answer.headers["vary"].split(",")}
    assert "set-cookie" not in answer.headers
    assert client.get("/meetings", headers={"Accept-Language": "sw"}).headers["content-language"] == "en"


@pytest.mark.parametrize("asked", ["xx", "", "JA", "../ja", "ja-", "<script>"])
def test_a_language_nobody_offers_is_ignored(plenary: World, asked: str) -> None:
    answer = plenary.client().get("/meetings", params={"lang": asked}, headers=JA)
    assert (answer.status_code, answer.headers["content-language"]) == (200, "ja")
    assert "set-cookie" not in answer.headers


def test_problems_too_are_told_in_the_language(plenary: World) -> None:
    client = plenary.client()
    assert client.get("/no/such/page?lang=ja").headers["content-language"] == "ja"
    foreign = client.post("/sign-in?lang=ja", headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.headers["content-language"]) == (403, "ja")


@pytest.mark.parametrize(
    ("asked", "kept", "accept", "chosen"),
    [
        ("ja", "en", "en", "ja"), (None, "ja", "en", "ja"), (None, None, "ja", "ja"), (None, None, "", "en"),
        ("xx", "yy", "ja;q=0.2, en;q=0.1", "ja"), (None, None, "en;q=0.3, ja", "ja"), (None, None, "ja;q=0, en", "en"),
        (None, None, "*", "en"), (None, None, "ja;q=high", "en"), (None, None, ",;,", "en"), (None, None, "ja-Hira-JP", "ja"),
        (None, None, "fr, ja;q=0.5", "ja"), (None, None, "a" * 10_000, "en"),
    ],
)  # fmt: skip
def test_negotiation(asked: str | None, kept: str | None, accept: str, chosen: str) -> None:
    assert negotiate(asked, kept, accept) == chosen


def test_a_text_is_given_in_the_wanted_language_else_in_english_else_as_it_is() -> None:
    assert pick({"en": "Istanbul", "ja": "イスタンブール"}, "ja") == "イスタンブール"
    assert pick({"en": "Istanbul", "ja": ""}, "ja") == "Istanbul"
    assert pick({"tr": "İstanbul"}, "ja") == "İstanbul"
    assert pick({}, "ja") == pick(None, "ja") == ""
