"""Answers: what fits a question, what a file really is, what time tells, and what happens when two do something at once."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select, update

from server import clock
from server.app import notice_board
from server.database import Store
from server.meetings.queries import meeting_by_slug
from server.problems import Conflict, Problem
from server.registration import handed_in
from server.registration.actions import register
from server.registration.answers import answer_words, answers_of, fits, values_of
from server.registration.countries import CODES
from server.registration.file_content import ENDINGS, content_type_of, download_name, shown_name
from server.registration.forms import is_plain
from server.registration.links import private_link
from server.registration.models import Answer, AnswerFile, HistoryEntry, Question, QuestionKind, Registration
from server.registration.question_form import _options, as_lines
from server.registration.questions import (
    _keyed,
    _with_chosen,
    add_question,
    change_question,
    edition_of,
    facts_of,
    remove_question,
)
from server.registration.retention import delete_answers, expired_questions
from server.web import language
from tests.makers import NOON, make_meeting, make_registration
from tests.registration.test_questions import PAGE, PDF, PNG, ask, entered, kept, own
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0"
    + b"\xff\xda\0\x08\x01\x01\0\0?\0" + b"\x00\xff\xd9"
)  # fmt: skip
OPTIONS = [
    {"key": "vegan", "label": {"en": "Vegan", "ja": "ヴィーガン"}},
    {"key": "halal", "label": {"en": "Halal"}, "gone": True},
]


def question(kind: str, **facts: Any) -> Question:
    return Question(**{"key": "what", "kind": kind, "label": {"en": "What?"}, "options": OPTIONS, **facts})


#: An answer of each kind that fits, and how it reads on a page and in a table.
READS: dict[str, tuple[Any, str, str]] = {
    "text": ("two\nlines", "two\nlines", "two\nlines"),
    "number": (1200, "1,200", "1200"),
    "choice": ("vegan", "Vegan", "Vegan"),
    "choices": (["vegan", "halal"], "Vegan, Halal", "Vegan, Halal"),
    "country": ("TR", "Türkiye", "Türkiye"),
    "date": ("2014-09-02", "2 September 2014", "2014-09-02"),
    "file": ("pass.pdf", "pass.pdf", "pass.pdf"),
    "consent": (False, "No", "No"),
}


@pytest.mark.parametrize("kind", READS)
def test_an_answer_reads_as_it_was_meant(kind: str) -> None:
    value, on_page, in_table = READS[kind]
    asked = question(kind)
    assert (answer_words(asked, value), answer_words(asked, value, plain=True)) == (on_page, in_table)
    assert answer_words(asked, None) == ""


def test_an_option_reads_in_the_readers_language_and_an_unknown_one_as_its_key() -> None:
    token = language.current.set("ja")
    try:
        assert answer_words(question("choices"), ["vegan", "halal", "left"]) == "ヴィーガン、Halal、left"
    finally:
        language.current.reset(token)


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates().map(date.isoformat), st.sampled_from(sorted(CODES)),
    st.lists(st.sampled_from(["vegan", "halal", "beef"])), st.sampled_from(["vegan", "halal"]),
)  # fmt: skip


@given(st.sampled_from(sorted(READS)), ANYTHING)
def test_what_fits_can_be_read_and_nothing_else_fits(kind: str, value: Any) -> None:
    right = {
        "text": isinstance(value, str),
        "number": type(value) is int,
        "choice": value in ("vegan", "halal"),
        "choices": isinstance(value, list) and "beef" not in value,
        "country": isinstance(value, str) and value in CODES,
        "date": isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None and _is_day(value),
        "file": False,
        "consent": isinstance(value, bool),
    }[kind]
    assert fits(question(kind), value) is (value is None or right)
    if right and value is not None:
        assert isinstance(answer_words(question(kind), value), str)


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


@given(
    st.lists(st.sampled_from(["government", "press"])), st.sampled_from(["", "onsite", "online"]),
    st.sampled_from(["government", "press", "civil-society", None]), st.sampled_from(["onsite", "online", None]),
)  # fmt: skip
def test_a_question_is_put_to_its_groups_and_ways_to_attend(
    groups: list[str], way: str, group: str | None, attendance: str | None
) -> None:
    asked = question("text", groups=groups, attendance=way)
    assert asked.is_put_to(group, attendance) is ((not groups or group in groups) and (not way or way == attendance))


REAL = {
    "application/pdf": PDF, "image/png": PNG, "image/jpeg": JPEG,
}  # fmt: skip


@pytest.mark.parametrize("kind", REAL)
def test_a_file_is_known_by_what_is_in_it(kind: str) -> None:
    content = REAL[kind]
    assert content_type_of(content) == kind
    assert [content_type_of(content[:length]) for length in range(len(content) // 2)] == [""] * (len(content) // 2)
    for before in (b"<html>", b"\n", b"<svg/>", b"PK\x03\x04", b"MZ", b"\xef\xbb\xbf"):
        assert content_type_of(before + content) == ""


def test_pictures_of_our_own_docs_are_known() -> None:
    pictures = sorted((ROOT / "docs" / "img").glob("*.png"))
    assert {content_type_of(one.read_bytes()) for one in pictures} == {"image/png"}


@given(
    st.sampled_from([b"", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff"]), st.binary(max_size=300)
)
def test_no_bytes_are_too_odd_to_be_looked_into(begin: bytes, rest: bytes) -> None:
    assert content_type_of(begin + rest) in {"", *ENDINGS}


@given(st.text(max_size=400))
def test_a_name_is_a_plain_line_and_safe_under_every_system(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 600  # NFC makes three letters of one, at most
    assert is_plain(shown)
    assert not {"/", "\\"} & set(shown)
    assert re.fullmatch(r"[A-Za-z0-9-]{1,60}\.(pdf|png|jpg)", download_name(shown, "application/pdf"))


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z0-9-]{1,9}", fullmatch=True), st.text("aé水م ", min_size=1)),
        unique_by=lambda one: one[0],
    )
)
def test_options_are_entered_as_they_are_shown(pairs: list[tuple[str, str]]) -> None:
    options = [{"key": key, "label": {"en": words.strip()}} for key, words in pairs if words.strip()]
    assert _options(as_lines(options)) == options


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting."""
    with plenary.store.writing() as db:
        make_meeting(db)
    return plenary


@pytest.fixture
def organiser(world: World) -> httpx2.Client:
    return world.program("olga@example.org", role="organiser")


FACTS: dict[str, Any] = {
    "kind": "text", "label": {"en": "Badge name"}, "hint": {}, "options": [], "groups": [], "attendance": "", "required": False,
    "confidential": False, "keep_days": None, "long": False, "lowest": None, "highest": None, "megabytes": None,
}  # fmt: skip
SAID: Any = {
    "given_name": "Ada", "family_name": "Lovelace", "country": "GB", "organisation": "Society", "gender": "", "first_time": None,
    "stakeholder_group": "government", "attendance": "online", "public": False,
}  # fmt: skip


@contextmanager
def asked_of_the_database() -> Iterator[list[str]]:
    seen: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(re.sub("^(RELEASE|ROLLBACK TO) SAVEPOINT", "END OF", statement))

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", look)


def test_as_much_is_written_whether_or_not_the_address_was_known(database: str) -> None:
    store = Store(database, notice_board())
    with store.writing() as db:
        meeting = make_meeting(db)
        text = add_question(db, meeting, FACTS, None)
        paper = add_question(db, meeting, {**FACTS, "kind": "file"}, None)
        make_registration(db, meeting, "known@example.org", stakeholder_group="press")
    given_answers = {text.id: "Ada", paper.id: handed_in.Paper("pass.pdf", "application/pdf", PDF)}
    statements = []
    for email in ("warm@example.org", "known@example.org", "new@example.org", "known@example.org"):
        with asked_of_the_database() as seen, store.writing() as db:
            register(db, meeting_by_slug(db, "igf2014"), email, SAID, language="en", answers=given_answers, now=NOON)
        statements.append(seen)
    with store.reading() as db:
        rows = db.execute(
            select(Registration.email, Answer.value).join(Answer, Answer.registration_id == Registration.id)
        )
        answers = sorted(rows.all())
        files = db.scalar(select(func.count()).select_from(AnswerFile))
    store.close()
    assert statements[1:] == [statements[1]] * 3
    assert any("INSERT INTO answer_file" in one for one in statements[1])
    assert answers == sorted((f"{who}@example.org", said) for who in ("warm", "new") for said in ("Ada", "pass.pdf"))
    assert files == 2


def test_all_answers_of_many_are_read_with_one_question(database: str) -> None:
    store = Store(database, notice_board())
    with store.writing() as db:
        meeting = make_meeting(db)
        questions = [add_question(db, meeting, {**FACTS, "label": {"en": name}}, None) for name in ("One", "Two")]
        people = [make_registration(db, meeting, f"p{number}@example.org") for number in range(30)]
        for person in people[:29]:
            for one in questions:
                db.add(Answer(registration_id=person.id, question_id=one.id, value=f"{person.id} {one.key}", at=NOON))
    with store.reading() as db, asked_of_the_database() as seen:
        found = answers_of(db, [person.id for person in people], questions)
        assert answers_of(db, [people[0].id], []) == {}
    store.close()
    assert [one for one in seen if "SELECT" in one] == [one for one in seen if "FROM answer" in one]
    assert len([one for one in seen if "SELECT" in one]) == 1
    assert found == {
        person.id: {one.id: f"{person.id} {one.key}" for one in questions} for person in people[:29]
    }  # fmt: skip


def race(*steps: Any) -> list[Any]:
    """What each gives, or the problem it raises, when all begin at the same moment."""
    start = Barrier(len(steps))

    def run(step: Any) -> Any:
        start.wait()
        try:
            return step()
        except Problem as problem:
            return type(problem)

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


@pytest.mark.parametrize("turn", range(3))
def test_of_two_organisers_who_change_a_question_one_is_told(world: World, turn: int) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        number = add_question(db, meeting, FACTS, None).id
        seen = edition_of(db.get_one(Question, number))

    def word(words: str) -> str:
        with world.store.writing() as db:
            meeting, one = meeting_by_slug(db, "igf2014"), db.get_one(Question, number)
            change_question(db, meeting, one, {**FACTS, "label": {"en": words}}, None, edition=seen)
        return words

    answers = race(lambda: word("One"), lambda: word("Two"))
    with world.store.reading() as db:
        label = db.get_one(Question, number).label["en"]
    assert sorted(answers, key=str) == sorted([Conflict, label], key=str)


@pytest.mark.parametrize("turn", range(3))
def test_whoever_answers_while_a_question_goes_fails_at_nothing_of_ours(world: World, turn: int) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        numbers = [add_question(db, meeting, FACTS, None).id for _ in range(3)]

    def answer(who: int) -> int:
        body = entered(
            email=f"p{who}@example.org", attendance="onsite" if who % 2 else "online", **{"q-badge-name": "A"}
        )
        return world.client().post("/igf2014/register", json={**body, "q-badge-name-2": "B"}).status_code

    def remove(number: int) -> str:
        with world.store.writing() as db:
            meeting, one = meeting_by_slug(db, "igf2014"), db.get_one(Question, number)
            there = db.scalar(select(func.count()).select_from(Answer).filter_by(question_id=number))
            remove_question(db, meeting, one, answers=there or 0)
        return "removed"

    steps = [lambda who=who: answer(who) for who in range(6)]  # type: ignore[misc]
    answers = race(*steps, lambda: remove(numbers[0]), lambda: remove(numbers[1]))
    assert set(answers[:6]) <= {202, 409}
    assert set(answers[6:]) <= {"removed", Conflict}
    with world.store.reading() as db:
        left = {one.id for one in db.scalars(select(Question))}
        assert set(db.scalars(select(Answer.question_id))) <= left
        assert sorted(db.scalars(select(Question.position))) == [*range(1, len(left) + 1)]


def test_an_answer_to_what_is_another_question_by_now_is_not_kept(world: World) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        number = add_question(db, meeting, FACTS, None).id
    with world.store.writing() as db:
        db.execute(update(Question).values(kind="number"))
    with world.store.writing() as db, pytest.raises(Conflict):
        register(
            db, meeting_by_slug(db, "igf2014"), "ada@example.org", SAID, language="en", answers={number: "x"}, now=NOON
        )


def test_the_second_organiser_sees_what_the_first_changed_beside_what_was_typed(
    world: World, organiser: httpx2.Client
) -> None:
    made = ask(organiser, "Badge name", "text")
    address = f"{PAGE}/{made['id']}"
    browser = world.browser("otto@example.org", role="organiser")
    facts = {"label_en": "Name on the badge", "kind": "text", "required": "on", "edition": made["edition"]}
    assert organiser.post(address, json={**facts, "groups": ["press"]}).status_code == 200
    answer = browser.post(address, data={**facts, "label_en": "What stands on it", "required": ""})
    assert answer.status_code == 409
    assert 'value="What stands on it"' in answer.text
    assert '<bdi class="lines">Name on the badge</bdi>' in answer.text
    assert '<bdi class="lines">Press and media</bdi>' in answer.text
    edition = re.search(r'name="edition" value="(\w+)"', answer.text)
    assert edition
    again = browser.post(address, data={**facts, "label_en": "What stands on it", "edition": edition[1]})
    assert again.status_code == 303
    with world.store.reading() as db:
        assert facts_of(db.get_one(Question, made["id"]))["label"] == {"en": "What stands on it"}


def test_there_are_so_many_questions_and_so_many_for_files(world: World, organiser: httpx2.Client) -> None:
    for number in range(5):
        ask(organiser, f"Paper {number}", "file")
    sixth = organiser.post(PAGE, json={"label_en": "Paper", "kind": "file"})
    for number in range(35):
        made = ask(organiser, f"Question {number}", "text")
    more = organiser.post(PAGE, json={"label_en": "More", "kind": "text"})
    assert (sixth.status_code, [*sixth.json()["errors"]], more.status_code) == (422, ["kind"], 409)
    browser = world.browser("olga@example.org")
    kind = {
        **{name: value for name, value in made.items() if isinstance(value, str)},
        "label_en": "Typed",
        "kind": "file",
    }
    again = browser.post(f"{PAGE}/{made['id']}", data=kind)
    assert again.status_code == 422
    assert "There can be at most 5 questions for files." in again.text
    assert 'value="Typed"' in again.text
    full = browser.get(PAGE).text
    assert "There can be at most 40 questions." in full
    assert 'name="label_en"' not in full
    assert len(organiser.get(PAGE).json()["questions"]) == 40
    # and a form with all of them can be sent
    files = {f"q-paper-{number}": ("a.pdf", PDF) for number in range(5)}
    answers = {f"q-question-{number}": "x" * 900 for number in range(35)}
    assert world.client().post("/igf2014/register", data=entered(**answers), files=files).status_code == 303
    assert len(kept(world)) == 40


def test_what_is_long_beside_files_is_not_taken(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Paper", "file")
    sent = {**entered(), **{f"x{number}": "x" * 60_000 for number in range(6)}}
    answer = world.client().post("/igf2014/register", data=sent, files={"q-paper": ("a.pdf", PDF)})
    assert answer.status_code == 422
    two = [("q-paper", ("a.pdf", PDF)), ("q-paper", ("b.pdf", PDF))]
    assert world.client().post("/igf2014/register", data=entered(), files=two).status_code == 422
    assert kept(world) == {}


def test_before_a_file_is_read_it_is_known_that_somebody_may_send_one(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Paper", "file")
    assert world.client().post("/igf2014/register", data=entered()).status_code == 303
    with world.store.writing() as db:
        meeting_by_slug(db, "igf2014").registration_open = False
    many = {"q-paper": ("a.pdf", b"%PDF" + b"x" * 2_000_000)}
    stranger = world.client()
    assert stranger.post("/igf2014/register", data=entered(email="b@example.org"), files=many).status_code == 409
    assert stranger.post(f"{own(world)[:-1]}x/change", data=entered(), files=many).status_code == 404
    reference = own(world).rpartition("/")[2].partition("_")[0]
    assert (
        stranger.post(f"/igf2014/desk/registrations/{reference}/change", data=entered(), files=many).status_code == 303
    )


def test_strangers_do_not_fill_the_disk(
    world: World, organiser: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MOST_WAITING", 3 * len(PDF))
    ask(organiser, "Paper", "file", required=True)
    faulty = entered(email="nobody at home")
    answers = [
        world.client().post("/igf2014/register", data=faulty, files={"q-paper": ("a.pdf", PDF)}) for _ in range(4)
    ]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert ["kept-paper" in answer.text for answer in answers] == [True, True, True, False]
    assert "Please choose the file again." in answers[3].text
    with world.store.reading() as db:
        assert db.scalar(select(func.count()).select_from(AnswerFile)) == 3
    # whose form is right is not kept waiting
    assert (
        world.client().post("/igf2014/register", data=entered(), files={"q-paper": ("a.pdf", PDF)}).status_code == 303
    )
    assert kept(world) == {"paper": "a.pdf"}


def test_another_file_takes_the_place_of_the_one_that_waits(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Paper", "file")
    faulty, token = entered(email="nobody at home"), ""
    for name in ("one.pdf", "two.pdf"):
        sent = {**faulty, "kept-paper": token} if token else faulty
        page = world.client().post("/igf2014/register", data=sent, files={"q-paper": (name, PDF)}).text
        assert name in page
        token = page.split('name="kept-paper" value="')[1].split('"')[0]
    with world.store.reading() as db:
        [waiting] = db.scalars(select(AnswerFile)).all()
    assert (waiting.name, waiting.registration_id, token not in waiting.hash) == ("two.pdf", None, True)


def test_too_many_files_of_one_person_are_refused(
    world: World, organiser: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.limits.Limits.PER_HANDER", "2/hour")
    ask(organiser, "Paper", "file")
    client = world.client()
    answers = [
        client.post("/igf2014/register", data=entered(email=f"p{n}@example.org"), files={"q-paper": ("a.pdf", b"bad")})
        for n in range(3)
    ]
    assert [one.status_code for one in answers] == [422, 422, 429]


def test_two_who_send_one_token_at_once_get_one_file(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Paper", "file", required=True)
    page = world.client().post("/igf2014/register", data=entered(email="x"), files={"q-paper": ("a.pdf", PDF)}).text
    token = page.split('name="kept-paper" value="')[1].split('"')[0]

    def send(who: str) -> int:
        data = {**entered(email=f"{who}@example.org"), "kept-paper": token}
        return world.client().post("/igf2014/register", data=data).status_code

    answers = race(lambda: send("ada"), lambda: send("bob"))
    assert sorted(answers) in ([303, 409], [303, 422])
    with world.store.reading() as db:
        assert len(db.scalars(select(AnswerFile.registration_id)).all()) == 1


def test_a_browser_demands_neither_every_box_nor_a_file_that_is_here(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Languages", "choices", required=True, options="Arabic\nEnglish")
    ask(organiser, "Paper", "file", required=True)
    ask(organiser, "Name", "text", required=True)
    form = world.client().get("/igf2014/register").text
    assert _demanded(form, "q-") == {"q-paper", "q-name"}
    data = entered(**{"q-languages": "english", "q-name": "Ada"})
    files = {"q-paper": ("a.pdf", PDF)}
    again = world.client().post("/igf2014/register", data={**data, "email": "x"}, files=files).text
    assert _demanded(again, "q-") == {"q-name"}
    assert world.client().post("/igf2014/register", data=data, files=files).status_code == 303
    assert _demanded(world.client().get(f"{own(world)}/change").text, "q-") == {"q-name"}
    summary = world.client().post("/igf2014/register", data={**data, "q-languages": ""}).text
    assert 'href="#q-languages-0"' in summary
    assert 'id="q-languages-0"' in summary


def _demanded(page: str, begin: str) -> set[str]:
    """The names of the controls that a browser does not send empty."""
    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*\srequired\b[^>]*>", page)
    names = {re.search(r'name="([^"]+)"', control)[1] for control in controls}  # type: ignore[index]
    return {name for name in names if name.startswith(begin)}


def test_answers_are_changed_one_by_one_and_noted_together(world: World, organiser: httpx2.Client) -> None:
    for label, kind in (("Badge name", "text"), ("Guests", "number"), ("Languages", "choices")):
        ask(organiser, label, kind, options="Arabic\nEnglish" if kind == "choices" else "")
    first = entered(**{"q-badge-name": "Ada", "q-guests": 0, "q-languages": ["english", "arabic"]})
    assert world.client().post("/igf2014/register", json=first).status_code == 202
    assert kept(world) == {"badge-name": "Ada", "guests": 0, "languages": ["arabic", "english"]}
    link, said = own(world), {name: value for name, value in entered().items() if name != "email"}
    before = clock.now() - timedelta(days=1)
    with world.store.writing() as db:
        db.execute(update(Answer).values(at=before))
    changes = [
        {},  # a program that knows nothing of questions takes nothing away
        {"q-guests": 2, "family_name": "King"},
        {"q-badge-name": "", "q-languages": ""},
        {"asked": "q-guests", "q-guests": ""},
    ]
    states = []
    for change in changes:
        assert world.client().post(f"{link}/change", json={**said, **change}).status_code == 200
        said |= {name: value for name, value in change.items() if name == "family_name"}
        states.append(kept(world))
    assert states == [
        {"badge-name": "Ada", "guests": 0, "languages": ["arabic", "english"]},
        {"badge-name": "Ada", "guests": 2, "languages": ["arabic", "english"]},
        {"guests": 2},
        {},
    ]
    with world.store.reading() as db:
        history = db.scalars(select(HistoryEntry).order_by(HistoryEntry.id)).all()
        assert [entry.fields for entry in history] == [
            [], ["family_name", "q-guests"], ["q-badge-name", "q-languages"], ["q-guests"],
        ]  # fmt: skip


def test_what_is_kept_unchanged_keeps_the_moment_at_which_it_was_said(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "I agree", "consent", required=True)
    assert world.client().post("/igf2014/register", json=entered(**{"q-i-agree": True})).status_code == 202
    with world.store.writing() as db:
        db.execute(update(Answer).values(at=NOON))
    said = {name: value for name, value in entered(family_name="King").items() if name != "email"}
    sent = {**said, "asked": "q-i-agree", "q-i-agree": "y"}
    assert world.client().post(f"{own(world)}/change", data=sent).status_code == 303
    with world.store.reading() as db:
        [answer] = db.scalars(select(Answer)).all()
    assert (answer.value, answer.at) == (True, NOON)


def test_the_desk_answers_for_somebody_but_agrees_to_nothing(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "I agree", "consent", required=True)
    ask(organiser, "Badge name", "text", required=True)
    with world.store.writing() as db:
        one = make_registration(db, meeting_by_slug(db, "igf2014"), "ada@example.org")
        reference = one.reference
    said = {name: value for name, value in entered().items() if name != "email"}
    desk = world.program("desk@example.org", role="desk")
    change = f"/igf2014/desk/registrations/{reference}/change"
    assert desk.post(change, json={**said, "q-i-agree": True}).status_code == 200  # nor has it to know the name
    assert kept(world) == {}
    assert desk.post(change, json={**said, "q-badge-name": "Ada"}).status_code == 200
    assert kept(world) == {"badge-name": "Ada"}
    page = world.client().get(own(world)).text
    assert "I agree" in page


HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd()",
    "x" * 200,
    "👩🏽‍💻",
    "محمد عبد الله",
    "{{ 7*7 }}",
    "%(name)s",
    "'; DROP TABLE answer; --",
]


@pytest.mark.either
def test_hostile_answers_are_texts_on_every_page_and_in_every_file(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Remarks", "text", long=True)
    text = "\r\n".join(HOSTILE)
    assert world.client().post("/igf2014/register", data=entered(**{"q-remarks": text})).status_code == 303
    assert kept(world) == {"remarks": "\n".join(HOSTILE)}
    reference = own(world).rpartition("/")[2].partition("_")[0].upper()
    browser = world.browser("olga@example.org")
    at_desk = f"/igf2014/desk/registrations/{reference}"
    for page in (
        world.client().get(own(world)), world.client().get(f"{own(world)}/change"), browser.get(at_desk), browser.get(f"{at_desk}/change"),
    ):  # fmt: skip
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "محمد عبد الله" in page.text
    assert browser.get("/igf2014/desk/registrations.csv").status_code == 200
    assert browser.get("/igf2014/desk/registrations.xlsx").status_code == 200
    assert world.client().get(f"{own(world)}/data.json").json()["answers"][0]["answer"] == "\n".join(HOSTILE)
    for wrong in ("\u202eevil", "bell\x07"):
        refused = world.client().post(
            "/igf2014/register", json=entered(email="bob@example.org", **{"q-remarks": wrong})
        )
        assert (refused.status_code, [*refused.json()["errors"]]) == (422, ["q-remarks"])


@pytest.mark.either
def test_a_downloaded_file_is_called_as_no_header_can_be_broken(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Paper", "file")
    name = 'محمد"; filename=evil.html'
    assert world.client().post("/igf2014/register", data=entered(), files={"q-paper": (name, PDF)}).status_code == 303
    with world.store.reading() as db:
        number = db.scalars(select(AnswerFile.id)).one()
        reference = db.scalars(select(Registration.reference)).one()
        assert values_of(db, db.scalars(select(Registration)).one())
    headers = world.client().get(f"{own(world)}/files/{number}").headers
    first, second, third = headers["content-disposition"].split("; ")
    assert (first, second) == (
        "attachment",
        f'filename="{reference}-22-filename-evil.pdf"',
    )  # as browsers write the quote
    assert re.fullmatch(r"filename\*=UTF-8''[A-Za-z0-9%._~-]+", third)


@pytest.mark.either
def test_a_file_is_found_under_no_other_registration_and_meeting(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Paper", "file")
    assert (
        world.client().post("/igf2014/register", data=entered(), files={"q-paper": ("a.pdf", PDF)}).status_code == 303
    )
    with world.store.writing() as db:
        number = db.scalars(select(AnswerFile.id)).one()
        reference = db.scalars(select(Registration.reference)).one()
        other = make_registration(db, make_meeting(db, "other"), "far@example.org", reference="OTHER-DDDDDD")
        far = private_link(other, world.settings).removeprefix(world.base_url)
    neighbour = world.program("nora@example.org", role="organiser", meeting="other")
    addresses = [
        f"/igf2014/desk/registrations/{reference}/files/{number}", f"/other/desk/registrations/{reference}/files/{number}",
        f"/other/desk/registrations/OTHER-DDDDDD/files/{number}", f"{far}/files/{number}",
        f"/igf2014/desk/registrations/{reference}/files/{number + 1}",
    ]  # fmt: skip
    assert [neighbour.get(address).status_code for address in addresses] == [403, 404, 404, 404, 403]
    assert organiser.get(addresses[-1]).status_code == 404
    assert world.program("desk@example.org", role="desk").get(addresses[0]).content == PDF


def test_every_kind_of_answer_is_looked_at_here() -> None:
    assert {str(kind) for kind in QuestionKind} == set(READS)


@given(
    st.lists(st.sampled_from(["Fish", "Vegan", "Fish 2", "肉"]), min_size=1, max_size=4),
    st.lists(st.lists(st.tuples(st.booleans(), st.sampled_from(["Fish", "Vegan", "Fish 2", "肉"])), max_size=4), max_size=4),
)  # fmt: skip
def test_a_key_never_comes_to_mean_something_else_unless_it_is_named(
    first: list[str], edits: list[list[tuple[bool, str]]]
) -> None:
    known = _keyed(_options("\n".join(first)), ())
    for edit in edits:
        # some lines name the key of the option that stood there, and so correct its words; others are new
        offered = [one for one in known if not one.get("gone")]
        lines = [
            f"[{offered[at]['key']}] {words}" if named and at < len(offered) else words
            for at, (named, words) in enumerate(edit)
        ]
        wanted = _options("\n".join(lines))
        named = {one["key"] for one in wanted if one["key"]}
        before = {one["key"]: one["label"] for one in known if one["key"] not in named}
        known = _with_chosen(_keyed(wanted, known), known, {one["key"] for one in known})
        now = {one["key"]: one["label"] for one in known}
        assert len(now) == len(known)
        assert {key: now[key] for key in before} == before


def test_long_answers_in_any_script_are_taken_together(world: World, organiser: httpx2.Client) -> None:
    names = [ask(organiser, f"Essay {number}", "text", long=True)["key"] for number in range(6)]
    said = {f"q-{name}": "長" * 5000 for name in names}
    form = world.client().get("/igf2014/register").text
    assert 'enctype="multipart/form-data"' in form
    parts: Any = {name: (None, value) for name, value in entered(**said).items()}
    assert world.client().post("/igf2014/register", files=parts).status_code == 303
    assert kept(world) == dict.fromkeys(names, "長" * 5000)


@pytest.mark.either
def test_what_is_wrong_with_an_answer_is_said_in_the_readers_language(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Guests", "number", lowest=0, highest=9)
    ask(organiser, "Arrival", "date")
    client, faults = world.client(), []
    for wrong in ({"q-guests": "many", "q-arrival": "soon"}, {"q-guests": "10", "q-arrival": "0001-01-01"}):
        headers = {"Accept": "application/json", "Accept-Language": "ja"}
        faults += client.post("/igf2014/register", data=entered(**wrong), headers=headers).json()["errors"].values()
    assert faults == [
        "整数で入力してください。", "日付を正しく入力してください。", "0以上9以下の数を入力してください。",
        "1900年から2199年までの日付を入力してください。",
    ]  # fmt: skip


def test_nobody_is_asked_for_what_would_be_deleted_at_once(world: World, organiser: httpx2.Client) -> None:
    with world.store.writing() as db:
        meeting_by_slug(db, "igf2014").first_day = clock.now().date()
    ask(organiser, "Passport", "text", required=True, keep_days=0)
    ask(organiser, "Diet", "text", required=True)
    assert [*world.client().post("/igf2014/register", json=entered()).json()["errors"]] == ["q-passport", "q-diet"]
    said = entered(**{"q-passport": "X1", "q-diet": "Vegan"})
    assert world.client().post("/igf2014/register", json=said).status_code == 202
    with world.store.writing() as db:
        meeting_by_slug(db, "igf2014").first_day = clock.now().date() - timedelta(days=9)
    client, link = world.client(), own(world)
    assert forgotten_answers(world) == ["passport"]
    assert kept(world) == {"diet": "Vegan"}
    change = client.get(f"{link}/change").text
    assert ("q-passport" in change, "q-diet" in change) == (False, True)
    assert "still needs" not in client.get(link).text
    other = {name: value for name, value in said.items() if name != "email"} | {"family_name": "King"}
    assert client.post(f"{link}/change", json=other).status_code == 200
    assert kept(world) == {"diet": "Vegan"}
    # what is asked later still needs an answer as long as people can register, and then nobody does
    ask(organiser, "Shirt", "text", required=True)
    seen = ["still needs" in client.get(link).text]
    with world.store.writing() as db:
        meeting_by_slug(db, "igf2014").registration_open = False
    assert [*seen, "still needs" in client.get(link).text] == [True, False]


def forgotten_answers(world: World) -> list[str]:
    """The keys of the questions of which answers were kept no longer, and are deleted now."""
    with world.store.writing() as db:
        numbers = expired_questions(db, clock.now())
        for number in numbers:
            assert delete_answers(db, number, clock.now())
        return [db.get_one(Question, number).key for number in numbers]


@pytest.mark.either
def test_of_each_consent_it_is_said_whether_it_is_needed(world: World, organiser: httpx2.Client) -> None:
    ask(organiser, "Film", "consent")
    ask(organiser, "Rules", "consent", required=True)
    labels = re.findall(
        r'<label for="(q-film|q-rules|public)">(.*?)</label>', world.client().get("/igf2014/register").text
    )
    assert {name: "(optional)" in words for name, words in labels} == {"q-film": True, "q-rules": False, "public": True}
