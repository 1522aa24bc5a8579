"""Writing a live summary at the front door (contract, section 6)."""

import threading

import httpx2
import pytest

from tests.remote.follower import LIVE
from tests.world import World


def write(client: httpx2.Client, text: str, **more: object) -> httpx2.Response:
    headers = more.pop("headers", {})
    return client.post(f"{LIVE}/paragraphs", json={"text": text, "lang": "en", **more}, headers=headers)


def snapshot(world: World) -> dict:
    return world.client().get(f"{LIVE}.json").json()


def test_the_first_paragraph_makes_a_waiting_summary_live(forum: World, rapporteur: httpx2.Client) -> None:
    before = snapshot(forum)
    assert (before["status"], before["offset"], before["paragraphs"]) == ("waiting", 0, [])
    answer = write(rapporteur, "The chair opened the *session*.")
    assert answer.status_code == 201
    assert answer.json() == {"id": "p1", "rev": 1, "cursor": f"{before['epoch']}:2"}
    events = forum.client().get(f"{LIVE}.json?after={before['epoch']}:0").json()["events"]
    assert [(one["offset"], one["op"]) for one in events] == [(1, "status"), (2, "append")]
    (paragraph,) = snapshot(forum)["paragraphs"]
    assert paragraph.pop("at")
    assert paragraph == {
        "id": "p1", "rev": 1, "text": "The chair opened the *session*.",
        "html": "<p>The chair opened the <em>session</em>.</p>", "lang": "en", "by": "Rapporteur", "state": "shown",
    }  # fmt: skip


def test_an_edit_raises_the_revision_and_an_old_one_is_refused(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "First words")
    edited = rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "Better words", "base_rev": 1})
    assert (edited.status_code, edited.json()["rev"]) == (200, 2)
    refused = rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "Stale words", "base_rev": 1})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["paragraph"]["text"] == "Better words"
    assert [p["text"] for p in snapshot(forum)["paragraphs"]] == ["Better words"]
    assert snapshot(forum)["offset"] == 3


def test_a_retracted_paragraph_keeps_its_place_and_loses_its_words(forum: World, rapporteur: httpx2.Client) -> None:
    for text in ("one", "the secret name", "three"):
        write(rapporteur, text)
    assert rapporteur.post(f"{LIVE}/paragraphs/p2/retract", json={"reason": "not for the record"}).status_code == 200
    paragraphs = snapshot(forum)["paragraphs"]
    assert [p["id"] for p in paragraphs] == ["p1", "p2", "p3"]
    assert {name: paragraphs[1][name] for name in ("state", "reason", "rev")} == {
        "state": "retracted", "reason": "not for the record", "rev": 2,
    }  # fmt: skip
    everywhere = [f"{LIVE}.json", f"{LIVE}.txt", LIVE, f"{LIVE}.json?after={snapshot(forum)['epoch']}:0"]
    assert [address for address in everywhere if "secret name" in forum.client().get(address).text] == []
    refused = rapporteur.post(f"{LIVE}/paragraphs/p2", json={"text": "again", "base_rev": 2})
    assert (refused.status_code, refused.json()["paragraph"]["state"]) == (409, "retracted")
    assert rapporteur.post(f"{LIVE}/paragraphs/p2/restore", json={}).json()["rev"] == 3
    assert [p["text"] for p in snapshot(forum)["paragraphs"]] == ["one", "the secret name", "three"]


def test_retracting_and_restoring_twice_changes_nothing(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    first = rapporteur.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "why"}).json()
    assert rapporteur.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "why"}).json() == first
    first = rapporteur.post(f"{LIVE}/paragraphs/p1/restore", json={}).json()
    assert rapporteur.post(f"{LIVE}/paragraphs/p1/restore", json={}).json() == first


def test_a_closed_summary_refuses_writes(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    closed = rapporteur.post(f"{LIVE}/status", json={"status": "closed"})
    assert closed.status_code == 200
    answers = [
        write(rapporteur, "two"),
        rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "x", "base_rev": 1}),
        rapporteur.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert rapporteur.post(f"{LIVE}/status", json={"status": "closed"}).json() == closed.json()
    assert snapshot(forum)["offset"] == 3
    assert rapporteur.post(f"{LIVE}/status", json={"status": "live"}).status_code == 200
    assert write(rapporteur, "two").status_code == 201


def test_the_same_key_gives_the_same_answer_and_one_paragraph(forum: World, rapporteur: httpx2.Client) -> None:
    key = {"Idempotency-Key": "a1b2"}
    first = write(rapporteur, "one", headers=key)
    again = write(rapporteur, "one", headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(snapshot(forum)["paragraphs"]) == 1


def test_a_key_that_was_refused_may_be_used_again(forum: World, rapporteur: httpx2.Client) -> None:
    rapporteur.post(f"{LIVE}/status", json={"status": "closed"})
    key = {"Idempotency-Key": "a1b2"}
    assert write(rapporteur, "one", headers=key).status_code == 409
    rapporteur.post(f"{LIVE}/status", json={"status": "live"})
    assert write(rapporteur, "one", headers=key).status_code == 201


def test_many_writers_at_once_leave_no_gap(forum: World) -> None:
    writers = [forum.program(f"r{n}@example.org", role="rapporteur") for n in range(4)]
    answers: list[httpx2.Response] = []

    def work(client: httpx2.Client, name: int) -> None:
        for n in range(10):
            answers.append(write(client, f"{name}-{n}", headers={"Idempotency-Key": f"{n}"}))
            answers.append(write(client, f"{name}-{n}", headers={"Idempotency-Key": f"{n}"}))

    threads = [threading.Thread(target=work, args=(client, n)) for n, client in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    whole = snapshot(forum)
    events = forum.client().get(f"{LIVE}.json?after={whole['epoch']}:0").json()["events"]
    assert [one["offset"] for one in events] == list(range(1, 42))
    assert sorted(p["text"] for p in whole["paragraphs"]) == sorted(f"{w}-{n}" for w in range(4) for n in range(10))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "", "lang": "en"}, "text"),
        ({"text": " \n ", "lang": "en"}, "text"),
        ({"text": "x" * 10_001, "lang": "en"}, "text"),
        ({"text": "x", "lang": "no language"}, "lang"),
        ({"lang": "en"}, "text"),
    ],
)
def test_a_faulty_paragraph_names_its_field(rapporteur: httpx2.Client, body: dict, field: str) -> None:
    answer = rapporteur.post(f"{LIVE}/paragraphs", json=body)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


def test_ten_thousand_characters_are_taken(rapporteur: httpx2.Client) -> None:
    assert write(rapporteur, "字" * 10_000).status_code == 201


@pytest.mark.parametrize("body", [{"text": "x"}, {"text": "x", "base_rev": "one"}])
def test_an_edit_says_what_it_replaces(rapporteur: httpx2.Client, body: dict) -> None:
    write(rapporteur, "one")
    answer = rapporteur.post(f"{LIVE}/paragraphs/p1", json=body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["base_rev"])


@pytest.mark.parametrize("paragraph", ["p2", "p0", "1", "p-1", "p99999999999999999999", "p1x"])
def test_a_paragraph_that_is_not_there_is_not_found(rapporteur: httpx2.Client, paragraph: str) -> None:
    write(rapporteur, "one")
    answer = rapporteur.post(f"{LIVE}/paragraphs/{paragraph}", json={"text": "x", "base_rev": 1})
    assert answer.status_code == 404


def test_an_unknown_status_is_refused(rapporteur: httpx2.Client) -> None:
    for status in ("published", "waiting", "open", ""):
        assert rapporteur.post(f"{LIVE}/status", json={"status": status}).status_code == 422


@pytest.mark.parametrize(
    ("role", "status"),
    [("organiser", 201), ("rapporteur", 201), ("chair", 201), ("moderator", 403), ("desk", 403), (None, 403)],
)
def test_who_may_write(forum: World, role: str | None, status: int) -> None:
    assert write(forum.program("someone@example.org", role=role), "one").status_code == status


def test_only_the_chair_who_is_named_writes_as_chair(forum: World) -> None:
    named = forum.program("ada@example.org", role="chair")
    other = forum.program("bob@example.org", role="chair")
    with forum.store.writing() as db:
        from server.people.queries import person_by_address
        from server.schedule.models import Part, SessionPerson

        ada = person_by_address(db, "ada@example.org")
        assert ada is not None
        for one in db.query(SessionPerson).filter_by(part=Part.CHAIR):
            one.person_id = ada.id
    assert [write(client, "x").status_code for client in (named, other)] == [201, 403]


def test_a_stranger_is_asked_to_sign_in(forum: World) -> None:
    stranger = forum.client()
    assert write(stranger, "one").status_code == 401
    page = stranger.post(f"{LIVE}/paragraphs", data={"text": "one", "lang": "en"})
    assert (page.status_code, page.headers["location"].split("?")[0]) == (303, "/sign-in")
    assert snapshot(forum)["offset"] == 0


def test_a_form_goes_back_to_the_writing_page(forum: World) -> None:
    browser = forum.browser("ray@example.org", role="rapporteur")
    answer = browser.post(f"{LIVE}/paragraphs", data={"text": "one", "lang": "en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/igf2014/desk/sessions/ws112/summary")
    assert "one" in browser.get(answer.headers["location"]).text


def test_a_form_with_a_token_is_answered_as_a_form_unless_json_is_asked_for(rapporteur: httpx2.Client) -> None:
    form = {"text": "one", "lang": "en"}
    assert rapporteur.post(f"{LIVE}/paragraphs", data=form).status_code == 303
    asked = rapporteur.post(f"{LIVE}/paragraphs", data=form, headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["id"]) == (201, "p2")
    wrong = rapporteur.post(f"{LIVE}/paragraphs", data=form, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401


def test_a_form_that_conflicts_comes_back_with_both_texts(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org", role="rapporteur")
    write(rapporteur, "First words")
    rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "Their words", "base_rev": 1})
    answer = browser.post(f"{LIVE}/paragraphs/p1", data={"text": "My long words", "lang": "en", "base_rev": "1"})
    assert answer.status_code == 409
    assert "<del>First</del><ins>Their</ins> words" in answer.text
    assert "<del>First</del><ins>My long</ins> words" in answer.text
    assert "\nMy long words</textarea>" in answer.text
    assert 'name="base_rev" value="2"' in answer.text


def test_a_form_that_comes_too_late_keeps_what_was_typed(forum: World, rapporteur: httpx2.Client) -> None:
    browser = forum.browser("ray@example.org", role="rapporteur")
    rapporteur.post(f"{LIVE}/status", json={"status": "closed"})
    answer = browser.post(f"{LIVE}/paragraphs", data={"text": "Typed for an hour", "lang": "en"})
    assert (answer.status_code, "Typed for an hour" in answer.text) == (409, True)


def test_a_foreign_page_cannot_write(forum: World) -> None:
    browser = forum.browser("ray@example.org", role="rapporteur")
    answer = browser.post(
        f"{LIVE}/paragraphs", data={"text": "one", "lang": "en"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert snapshot(forum)["offset"] == 0


def test_a_fast_writer_is_not_slowed(rapporteur: httpx2.Client) -> None:
    answers = [write(rapporteur, f"paragraph {n}").status_code for n in range(150)]
    assert set(answers) == {201}


def test_script_in_a_paragraph_is_only_text(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>")
    html = snapshot(forum)["paragraphs"][0]["html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "<a" not in html
    assert "<script>alert" not in forum.client().get(LIVE).text
