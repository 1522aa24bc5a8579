"""A summary elsewhere than on its page: on a bad line, on the screen in the room, in a frame on another site."""

import re
import socket

import httpx2
import pytest

from tests.remote.follower import LIVE
from tests.remote.test_writing import snapshot, write
from tests.world import World, wait_for

#: No engine does this differently.
pytestmark = pytest.mark.either

REFRESH = re.compile(r'<meta http-equiv="refresh" content="([^"]+)">')


def bytes_of(forum: World, address: str, *headers: str) -> tuple[int, int]:
    """Every byte of a question and of its answer, as they cross the line."""
    host = forum.base_url.removeprefix("http://")
    question = "\r\n".join([f"GET {address} HTTP/1.1", f"Host: {host}", *headers, "Connection: close", "", ""])
    with socket.create_connection(("127.0.0.1", forum.port), timeout=10) as line:
        line.sendall(question.encode())
        came = 0
        while chunk := line.recv(65536):
            came += len(chunk)
    return len(question), came


# --- on a bad line


def test_the_quiet_answer_has_no_body_when_nothing_is_new(forum: World, rapporteur: httpx2.Client) -> None:
    cursor = write(rapporteur, "one").json()["cursor"]
    answer = forum.client().get(f"{LIVE}.json?after={cursor}&quiet")
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")
    assert "content-security-policy" not in answer.headers


def test_the_quiet_answer_has_the_words_and_no_html(forum: World, rapporteur: httpx2.Client) -> None:
    cursor = write(rapporteur, "one").json()["cursor"]
    write(rapporteur, "two *words*")
    whole = forum.client().get(f"{LIVE}.json?after={cursor}").json()
    assert whole["events"][0]["paragraph"].pop("html") == "<p>two <em>words</em></p>"
    assert forum.client().get(f"{LIVE}.json?after={cursor}&quiet").json() == whole
    foreign = forum.client().get(f"{LIVE}.json?after=nonsense&quiet").json()
    assert [(p["text"], "html" in p) for p in foreign["paragraphs"]] == [("one", False), ("two *words*", False)]


def test_a_question_in_vain_costs_a_few_hundred_bytes(forum: World, rapporteur: httpx2.Client) -> None:
    cursor = write(rapporteur, "one").json()["cursor"]
    asked, answered = bytes_of(forum, f"{LIVE}.json?after={cursor}&quiet", "Accept: */*", "Accept-Encoding: gzip")
    assert (asked < 180, answered < 260) == (True, True), (asked, answered)


def test_the_smallest_page_shows_what_is_new_and_asks_for_what_comes_next(
    forum: World, rapporteur: httpx2.Client
) -> None:
    client = forum.client()
    for word in ("one", "two", "three", "four"):
        write(rapporteur, word)
    epoch = snapshot(forum)["epoch"]

    def ask(address: str) -> tuple[list[str], str]:
        page = client.get(address)
        assert len(page.content) < 2048
        return re.findall(r"<p>(\w+)</p>", page.text), REFRESH.search(page.text)[1]  # type: ignore[index]

    words, following = ask(f"{LIVE}?quiet=30")
    assert (words, following) == (["two", "three", "four"], f"30;url={LIVE}?quiet=30&amp;after={epoch}:5")
    address = following.partition("url=")[2].replace("&amp;", "&")
    assert ask(address) == (["four"], following)  # nothing is new: the last one, to have something to read
    write(rapporteur, "five")
    rapporteur.post(f"{LIVE}/paragraphs/p2", json={"text": "second", "base_rev": 1})
    assert ask(address) == (["second", "five"], f"30;url={LIVE}?quiet=30&amp;after={epoch}:7")


def test_the_smallest_page_can_be_held(forum: World, rapporteur: httpx2.Client) -> None:
    cursor = write(rapporteur, "one").json()["cursor"]
    write(rapporteur, "two")
    held = forum.client().get(f"{LIVE}?quiet=0&after={cursor}").text
    assert REFRESH.search(held) is None
    assert f'href="{LIVE}?quiet=30&amp;after={cursor}"' in held, "what came since is shown when one goes on"
    for wrong in ("1", "x", "30;url=https://evil.example", ""):
        assert REFRESH.search(forum.client().get(LIVE, params={"quiet": wrong}).text) is None


@pytest.mark.parametrize("cursor", ["nonsense", "other:1", "EPOCH:999", "%00"])
def test_a_cursor_that_means_nothing_shows_the_last_paragraphs(
    forum: World, rapporteur: httpx2.Client, cursor: str
) -> None:
    write(rapporteur, "one")
    address = f"{LIVE}?quiet=30&after={cursor.replace('EPOCH', snapshot(forum)['epoch'])}"
    assert "The last paragraphs:" in forum.client().get(address).text


def test_the_smallest_page_loads_nothing_else(forum: World) -> None:
    page = forum.client().get(f"{LIVE}?quiet=30").text
    assert "Nothing has been written yet." in page
    assert re.findall(r'<(?:script|style|img)|rel="stylesheet"', page) == []


def test_what_a_bad_line_pays(forum: World, rapporteur: httpx2.Client) -> None:
    """The whole of a reload with one new paragraph of usual length, compressed as browsers ask for it."""
    cursor = write(rapporteur, "one").json()["cursor"]
    write(rapporteur, "The moderator read out a question from the hub in Nairobi: who reviews the reviewers? " * 3)
    _, answered = bytes_of(forum, f"{LIVE}?quiet=30&after={cursor}", "Accept: text/html", "Accept-Encoding: gzip")
    assert answered < 2048


# --- on the screen in the room


def test_the_screen_shows_the_last_paragraphs_and_where_to_read_along(forum: World, rapporteur: httpx2.Client) -> None:
    for number in range(15):
        write(rapporteur, f"paragraph {number}")
    page = forum.client().get(f"{LIVE}/screen").text
    assert re.findall(r"<p>(paragraph \d+)</p>", page) == [f"paragraph {number}" for number in range(3, 15)]
    address = f"{forum.base_url}{LIVE}"
    assert f'<a href="{address}">{address.removeprefix("http://")}</a>' in page
    assert f'<svg role="img" aria-label="QR code: read along at {address}"' in page
    assert ("Session ws112" in page, "Workshop Room 01" in page, "Istanbul time" in page) == (True, True, True)
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page


def test_the_screen_takes_a_theme_and_no_other_words(forum: World) -> None:
    assert 'class="screen theme-dark"' in forum.client().get(f"{LIVE}/screen?theme=dark").text
    assert 'class="screen"' in forum.client().get(f"{LIVE}/screen", params={"theme": 'x" onload="'}).text
    assert "data-keys" not in forum.client().get(f"{LIVE}/screen?keys=off").text


# --- in a frame on another site


def test_only_the_page_for_other_sites_may_be_framed_by_them(forum: World) -> None:
    client = forum.client()
    policies = {
        address: client.get(address).headers["content-security-policy"].split("; ")
        for address in (f"{LIVE}/embed", LIVE, f"{LIVE}/screen", f"{LIVE}?quiet=30", "/igf2014", f"{LIVE}/embed/", "/x")
    }
    embed = policies.pop(f"{LIVE}/embed")
    assert "frame-ancestors *" in embed
    assert all("frame-ancestors 'self'" in policy for policy in policies.values())
    assert [one for one in embed if "frame" not in one] == [one for one in policies[LIVE] if "frame" not in one]


@pytest.mark.parametrize("query", ["", "?lang=ja", "?text=ja", "?lang=ja&text=both:ja&theme=dark"])
def test_in_a_frame_nothing_is_kept_of_anybody(forum: World, query: str) -> None:
    answer = forum.client().get(f"{LIVE}/embed{query}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert answer.headers["cache-control"] == "public, no-cache"


def test_in_a_frame_it_is_the_same_for_who_is_signed_in(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    signed_in = forum.browser("ray@example.org", role="rapporteur")
    signed_in.get("/?lang=ja")
    assert signed_in.get(f"{LIVE}/embed?lang=en").text == forum.client().get(f"{LIVE}/embed?lang=en").text


def test_links_lead_out_of_the_frame(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "See [this](https://example.org/report).")
    page = forum.client().get(f"{LIVE}/embed").text
    assert '<base target="_blank">' in page
    assert 'rel="noopener nofollow ugc"' in page
    assert f'<a class="anchor" href="{LIVE}#p1"' in page


def test_the_live_page_has_the_lines_to_copy(forum: World) -> None:
    page = forum.client().get(LIVE).text
    expected = f'&lt;iframe src="{forum.base_url}{LIVE}/embed" title="Live summary: Session ws112"'
    assert expected in page


# --- whether it is live


def test_pages_say_when_the_server_does_not_hear_of_what_is_written(forum: World) -> None:
    hub = forum.plenary.hub
    said = "The server does not hear of new paragraphs at the moment. They will appear here by themselves."
    addresses = (LIVE, f"{LIVE}/screen", f"{LIVE}/embed", f"{LIVE}?quiet=30")

    def visible() -> list[bool]:
        pages = [re.sub(r'data-deaf="[^"]+"', "", forum.client().get(address).text) for address in addresses]
        return [said in page for page in pages]

    assert visible() == [False] * 4
    hub.hears = False
    assert visible() == [True] * 4


def test_who_only_asks_is_told_by_a_header(forum: World, rapporteur: httpx2.Client) -> None:
    cursor = write(rapporteur, "one").json()["cursor"]
    hub = forum.plenary.hub
    asked = [f"{LIVE}.json?after={cursor}", f"{LIVE}.json?after={cursor}&quiet", f"{LIVE}.json?after=x"]

    def told() -> list[str]:
        return [forum.client().get(address).headers.get("plenary-live", "") for address in asked]

    assert told() == ["", "", ""]
    hub._loop.call_soon_threadsafe(hub.hear, False)  # type: ignore[union-attr]
    wait_for(lambda: told() == ["false", "false", "false"])
