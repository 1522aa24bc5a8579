"""Protection at the door: headers, foreign posts, large and malformed bodies, floods, faults of ours."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from server.limits import Limits
from server.web.page import LARGEST_FORM
from server.web.render import static
from server.web.security import network_of
from tests.world import World

#: No engine does this differently.
pytestmark = pytest.mark.either

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; form-action 'self'"
)
JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def as_problem(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["type"], body["status"]) == ("about:blank", answer.status_code)
    assert body["title"]
    return body


def as_page(answer: httpx2.Response) -> str:
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1" in answer.text
    return answer.text


# Headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200), ("/no/such/page", 404), ("/test/fault", 500), ("/test/unready", 503), ("/account", 303),
        (static("css/plenary.css"), 200), ("/static/x/none.css", 404), ("/healthz", 200), ("/test/echo", 405),
    ],
)  # fmt: skip
def test_every_answer_carries_the_protecting_headers(laboratory: World, path: str, status: int) -> None:
    answer = laboratory.client().get(path, headers=PAGE)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert len(answer.headers["x-request-id"]) >= 16
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("path", ["/registration/x.y", "/sign-in/x", "/calendar/x.ics", "/registration/x/test"])
def test_a_page_with_a_secret_in_its_address_tells_nobody_where_one_came_from(laboratory: World, path: str) -> None:
    assert laboratory.client().get(path).headers["referrer-policy"] == "no-referrer"


def test_under_https_cookies_are_secure_and_browsers_stay_there(start_laboratory: Callable[..., World]) -> None:
    answer = start_laboratory(base_url="https://igf.example").client().get("/?lang=ja")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["set-cookie"] == "lang=ja; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"


# Posts from elsewhere


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ],
)  # fmt: skip
def test_a_post_from_another_site_is_refused(laboratory: World, headers: dict[str, str]) -> None:
    client = laboratory.client(headers=headers)
    answer = client.post("/test/echo", data={"a": "1"}, headers=PAGE)
    assert answer.status_code == 403
    assert "This was sent from another site." in as_page(answer)
    assert answer.headers["content-security-policy"] == CSP
    answer = client.post("/test/echo", json={"a": "1"})
    assert answer.status_code == 403
    assert as_problem(answer)["detail"].startswith("This was sent from another site.")


def test_a_post_from_here_or_from_no_browser_is_taken(laboratory: World) -> None:
    ours: list[dict[str, str]] = [
        {}, {"Origin": laboratory.base_url}, {"Sec-Fetch-Site": "same-origin", "Origin": laboratory.base_url},
        {"Sec-Fetch-Site": "none"},
    ]  # fmt: skip
    for headers in ours:
        assert laboratory.client().post("/test/echo", data={"a": "1"}, headers=headers).json() == {"a": "1"}


def test_behind_a_proxy_the_public_address_counts(start_laboratory: Callable[..., World]) -> None:
    client = start_laboratory(base_url="https://igf.example").client()
    assert client.post("/test/echo", headers={"Origin": "https://igf.example"}).status_code == 200
    assert client.post("/test/echo", headers={"Origin": "http://igf.example"}).status_code == 403


def test_a_program_with_a_token_may_come_from_anywhere(laboratory: World) -> None:
    program = laboratory.program("ada@example.org")
    foreign = {"Origin": "https://tools.example", "Sec-Fetch-Site": "cross-site"}
    assert program.post("/test/echo", json={"a": 1}, headers=foreign).json() == {"a": "1"}


def test_a_made_up_token_does_not_borrow_the_visit_of_a_browser(laboratory: World) -> None:
    browser = laboratory.browser("ada@example.org")
    answer = browser.post("/test/echo", headers={"Authorization": "Bearer made.up", "Origin": "https://evil.example"})
    assert answer.status_code == 401
    assert as_problem(answer)["detail"] == "This token is not known. It may have been revoked."
    assert answer.headers["www-authenticate"] == "Bearer"


# Bodies


def ten_megabytes() -> Iterator[bytes]:
    yield from (b"text=" + b"x" * 65531 for _ in range(160))


@pytest.mark.parametrize("path", ["/test/echo", "/test/raw"])
@pytest.mark.parametrize("length_told", [True, False])
def test_a_body_over_the_limit_is_refused(laboratory: World, path: str, length_told: bool) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body: Any = b"".join(ten_megabytes()) if length_told else ten_megabytes()
    answer = laboratory.client().post(path, content=body, headers={**PAGE, **form})
    assert answer.status_code == 413
    assert "larger than this server takes" in as_page(answer)
    body = b"".join(ten_megabytes()) if length_told else ten_megabytes()
    answer = laboratory.client().post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert as_problem(answer)["detail"] == "What was sent is larger than this server takes."


def test_the_longest_paragraph_fits(laboratory: World) -> None:
    text = "国" * 10_000
    client = laboratory.client()
    assert client.post("/test/echo", json={"text": text}).json() == {"text": text}
    assert client.post("/test/echo", data={"text": text}).json() == {"text": text}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "What was sent is not well-formed JSON."),
        (b"\xff\xfe\x00", "What was sent is not well-formed JSON."),
        (b"[" * 100_000, "What was sent is not well-formed JSON."),
        (b"[1, 2]", "A JSON object is expected."),
        (b'"text"', "A JSON object is expected."),
        (b'{"a": {"b": 1}}', "A JSON object is expected."),
        (b'{"a": "\\u0000"}', "What was sent contains characters that are not text."),
        (b'{"a": "\\ud800"}', "What was sent contains characters that are not text."),
        (b'{"\\ud800": {"b": 1}}', "What was sent contains characters that are not text."),
    ],
)  # fmt: skip
def test_malformed_json_is_a_fault_of_the_sender(laboratory: World, body: bytes, says: str) -> None:
    answer = laboratory.client().post("/test/echo", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert as_problem(answer)["detail"] == says


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"a=%00"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nx\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * (LARGEST_FORM + 1))),
    ],
)  # fmt: skip
def test_a_malformed_form_is_a_fault_of_the_sender(laboratory: World, kind: str, body: bytes) -> None:
    answer = laboratory.client().post("/test/echo", content=body, headers={"Content-Type": kind, **PAGE})
    assert answer.status_code == 422
    as_page(answer)


def test_json_and_form_say_the_same(laboratory: World) -> None:
    client = laboratory.client()
    form = client.post("/test/echo", data={"name": "Ada", "n": "7", "public": "true"}).json()
    assert form == {"name": "Ada", "n": "7", "public": "true"}
    assert (
        client.post("/test/echo", json={"name": "Ada", "n": 7, "public": True, "not": False, "none": None}).json()
        == form
    )


def test_a_nul_in_an_address_finds_nothing_and_breaks_nothing(plenary: World) -> None:
    client = plenary.client()
    assert client.get("/igf%00/schedule").status_code == 404
    assert client.get("/igf2014/sessions/ws%00").status_code == 404
    assert client.get("/meetings?q=%00&lang=%00").status_code == 200


@pytest.mark.parametrize("query", ["q=" + "x" * 9000, "&".join(["q=a"] * 3000), "q=a" + "%CC%A3%CC%80" * 2000])
def test_a_very_long_address_is_refused_before_anybody_works_on_it(plenary: World, query: str) -> None:
    answer = plenary.client().get(f"/igf2014/schedule?{query}", headers=PAGE)
    assert answer.status_code == 414
    assert "larger than this server takes" in as_page(answer)
    assert len(answer.content) < 10_000
    assert as_problem(plenary.client().get(f"/igf2014/schedule?{query}", headers=JSON))["title"] == "Too large"


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/igf2014/schedule/?day=2014-09-02&q=%26", "/igf2014/schedule?day=2014-09-02&q=%26"), ("/a%3Fb/", "/a%3Fb"),
        ("//evil.example/", "/evil.example"), ("/%2Fevil.example/", "/evil.example"), ("/%5Cevil.example/", "/%5Cevil.example"),
    ],
)  # fmt: skip
def test_a_slash_at_the_end_is_taken_away_and_leads_to_no_other_host(
    plenary: World, address: str, leads_to: str
) -> None:
    answer = plenary.client().get(plenary.base_url + address, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (307, leads_to)


def test_of_ipv6_the_network_is_counted_because_one_caller_has_all_its_addresses() -> None:
    addresses = ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:3::1", "unix"]
    assert [network_of(address) for address in addresses] == [
        "192.0.2.7", "::ffff:192.0.2.7", "2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1:3::/64", "unix",
    ]  # fmt: skip


# Floods


def test_a_flood_of_posts_is_told_when_to_come_back(laboratory: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "PER_ADDRESS", "3/minute")
    client = laboratory.client()
    assert [client.post("/test/echo").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = client.post("/test/echo", json={})
    assert 50 <= int(answer.headers["retry-after"]) <= 60
    assert as_problem(answer)["title"] == "Too many requests"
    assert client.get("/healthz").status_code == 200
    assert laboratory.program("ada@example.org").post("/test/echo").status_code == 200, "a known person counts apart"


def test_a_venue_behind_one_address_is_not_slowed(laboratory: World) -> None:
    client = laboratory.client()
    assert {client.post("/test/echo").status_code for _ in range(100)} == {200}


# Methods and faults


def test_a_method_that_an_address_does_not_take(laboratory: World) -> None:
    client = laboratory.client()
    answer = client.get("/test/echo", headers=JSON)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert as_problem(answer) == {
        "type": "about:blank", "title": "Not possible here", "status": 405,
        "detail": "This address does not take requests of this kind.",
    }  # fmt: skip
    assert client.request("BREW", "/test/echo").status_code in (400, 405)
    assert client.delete("/healthz").status_code == 405


def test_no_stack_trace_ever_leaves(laboratory: World) -> None:
    client = laboratory.client()
    page = client.get("/test/fault", headers=PAGE)
    program = client.get("/test/fault", headers=JSON)
    assert (page.status_code, program.status_code) == (500, 500)
    assert as_problem(program)["detail"] == "The fault is ours and has been noted. Please try again in a moment."
    for text in (as_page(page), program.text):
        assert "hunter2" not in text
        assert "Traceback" not in text
        assert "RuntimeError" not in text


def test_a_problem_carries_what_programs_need(laboratory: World) -> None:
    assert as_problem(laboratory.client().get("/test/problem?who=Ada", headers=JSON)) == {
        "type": "about:blank", "title": "Changed meanwhile", "status": 409, "detail": "Half of this is by Ada.",
        "paragraph": {"id": "p7"},
    }  # fmt: skip


def test_a_problem_without_parameters_may_speak_of_percents(laboratory: World) -> None:
    assert as_problem(laboratory.client().get("/test/problem", headers=JSON))["detail"] == "50% of this"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html", "text/html"), ("*/*", "text/html"), ("", "text/html"),
        ("application/json", "application/problem+json"), ("application/problem+json", "application/problem+json"),
        ("text/html;q=0.5, application/json", "application/problem+json"),
        ("text/html, application/json;q=0.9", "text/html"),
        ("application/json;q=nonsense", "text/html"),
    ],
)  # fmt: skip
def test_who_prefers_json_gets_json(plenary: World, accept: str, kind: str) -> None:
    answer = plenary.client().get("/no/such/page", headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"].partition(";")[0] == kind


# Compression


def test_each_form_of_an_answer_has_a_tag_of_its_own(laboratory: World) -> None:
    client = laboratory.client()
    plain = client.get("/test/tagged", headers={"Accept-Encoding": "identity"})
    small = client.get("/test/tagged", headers={"Accept-Encoding": "gzip"})
    assert plain.text == small.text
    assert (plain.headers["etag"], small.headers["etag"]) == ('"v1"', '"v1-gzip"')
    assert small.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in small.headers["vary"].lower()
    assert "accept-encoding" in plain.headers["vary"].lower()
    for tag, coding in (('"v1"', "identity"), ('"v1-gzip"', "gzip")):
        again = client.get("/test/tagged", headers={"Accept-Encoding": coding, "If-None-Match": f'"v0", {tag}'})
        assert (again.status_code, again.headers["etag"], again.content) == (304, tag, b"")
    changed = client.get("/test/tagged", headers={"Accept-Encoding": "gzip", "If-None-Match": '"v0-gzip"'})
    assert changed.status_code == 200


def test_what_a_page_compressed_itself_is_left_alone(laboratory: World) -> None:
    with laboratory.client().stream("GET", "/test/ready-made", headers={"Accept-Encoding": "gzip"}) as answer:
        assert b"".join(answer.iter_raw()) == b"\x1f\x8b made before" * 200
        assert answer.headers["etag"] == '"own"'


def test_static_files_are_kept_for_ever_under_the_address_that_names_their_content(plenary: World) -> None:
    client = plenary.client()
    style = client.get(static("css/plenary.css"))
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/old/css/plenary.css").headers["cache-control"] == "no-cache"
    again = client.get(static("css/plenary.css"), headers={"If-None-Match": style.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/static/x/..%2f..%2fpyproject.toml").status_code == 404
    assert client.get("/static/x/%2e%2e/%2e%2e/pyproject.toml").status_code == 404
