"""The meeting's own questions: put by organisers, asked of whom they are for, kept with the registration."""

import csv
import io
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from server.database import Database
from server.registration import answers
from server.registration.file_content import content_type_of
from server.registration.links import private_link
from server.registration.models import Answer, AnswerFile, HistoryEntry, Question, Registration
from tests.makers import make_meeting
from tests.world import World

PAGE = "/igf2014/desk/registration/questions"


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting."""
    with plenary.store.writing() as db:
        make_meeting(db)
    return plenary


@pytest.fixture
def organiser(world: World) -> httpx2.Client:
    return world.program("olga@example.org", role="organiser")


def ask(organiser: httpx2.Client, label: str, kind: str, **other: Any) -> dict[str, Any]:
    """Put a question; what the desk says of it."""
    answer = organiser.post(PAGE, json={"label_en": label, "kind": kind, **other})
    assert answer.status_code == 201, answer.text
    return answer.json()


def entered(**other: Any) -> dict[str, Any]:
    return {
        "given_name": "Ada", "family_name": "Lovelace", "email": "ada@example.org", "country": "GB",
        "organisation": "Society", "stakeholder_group": "government", "attendance": "onsite", **other,
    }  # fmt: skip


def register(world: World, **other: Any) -> httpx2.Response:
    return world.client().post("/igf2014/register", json=entered(**other))


def kept(world: World, email: str = "ada@example.org") -> dict[str, Any]:
    """What somebody answered, by the question's key."""
    with world.store.reading() as db:
        one = db.scalars(select(Registration).filter_by(email=email)).first()
        rows = select(Question.key, Answer.value).join(Answer, Answer.question_id == Question.id)
        return dict(db.execute(rows.where(Answer.registration_id == (one.id if one else 0))).all())


def own(world: World, email: str = "ada@example.org") -> str:
    with world.store.reading() as db:
        one = db.scalars(select(Registration).filter_by(email=email)).one()
        return private_link(one, world.settings).removeprefix(world.base_url)


DIET = {"options": "Vegan | ヴィーガン\nHalal\nNo wish | 特になし"}

#: Kind, what else is said of the question, what is entered and kept, and what is refused.
KINDS: dict[str, tuple[dict[str, Any], Any, Any, Any]] = {
    "text": ({}, "  <b>Ada</b> 👩🏽‍💻 ", "<b>Ada</b> 👩🏽‍💻", "two\nlines"),
    "number": ({"lowest": 0, "highest": 9}, 0, 0, 10),
    "choice": (DIET, "halal", "halal", "beef"),
    "choices": (DIET, ["no-wish", "vegan"], ["vegan", "no-wish"], ["vegan", "beef"]),
    "country": ({}, "tr", "TR", "XK"),
    "date": ({}, "2014-09-01", "2014-09-01", "2014-02-30"),
    "consent": ({}, True, True, None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_takes_what_answers_it_and_nothing_else(world: World, organiser: httpx2.Client, kind: str) -> None:
    facts, given, value, wrong = KINDS[kind]
    key = ask(organiser, "What?", kind, required=True, **facts)["key"]
    assert key == "what"
    for missing in ({}, {"q-what": wrong if wrong is not None else False}, {"q-what": ""}):
        answer = register(world, **missing)
        assert (answer.status_code, [*answer.json()["errors"]]) == (422, ["q-what"]), missing
    assert register(world, **{"q-what": given}).status_code == 202
    assert kept(world) == {"what": value}
    page = world.client().get("/igf2014/register").text
    assert 'name="q-what"' in page
    wrong_form = world.client().post("/igf2014/register", data=entered(email="bob@example.org", **{"q-what": ""}))
    assert wrong_form.status_code == 422
    assert 'id="q-what-fault"' in wrong_form.text


def test_a_question_is_put_to_whom_it_is_for_and_to_nobody_else(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Ministry", "text", required=True, groups=["government"])
    ask(organiser, "Diet", "choice", required=True, attendance="onsite", **DIET)
    given = {"q-ministry": "Transport", "q-diet": "vegan"}
    assert [*register(world).json()["errors"]] == ["q-ministry", "q-diet"]
    assert (
        register(
            world, email="cyd@example.org", stakeholder_group="civil-society", attendance="online", **given
        ).status_code
        == 202
    )
    assert kept(world, "cyd@example.org") == {}
    assert register(world, **given).status_code == 202
    assert kept(world) == {"ministry": "Transport", "diet": "vegan"}
    page = world.client().get("/igf2014/register").text
    assert "For: Government." in page
    assert "For who comes onsite." in page
    # who changes the group answers what is asked there, and nothing else is kept
    link = own(world)
    changed = {**entered(stakeholder_group="civil-society", attendance="online")}
    del changed["email"]
    assert world.client().post(f"{link}/change", json=changed).status_code == 200
    assert kept(world) == {}
    assert world.client().post(f"{link}/attendance", json={"attendance": "onsite"}).status_code == 200
    page = world.client().get(link).text
    assert "One question still needs your answer:" in page
    assert "Diet" in page


def test_a_question_is_asked_in_the_readers_language(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Diet", "choice", label_ja="食事", hint_en="For lunch", hint_ja="昼食用", **DIET)
    page = world.client().get("/igf2014/register?lang=ja").text
    for words in ("食事", "昼食用", "ヴィーガン", "特になし", "Halal"):
        assert words in page
    assert "Vegan" not in page


def test_words_are_corrected_and_answers_keep_their_meaning(world: World, organiser: httpx2.Client) -> None:
    question = ask(organiser, "Diet", "choice", **DIET)
    assert register(world, **{"q-diet": "halal"}).status_code == 202
    address = f"{PAGE}/{question['id']}"
    new = {"label_en": "Food", "kind": "choice", "options": "[vegan] Plants only | 植物\nFish"}
    answer = organiser.post(address, json={**new, "edition": question["edition"]})
    assert (answer.status_code, [one["key"] for one in answer.json()["options"]]) == (200, ["vegan", "fish", "halal"])
    assert answer.json()["key"] == "diet"
    assert "Halal" in world.client().get(own(world)).text
    form = world.client().get("/igf2014/register").text
    assert "Plants only" in form
    assert "Halal" not in form
    assert organiser.post(address, json={**new, "edition": question["edition"]}).status_code == 409
    other = organiser.post(address, json={**new, "kind": "text", "edition": answer.json()["edition"]})
    assert (other.status_code, [*other.json()["errors"]]) == (422, ["kind"])
    assert organiser.post(f"{address}/remove", json={"answers": "0"}).status_code == 409
    assert organiser.post(f"{address}/remove", json={"answers": "1"}).json() == {"removed": "diet"}
    assert kept(world) == {}


def test_what_people_agreed_to_stays_what_they_agreed_to_and_can_be_taken_back(
    world: World, organiser: httpx2.Client
) -> None:
    question = ask(organiser, "I may be photographed", "consent")
    assert register(world, **{"q-i-may-be-photographed": True}).status_code == 202
    facts = {"label_en": "I may be filmed", "kind": "consent", "edition": question["edition"]}
    answer = organiser.post(f"{PAGE}/{question['id']}", json=facts)
    assert (answer.status_code, [*answer.json()["errors"]]) == (422, ["label_en"])
    form = {**entered(), "asked": "q-i-may-be-photographed"}
    del form["email"]
    assert world.client().post(f"{own(world)}/change", data=form).status_code == 303
    assert kept(world) == {"i-may-be-photographed": False}
    with world.store.reading() as db:
        assert db.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first().fields == [
            "q-i-may-be-photographed"
        ]  # type: ignore[union-attr]
    assert "I may be photographed" in world.client().get(own(world)).text


def test_answers_stand_at_the_desk_and_in_the_files_for_whom_they_are(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Badge name", "text")
    ask(organiser, "Passport number", "text", confidential=True)
    assert register(world, **{"q-badge-name": '=cmd|" /C calc"!A0', "q-passport-number": "X123"}).status_code == 202
    with world.store.reading() as db:
        reference = db.scalars(select(Registration.reference)).one()
    desk = world.program("desk@example.org", role="desk")
    seen = {}
    for name, who in {"organiser": organiser, "desk": desk}.items():
        rows = list(csv.DictReader(io.StringIO(who.get("/igf2014/desk/registrations.csv").text)))
        page = who.get(f"/igf2014/desk/registrations/{reference}", headers={"Accept": "text/html"}).text
        change = who.get(f"/igf2014/desk/registrations/{reference}/change", headers={"Accept": "text/html"}).text
        seen[name] = (
            rows[0]["answer_badge-name"], rows[0].get("answer_passport-number"), "X123" in page, "X123" in change,
            "calc" in page,
        )  # fmt: skip
    assert seen == {
        "organiser": ('\'=cmd|" /C calc"!A0', "X123", True, True, True),
        "desk": ('\'=cmd|" /C calc"!A0', None, False, False, True),
    }
    # what the desk does not see it does not take away
    sent = {**entered(family_name="King"), "q-badge-name": "Ada"}
    del sent["email"]
    assert desk.post(f"/igf2014/desk/registrations/{reference}/change", json=sent).status_code == 200
    assert kept(world) == {"badge-name": "Ada", "passport-number": "X123"}


def test_a_repeated_registration_keeps_nothing_of_what_was_sent(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Badge name", "text")
    register(world, **{"q-badge-name": "Ada"})
    register(world, **{"q-badge-name": "Mallory"})
    assert kept(world) == {"badge-name": "Ada"}
    assert world.client().post(f"{own(world)}/withdraw", json={}).status_code == 200
    register(world, **{"q-badge-name": "Ada again"})
    assert kept(world) == {"badge-name": "Ada again"}


PDF = b"%PDF-1.7\n1 0 obj << >> endobj\nxref\n0 1\ntrailer << >>\nstartxref\n9\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + b"\0\0\0\rIHDR"
    + b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
    + b"\0\0\0\0IEND\xaeB`\x82"
)
NO_FILES = {
    "HTML": b"<html><script>alert(1)</script></html>", "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>', "ZIP": b"PK\x03\x04" + b"x" * 100,
    "HTML that ends as PDF": b"<script>%PDF-1.7\nstartxref\n%%EOF", "half a PDF": PDF[:20], "half a PNG": PNG[:20],
    "EXE": b"MZ" + b"\0" * 100, "empty": b"",
}  # fmt: skip


def send(world: World, content: bytes, name: str = "photo.pdf", **other: Any) -> httpx2.Response:
    return world.client().post(
        "/igf2014/register", data=entered(**other), files={"q-photo": (name, content, "application/pdf")}
    )


@pytest.mark.parametrize("what", NO_FILES)
def test_a_file_is_what_is_in_it_whatever_it_is_called(world: World, organiser: httpx2.Client, what: str) -> None:
    ask(organiser, "Photo", "file", required=True)
    answer = send(world, NO_FILES[what])
    assert answer.status_code == 422
    assert 'id="q-photo-fault"' in answer.text
    with world.store.reading() as db:
        assert db.scalars(select(AnswerFile.id)).all() == []


def test_a_file_is_kept_and_given_to_those_it_is_for(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Photo", "file", confidential=True)
    assert send(world, PDF, "../../Päss <b>.exe").status_code == 303
    assert kept(world) == {"photo": "Päss <b>.exe"}
    with world.store.reading() as db:
        reference = db.scalars(select(Registration.reference)).one()
        number = db.scalars(select(AnswerFile.id)).one()
    mine = world.client().get(f"{own(world)}/files/{number}")
    assert (mine.status_code, mine.content, mine.headers["content-type"]) == (200, PDF, "application/pdf")
    assert mine.headers["content-disposition"].startswith(f'attachment; filename="{reference}-')
    assert (mine.headers["x-content-type-options"], mine.headers["cache-control"]) == ("nosniff", "no-store")
    assert "sandbox" in mine.headers["content-security-policy"]
    at = f"/igf2014/desk/registrations/{reference}/files/{number}"
    assert organiser.get(at).content == PDF
    assert world.program("desk@example.org", role="desk").get(at).status_code == 403
    assert world.program("ray@example.org", role="rapporteur").get(at).status_code == 403
    assert world.client().get(at).status_code == 303
    register(world, email="bob@example.org")
    assert world.client().get(f"{own(world, 'bob@example.org')}/files/{number}").status_code == 404
    # replaced, and deleted
    sent = {**entered(), "asked": "q-photo"}
    del sent["email"]
    client, link = world.client(), own(world)
    assert client.post(f"{link}/change", data=sent, files={"q-photo": ("new.png", PNG, "text/html")}).status_code == 303
    assert client.get(f"{link}/files/{number}").content != PDF
    assert kept(world) == {"photo": "new.png"}
    assert client.post(f"{link}/change", data={**sent, "remove-photo": "1"}).status_code == 303
    assert kept(world) == {}


def test_a_file_need_not_be_chosen_again_after_a_fault_elsewhere(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Photo", "file", required=True)
    answer = send(world, PDF, "pass.pdf", email="nobody at home")
    assert answer.status_code == 422
    assert "pass.pdf" in answer.text
    token = answer.text.split('name="kept-photo" value="')[1].split('"')[0]
    assert send(world, b"", "", **{"kept-photo": "wrong"}).status_code == 422
    data = entered(**{"kept-photo": token})
    assert world.client().post("/igf2014/register", data=data).status_code == 303
    assert kept(world) == {"photo": "pass.pdf"}
    other = world.client().post("/igf2014/register", data={**data, "email": "bob@example.org"})
    assert other.status_code == 422  # a token is good once
    assert kept(world, "bob@example.org") == {}


def test_a_file_that_is_too_large_or_asked_for_by_nobody_is_refused(world: World, organiser: httpx2.Client) -> None:
    assert send(world, PDF).status_code == 422  # no question asks for one
    ask(organiser, "Photo", "file", megabytes=1)
    assert send(world, PDF[:-6] + b" " * 1024 * 1024 + PDF[-6:]).status_code == 422
    assert send(world, b"x" * 27 * 1024 * 1024).status_code in (413, 422)
    assert register(world, **{"q-photo": "text"}).json()["errors"] == {
        "q-photo": "A file is sent as a part of the form (multipart/form-data)."
    }
    assert kept(world) == {}


FAULTS = {
    "label_en": {"label_en": ""},
    "kind": {"kind": "poem"},
    "options": {"kind": "choice", "options": ""},
    "highest": {"kind": "number", "lowest": 3, "highest": 2},
    "megabytes": {"kind": "file", "megabytes": 6},
    "keep_days": {"keep_days": -1},
    "groups": {"groups": ["royalty"]},
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_with_a_question_is_said(organiser: httpx2.Client, name: str) -> None:
    answer = organiser.post(PAGE, json={"label_en": "What?", "kind": "text", **FAULTS[name]})
    assert (answer.status_code, [*answer.json()["errors"]]) == (422, [name])


def test_hostile_words_are_shown_as_text(world: World, organiser: httpx2.Client) -> None:
    script = '"><script>alert(1)</script>'
    ask(organiser, script, "choice", hint_en=script, options=f"{script}\nمحمد")
    page = world.client().get("/igf2014/register").text
    assert "<script>alert" not in page
    assert "محمد" in page
    browser = world.browser("olga@example.org")
    assert "<script>alert" not in browser.get(PAGE).text


@pytest.mark.parametrize("role", [None, "desk", "chair"])
def test_only_organisers_put_questions(world: World, organiser: httpx2.Client, role: str | None) -> None:
    number = ask(organiser, "What?", "text")["id"]
    other = world.program("ray@example.org", role=role)
    answers = [
        other.get(PAGE), other.post(PAGE, json={}), other.get(f"{PAGE}/{number}"), other.post(f"{PAGE}/{number}", json={}),
        other.post(f"{PAGE}/{number}/remove", json={}),
    ]  # fmt: skip
    assert {one.status_code for one in answers} == {403}


def test_a_file_that_waits_does_not_tell_who_is_registered(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Photo", "file")
    register(world, email="victim@example.org")
    seen = []
    for email in ("victim@example.org", "nobody@example.org"):
        page = send(world, PDF, "pass.pdf", email="nobody at home").text
        token = page.split('name="kept-photo" value="')[1].split('"')[0]
        sent = entered(email=email, **{"kept-photo": token})
        assert world.client().post("/igf2014/register", data=sent).status_code == 303
        again = world.client().post("/igf2014/register", data={**sent, "email": "nobody at home"})
        seen.append("pass.pdf" in again.text)
    assert seen == [False, False]


@pytest.mark.parametrize("filling", [b"\xff" * 2_000_000, b"\xff\xd0" * 1_000_000, b"\xff\xe1\x00\x02" * 500_000])
def test_a_file_of_nothing_but_filling_is_soon_given_up(filling: bytes) -> None:
    assert content_type_of(b"\xff\xd8" + filling + b"\xff\xd9") == ""
    assert content_type_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01" + b"\0" * 2_000_000) == ""


def test_a_program_takes_back_what_it_names_with_nothing(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Film", "consent")
    ask(organiser, "Diet", "choices", **DIET)
    register(world, **{"q-film": True, "q-diet": ["vegan"]})
    sent = {**entered(), "q-film": False, "q-diet": []}
    del sent["email"]
    assert world.client().post(f"{own(world)}/change", json=sent).status_code == 200
    assert kept(world) == {"film": False}


@pytest.mark.parametrize("word", ["FALSE", "No", "n", "null", "0", "off", " "])
def test_what_does_not_plainly_say_yes_is_no_consent(world: World, word: str) -> None:
    register(world, public=word)
    with world.store.reading() as db:
        assert db.scalars(select(Registration.public)).one() is False


def test_a_form_that_was_changed_while_somebody_filled_it_in_comes_back_with_what_was_typed(
    world: World, organiser: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(organiser, "Diet", "choice", **DIET)
    held = answers._held_questions

    def as_another(db: Database, meeting_id: int) -> list[Question]:
        """An organiser takes an option away between the look at the form and the lock."""
        found = held(db, meeting_id)
        for one in found:
            one.options = [option for option in one.options if option["key"] != "halal"]
        return found

    monkeypatch.setattr(answers, "_held_questions", as_another)
    answer = world.client().post("/igf2014/register", data=entered(**{"q-diet": "halal"}))
    assert answer.status_code == 409
    assert "The form was changed while you filled it in." in answer.text
    assert 'value="ada@example.org"' in answer.text
    with world.store.reading() as db:
        assert db.scalars(select(Registration.id)).all() == []
