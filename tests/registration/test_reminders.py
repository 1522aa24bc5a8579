"""Reminders: organisers see exactly who gets what, and exactly they get it, once."""

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml.html import document_fromstring
from sqlalchemy import func, select

from server import clock, rounds
from server.jobs import Clockwork
from server.mail import Letter
from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.registration import reminders
from server.registration.actions import open_calendar
from server.registration.deciding import change_admission
from server.registration.letters import composers
from server.registration.links import private_link
from server.registration.models import Registration, Reminder
from server.registration.reminders import Wording, schedule, write_reminder
from server.schedule.models import Chosen
from tests.makers import make_meeting, make_registration, make_session
from tests.process import ServerProcess, free_port
from tests.registration.counting import counted
from tests.world import World, at, named_links_in, text_of, wait_for

LIST = "/igf2014/desk/reminders"
SAID = {
    "subject_en": "Visa letters", "body_en": "Please send us your passport number.\n\nUntil Friday.",
    "subject_ja": "ビザ", "body_ja": "旅券番号をお知らせください。",
}  # fmt: skip
#: When the meeting is over; a letter that is written for then does not leave today.
FAR = at("2030-09-01T00:00:00+00:00")


@pytest.fixture
def world(plenary: World) -> World:
    """A server at whose meeting six have registered, one of whom has withdrawn, one was declined, one is erased."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        session = make_session(db, meeting)
        make_registration(db, meeting, "ada@example.org", reference="IGF2014-AAAAAA")
        make_registration(
            db, meeting, "kenji@example.org", reference="IGF2014-BBBBBB", language="ja", given_name="健二",
            family_name="佐藤", country="JP", attendance="onsite", stakeholder_group="government", opened_at=None,
        )  # fmt: skip
        make_registration(
            db, meeting, "pia@example.org", reference="IGF2014-CCCCCC", state="pending", country="FI",
            stakeholder_group="press",
        )  # fmt: skip
        make_registration(db, meeting, "wim@example.org", reference="IGF2014-DDDDDD", state="withdrawn")
        make_registration(db, meeting, "dora@example.org", reference="IGF2014-EEEEEE", state="declined")
        make_registration(db, meeting, "erased", reference="IGF2014-FFFFFF", erased_at=clock.now())
        make_registration(db, make_meeting(db, "other"), "far@example.org", reference="OTHER-DDDDDD")
        ada = person_for(db, "ada@example.org", clock.now())
        db.add(Chosen(person_id=ada.id, session_id=session.id, at=clock.now()))
    return plenary


@pytest.fixture
def organiser(world: World) -> httpx2.Client:
    """A program of an organiser's."""
    return world.program("olga@example.org", role="organiser")


def written(organiser: httpx2.Client, **said: Any) -> dict[str, Any]:
    """A draft that was just written, as its page shows it."""
    made = organiser.post(LIST, json={**SAID, **said})
    assert made.status_code == 201, made.text
    return shown(organiser, made.json()["id"])


def shown(organiser: httpx2.Client, number: int) -> dict[str, Any]:
    found = organiser.get(f"{LIST}/{number}")
    assert found.status_code == 200, found.text
    return dict(found.json())


def step(organiser: httpx2.Client, reminder: dict[str, Any], name: str, **sent: Any) -> httpx2.Response:
    return organiser.post(f"{LIST}/{reminder['id']}/{name}", json={"edition": reminder["edition"], **sent})


def later(organiser: httpx2.Client, reminder: dict[str, Any], moment: str = "2030-08-31T12:00") -> None:
    answer = step(organiser, reminder, "schedule", when="later", at=moment)
    assert (answer.status_code, answer.json()["stage"]) == (200, "scheduled"), answer.text


def outbox(world: World) -> list[tuple[str, str]]:
    """To whom reminders are written, and in which language."""
    with world.store.reading() as db:
        letters = select(Letter.to, Letter.language).filter_by(template=reminders.TEMPLATE).order_by(Letter.id)
        return [tuple(row) for row in db.execute(letters)]


EVERYBODY = [("ada@example.org", "en"), ("kenji@example.org", "ja"), ("pia@example.org", "en")]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, "ada kenji pia"),
        ({"state": ["pending"]}, "pia"),
        ({"state": ["pending", "confirmed"], "country": "fi"}, "pia"),
        ({"group": ["press", "government"]}, "kenji pia"),
        ({"attendance": "onsite"}, "kenji"),
        ({"country": "JP"}, "kenji"),
        ({"language": "ja"}, "kenji"),
        ({"link": "unopened"}, "kenji"),
        ({"link": "opened", "state": "confirmed"}, "ada"),
        ({"region": "asia-pacific"}, "kenji"),
        ({"q": "佐藤"}, "kenji"),
        ({"q": "analytical PIA@"}, "pia"),
        ({"since": "2014-09-01", "until": "2014-09-01", "country": "GB"}, "ada"),
        ({"since": "2014-09-02"}, ""),
        ({"choiceless": True}, "kenji pia"),
        ({"state": ["waiting"]}, ""),
    ],
)
def test_the_preview_is_what_is_sent_recipient_by_recipient(
    world: World, organiser: httpx2.Client, filters: dict[str, Any], names: str
) -> None:
    reminder = written(organiser, **filters)
    expected = [one for one in EVERYBODY if one[0].partition("@")[0] in names.split()]
    assert [(one["email"], one["language"]) for one in reminder["recipients"]] == expected
    assert reminder["count"] == sum(reminder["languages"].values()) == len(expected)
    later(organiser, reminder)
    world.plenary.clockwork.run(FAR)
    assert outbox(world) == expected
    after = shown(organiser, reminder["id"])
    assert (after["stage"], after["sent_to"]) == ("sent", len(expected))


def test_a_program_sees_all_of_a_reminder(organiser: httpx2.Client) -> None:
    reminder = written(organiser, state=["pending"])
    made = {tag: letter["subject"] for tag, letter in reminder.pop("letters").items()}
    assert made == {"en": "Visa letters", "ja": "ビザ"}
    assert reminder == {
        "id": 1, "stage": "draft", "edition": reminder["edition"], "filters": {"state": ["pending"]}, "sent_to": 0,
        "subject": {"en": SAID["subject_en"], "ja": SAID["subject_ja"]},
        "body": {"en": SAID["body_en"], "ja": SAID["body_ja"]}, "due_at": None, "sent_at": None, "stopped_at": None,
        "count": 1, "languages": {"en": 1, "ja": 0}, "page": 1, "pages": 1,
        "recipients": [
            {"reference": "IGF2014-CCCCCC", "name": "Ada Lovelace", "email": "pia@example.org", "state": "pending", "language": "en"}
        ],
    }  # fmt: skip
    assert organiser.get(LIST).json() == {
        "reminders": [
            {key: value for key, value in reminder.items() if key not in ("count", "languages", "page", "pages", "recipients")}
        ]
    }  # fmt: skip


def made_up(text: str) -> str:
    """A letter without what is each recipient's own."""
    text = re.sub(r"/(registration|calendar)/\S+", r"/\1/SECRET", text.replace("\r\n", "\n").strip())
    return re.sub(r"IGF2014-[A-Z]+", "REFERENCE", text)


def test_a_letter_reads_as_the_preview_shows_it(world: World, organiser: httpx2.Client) -> None:
    reminder = written(organiser, attendance="onsite", country="JP")
    with world.store.writing() as db:
        kenji = db.scalars(select(Registration).filter_by(email="kenji@example.org")).one()
        open_calendar(db, kenji, clock.now())
    step(organiser, reminder, "schedule", when="now")
    (letter,) = world.mail("kenji@example.org")
    preview = reminder["letters"]["ja"]
    assert letter["Subject"] == preview["subject"] == "ビザ"
    assert made_up(text_of(letter)) == made_up(preview["text"])
    assert text_of(letter).startswith(SAID["body_ja"])
    assert private_link(kenji, world.settings) in text_of(letter)
    assert "IGF2014-BBBBBB" in text_of(letter)
    assert {"参加登録を開く", "Open your registration"} & set(named_links_in(letter))


def test_the_preview_has_nobody_s_private_link(world: World, organiser: httpx2.Client) -> None:
    text = written(organiser)["letters"]["en"]["text"]
    found = re.search(r"http://[^/]+(/registration/\S+)", text)
    assert found
    assert world.client().get(found.group(1)).status_code == 404
    with world.store.reading() as db:
        own = [private_link(one, world.settings) for one in db.scalars(select(Registration))]
    assert not any(link in text for link in own)
    assert "/calendar/example.ics" in text


def test_who_has_another_language_gets_the_one_there_is(world: World, organiser: httpx2.Client) -> None:
    reminder = written(organiser, subject_en="", body_en="")
    assert reminder["languages"] == {"ja": 3}
    step(organiser, reminder, "schedule", when="now")
    letters = world.mail(at_least=3)
    assert {letter["Subject"] for letter in letters} == {"ビザ"}
    assert {letter["Content-Language"] for letter in letters} == {"ja"}


def test_it_goes_at_the_time_on_the_meeting_s_clocks_and_not_before(world: World, organiser: httpx2.Client) -> None:
    reminder = written(organiser)
    later(organiser, reminder, "2030-08-01T12:00")
    assert shown(organiser, reminder["id"])["due_at"] == "2030-08-01T09:00:00+00:00", "Istanbul is three hours ahead"
    world.plenary.clockwork.run(at("2030-08-01T08:59:59+00:00"))
    assert outbox(world) == []
    world.plenary.clockwork.run(at("2030-08-01T09:00:00+00:00"))
    assert outbox(world) == EVERYBODY


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"when": "later"}, "at"),
        ({"when": "later", "at": ""}, "at"),
        ({"when": "later", "at": "soon"}, "at"),
        ({"when": "later", "at": "2014-09-01T12:00"}, "at"),
        ({"when": "later", "at": "0001-01-01T00:00"}, "at"),
        ({"when": "someday"}, "when"),
        ({}, "when"),
    ],
)
def test_a_time_that_is_none_sends_nothing(
    world: World, organiser: httpx2.Client, sent: dict[str, str], field: str
) -> None:
    reminder = written(organiser)
    answer = step(organiser, reminder, "schedule", **sent)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    world.plenary.clockwork.run(FAR)
    assert outbox(world) == []


@pytest.mark.either
def test_a_time_that_the_clocks_leave_out_is_refused_in_words(world: World, organiser: httpx2.Client) -> None:
    with world.store.writing() as db:
        meeting_by_slug(db, "igf2014").timezone = "Europe/Berlin"
    answer = step(organiser, written(organiser), "schedule", when="later", at="2030-03-31T02:30")
    assert "the clocks go forward" in answer.json()["errors"]["at"]


def test_who_withdraws_is_declined_or_erased_before_it_goes_gets_none(world: World, organiser: httpx2.Client) -> None:
    later(organiser, written(organiser))
    with world.store.writing() as db:
        by_address = {one.email: one for one in db.scalars(select(Registration))}
        by_address["ada@example.org"].state = "withdrawn"
        by_address["kenji@example.org"].state = "declined"
        by_address["pia@example.org"].erased_at = clock.now()
    world.plenary.clockwork.run(FAR)
    assert outbox(world) == []


@pytest.mark.parametrize(
    "change",
    [
        {"state": "withdrawn"},
        {"state": "declined"},
        {"erased_at": at("2014-09-01T00:00:00+00:00")},
        {"email": "new@example.org"},
    ],
)
def test_nor_who_does_so_while_the_letter_waits(world: World, organiser: httpx2.Client, change: dict[str, Any]) -> None:
    later(organiser, written(organiser))
    world.plenary.clockwork.run(FAR)
    compose = composers(world.settings)[reminders.TEMPLATE]
    with world.store.writing() as db:
        ids = db.scalars(select(Letter).filter_by(to="ada@example.org", template=reminders.TEMPLATE)).one().ids
        assert compose(db, ids, FAR) is not None
        ada = db.scalars(select(Registration).filter_by(email="ada@example.org")).one()
        for name, value in change.items():
            setattr(ada, name, value)
        assert compose(db, ids, FAR) is None


def test_it_can_be_changed_until_it_is_sent_and_is_kept_as_it_was_sent(world: World, organiser: httpx2.Client) -> None:
    reminder = written(organiser)
    later(organiser, reminder)
    changed = organiser.post(
        f"{LIST}/1", json={**SAID, "subject_en": "Visa", "state": "pending", "edition": reminder["edition"]}
    ).json()
    assert (changed["stage"], changed["subject"]["en"], changed["filters"]) == (
        "scheduled",
        "Visa",
        {"state": ["pending"]},
    )
    world.plenary.clockwork.run(FAR)
    assert outbox(world) == [("pia@example.org", "en")]
    answers = [
        organiser.post(f"{LIST}/1", json={**SAID, "edition": changed["edition"]}),
        step(organiser, changed, "schedule", when="now"),
        step(organiser, changed, "remove"),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    after = shown(organiser, 1)
    assert (after["subject"]["en"], after["sent_to"], after["outcome"]) == (
        "Visa", 1, {"waiting": 1, "left": 0, "given_up": 0},
    )  # fmt: skip
    assert "recipients" not in after


def test_what_somebody_else_changed_meanwhile_is_neither_sent_nor_overwritten(
    world: World, organiser: httpx2.Client
) -> None:
    seen = written(organiser)
    now = organiser.post(f"{LIST}/1", json={**SAID, "body_en": "Another", "edition": seen["edition"]}).json()
    answers = [
        step(organiser, seen, "schedule", when="now"),
        organiser.post(f"{LIST}/1", json={**SAID, "edition": seen["edition"]}),
    ]
    assert [(one.status_code, one.json()["edition"]) for one in answers] == [(409, now["edition"])] * 2
    world.plenary.clockwork.run(FAR)
    assert outbox(world) == []
    assert shown(organiser, 1)["body"]["en"] == "Another"


def test_what_is_scheduled_can_be_stopped_and_removed(world: World, organiser: httpx2.Client) -> None:
    reminder = written(organiser)
    later(organiser, reminder)
    assert step(organiser, reminder, "stop").json()["stage"] == "draft"
    world.plenary.clockwork.run(FAR)
    assert outbox(world) == []
    assert step(organiser, reminder, "remove").status_code == 200
    assert organiser.get(f"{LIST}/1").status_code == 404
    assert organiser.get(LIST).json() == {"reminders": []}


def test_letters_that_have_not_left_are_stopped_too(start_plenary: Callable[..., World]) -> None:
    world = start_plenary(mail="smtp://127.0.0.1:9")  # nobody listens there
    with world.store.writing() as db:
        meeting = make_meeting(db)
        for number in range(20):
            make_registration(db, meeting, f"n{number}@example.org")
    organiser = world.program("olga@example.org", role="organiser")
    reminder = written(organiser)
    step(organiser, reminder, "schedule", when="now")
    wait_for(lambda: shown(organiser, 1).get("outcome") == {"waiting": 20, "left": 0, "given_up": 0})
    stopped = step(organiser, reminder, "stop")
    assert (stopped.json()["stage"], stopped.json()["sent_to"] <= 1) == ("stopped", True), "one may be in hand"
    assert len(outbox(world)) <= 1


def test_what_has_left_cannot_be_stopped(world: World, organiser: httpx2.Client) -> None:
    reminder = written(organiser)
    step(organiser, reminder, "schedule", when="now")
    world.mail(at_least=3)
    wait_for(lambda: shown(organiser, 1)["outcome"] == {"waiting": 0, "left": 3, "given_up": 0})
    assert step(organiser, reminder, "stop").status_code == 409


def test_at_once_to_nobody_is_refused_and_later_is_not(organiser: httpx2.Client) -> None:
    reminder = written(organiser, state=["offered"])
    assert step(organiser, reminder, "schedule", when="now").status_code == 409
    later(organiser, reminder)


HOSTILE = "Hello\r\nBcc: all@example.org %(meeting)s {{ link }} {% include 'x' %} <script>alert(1)</script> =?utf-8?q?x=0D=0ABcc=3Ax?="


def test_nothing_that_is_written_into_it_is_more_than_words(world: World, organiser: httpx2.Client) -> None:
    body = f"{HOSTILE}\r\n.\r\n\r\n\r\n\r\nhttps://elsewhere.example/a {world.base_url}.elsewhere.example/b\x07"
    reminder = written(organiser, subject_en=HOSTILE, body_en=body, country="FI")
    assert reminder["subject"]["en"] == " ".join(HOSTILE.split())
    step(organiser, reminder, "schedule", when="now")
    (letter,) = world.mail("pia@example.org")
    assert letter["Bcc"] is None
    assert letter["Subject"] == " ".join(HOSTILE.split()).replace("=?", "= ?"), "it is no encoded word"
    said = HOSTILE.replace("\r\n", "\n") + "\n.\n\nhttps://elsewhere.example/a"
    assert said in text_of(letter).replace("\r\n", "\n")
    part = letter.get_body(("html",))
    assert part is not None
    page = part.get_content()
    assert "<script" not in page
    assert {link for link in re.findall(r'href="([^"]*)"', page) if not html.unescape(link).startswith(f"{world.base_url}/")} == set()  # fmt: skip
    desk = world.browser("olga@example.org", role="organiser").get(f"{LIST}/1").text
    assert "&lt;script&gt;alert(1)" in desk
    assert "<script>alert" not in desk


@pytest.mark.either
@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"body_en": ""}, {"body_en"}),
        ({"subject_ja": ""}, {"subject_ja"}),
        ({"subject_en": "", "body_en": "", "subject_ja": "", "body_ja": ""}, {"subject_en", "body_en"}),
        ({"subject_en": " \r\n ", "body_en": "\n\n"}, set()),
        ({"subject_en": "x" * 151}, {"subject_en"}),
        ({"body_en": "x" * 5001}, {"body_en"}),
        ({"state": "withdrawn"}, {"state"}),
        ({"state": ["pending", "declined"]}, {"state"}),
        ({"group": "friends"}, {"group"}),
        ({"country": "XX"}, {"country"}),
        ({"attendance": "maybe"}, {"attendance"}),
        ({"language": "xx"}, {"language"}),
        ({"link": "x"}, {"link"}),
        ({"region": "x"}, {"region"}),
        ({"since": "soon"}, {"since"}),
    ],
)
def test_what_is_not_complete_is_shown_again(organiser: httpx2.Client, said: dict[str, Any], fields: set[str]) -> None:
    answer = organiser.post(LIST, json={**SAID, **said})
    assert set(answer.json().get("errors", ())) == fields
    assert answer.status_code == (422 if fields else 201)


def test_only_organisers_of_the_meeting_write_reminders(world: World, organiser: httpx2.Client) -> None:
    edition = written(organiser)["edition"]
    gets = [LIST, f"{LIST}/1"]
    posts = [LIST, f"{LIST}/1", *(f"{LIST}/1/{name}" for name in ("schedule", "stop", "remove"))]
    for role in ("desk", "chair", "rapporteur", "moderator"):
        other = world.program(f"{role}@example.org", role=role)
        answers = [*map(other.get, gets), *(other.post(path, json={**SAID, "edition": edition}) for path in posts)]
        assert {answer.status_code for answer in answers} == {403}
        assert not any("pia@example.org" in answer.text for answer in answers)
    neighbour = world.program("nina@example.org", role="organiser", meeting="other")
    assert {neighbour.get(path).status_code for path in gets} == {403}
    assert neighbour.get("/other/desk/reminders/1").status_code == 404
    assert neighbour.post("/other/desk/reminders/1/remove", json={}).status_code == 404
    assert {world.client().get(path).status_code for path in gets} == {303}


def ticked(page: httpx2.Response) -> list[str]:
    """The boxes of a page that are ticked."""
    return sorted(document_fromstring(page.text).xpath("//input[@type='checkbox'][@checked]/@value"))


def test_an_organiser_does_all_of_it_in_a_browser(world: World) -> None:
    browser = world.browser("olga@example.org", role="organiser")
    assert "There is no reminder yet" in browser.get(LIST).text
    faulty = browser.post(LIST, data={**SAID, "body_en": "", "state": ["pending", "offered"], "country": "FI"})
    assert faulty.status_code == 422
    assert ticked(faulty) == ["offered", "pending"]
    assert 'value="Visa letters"' in faulty.text
    made = browser.post(LIST, data={**SAID, "state": ["pending", "offered"], "country": "FI"})
    assert (made.status_code, made.headers["location"]) == (303, f"{LIST}/1?done=written")
    page = browser.get(made.headers["location"])
    assert page.headers["cache-control"] == "no-store"
    assert "It would go to 1 person now." in page.text
    assert "pia@example.org" in page.text
    assert "ada@example.org" not in page.text
    edition = re.search(r'name="edition" value="(\w+)"', page.text)
    assert edition
    past = browser.post(f"{LIST}/1/schedule", data={"edition": edition[1], "when": "later", "at": "2014-01-01T10:00"})
    assert past.status_code == 422
    assert "This time is over" in past.text
    assert 'value="2014-01-01T10:00"' in past.text
    sent = browser.post(f"{LIST}/1/schedule", data={"edition": edition[1], "when": "later", "at": "2030-01-01T10:00"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{LIST}/1?done=scheduled")
    assert "It is counted again when it is sent" in browser.get(sent.headers["location"]).text
    world.plenary.clockwork.run(FAR)
    browser = world.browser("olga@example.org")  # by then her visit has ended
    after = browser.get(f"{LIST}/1").text
    assert "Letters still to leave" in after
    assert "pia@example.org" not in after
    again = browser.get(f"{LIST}?like=1")
    assert "Please send us your passport number." in again.text
    assert ticked(again) == ["offered", "pending"]


def test_a_preview_asks_as_much_for_a_hundred_as_for_three(world: World, organiser: httpx2.Client) -> None:
    written(organiser)
    with counted() as few:
        shown(organiser, 1)
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        for number in range(100):
            make_registration(db, meeting, f"n{number}@example.org")
    with counted() as many:
        found = shown(organiser, 1)
    assert (found["count"], found["pages"], len(found["recipients"])) == (103, 3, reminders.PAGE)
    assert len(many) == len(few)
    pages = [organiser.get(f"{LIST}/1?page={page}").json()["recipients"] for page in (1, 2, 3)]
    assert len({one["email"] for rows in pages for one in rows}) == 103


# Exactly once


def crowd(world: World, many: int) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        for number in range(many):
            make_registration(db, meeting, f"n{number}@example.org")


def test_a_fault_on_the_way_neither_repeats_nor_omits_anybody(
    world: World, organiser: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(world, 20)
    monkeypatch.setattr(reminders, "PIECE", 5)
    faults = iter([False, True, False, False, True])
    real = reminders.write_letters

    def write_and_fail(*given: Any) -> int:
        count = real(*given)
        if next(faults, False):
            raise RuntimeError("the process dies here")
        return count

    monkeypatch.setattr(reminders, "write_letters", write_and_fail)
    reminder = written(organiser)
    later(organiser, reminder)
    stages = []
    for _ in range(3):
        world.plenary.clockwork.run(FAR)
        found = shown(organiser, 1)
        stages.append((found["stage"], found["sent_to"]))
    assert stages == [("leaving", 5), ("leaving", 15), ("sent", 23)]
    assert sorted(outbox(world)) == sorted([*EVERYBODY, *((f"n{number}@example.org", "en") for number in range(20))])
    assert organiser.post(f"{LIST}/1", json={**SAID, "edition": reminder["edition"]}).status_code == 409


def test_who_registers_or_comes_to_fit_while_it_is_being_sent_gets_it_once_at_most(
    world: World, organiser: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(world, 10)
    monkeypatch.setattr(reminders, "PIECE", 5)
    later(organiser, written(organiser))
    with world.store.writing() as db:
        assert reminders.send_on(db, 1, FAR)
    with world.store.writing() as db:
        make_registration(db, meeting_by_slug(db, "igf2014"), "late@example.org")
    world.plenary.clockwork.run(FAR)
    written_to = [address for address, _ in outbox(world)]
    assert len(written_to) == len(set(written_to)) == 14
    assert "late@example.org" in written_to


def test_several_that_send_one_reminder_at_the_same_moment_send_it_once(
    world: World, organiser: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(world, 40)
    monkeypatch.setattr(reminders, "PIECE", 4)
    later(organiser, written(organiser))

    def send(_: int) -> int:
        done = 0
        while True:
            with world.store.writing() as db:
                if not reminders.send_on(db, 1, FAR):
                    return done
            done += 1

    with ThreadPoolExecutor(6) as pool:
        pieces = sum(pool.map(send, range(6)))
    assert pieces == 11, "43 by four, and the last piece is not full"
    addresses = [address for address, _ in outbox(world)]
    assert len(addresses) == len(set(addresses)) == 43


@pytest.mark.postgresql
def test_three_servers_send_a_reminder_once(
    start_plenary: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(reminders, "PIECE", 5)
    servers = [start_plenary(base_url="http://igf.example") for _ in range(3)]
    with servers[0].store.writing() as db:
        meeting = make_meeting(db)
        olga = person_for(db, "olga@example.org", clock.now())
        for number in range(60):
            make_registration(db, meeting, f"n{number}@example.org")
        found = write_reminder(db, olga, meeting, Wording({"en": "A"}, {"en": "B"}, {}), clock.now())
        schedule(db, found, None, edition=reminders.edition_of(found), now=clock.now())
    letters = servers[0].mail(at_least=60)
    assert sorted(letter["To"] for letter in letters) == sorted(f"n{number}@example.org" for number in range(60))
    with servers[0].store.reading() as db:
        assert db.scalars(select(Reminder)).one().sent_to == 60
        assert set(db.scalars(select(Letter.attempts))) == {1}


def test_a_killed_server_sends_the_rest_once_it_is_back(database: str, tmp_path: Path) -> None:
    world = World(tmp_path, database)
    with world.store.writing() as db:
        meeting = make_meeting(db)
        olga = person_for(db, "olga@example.org", clock.now())
        facts = {"reference": "", "email": ""}
        one = make_registration(db, meeting, "first@example.org")
        kept = {
            column.name: getattr(one, column.name) for column in Registration.__table__.columns if column.name != "id"
        }
        rows = [{**kept, **facts, "email": f"n{n}@example.org", "reference": f"IGF-{n}"} for n in range(7999)]
        db.execute(Registration.__table__.insert(), rows)  # type: ignore[attr-defined]
        found = write_reminder(db, olga, meeting, Wording({"en": "A"}, {"en": "B"}, {}), clock.now())
    world.close()
    server = ServerProcess(database, tmp_path, free_port())

    def count() -> int:
        with world.store.reading() as db:
            return db.scalar(select(func.count()).select_from(Letter).filter_by(template=reminders.TEMPLATE)) or 0

    try:
        with world.store.writing() as db:
            db.get_one(Reminder, found.id).due_at = clock.now()
        wait_for(lambda: count() > 0, 20)
        server.kill()
        reached = count()
        server.start()
        wait_for(lambda: count() == 8000, 30)
    finally:
        server.kill()
    assert 0 < reached < 8000, "it was killed on the way"
    assert reached % reminders.PIECE == 0
    assert len({address for address, _ in outbox(world)}) == 8000
    with world.store.reading() as db:
        assert db.get_one(Reminder, found.id).sent_to == 8000
    world.store.close()


# Offers that run out


def test_an_offer_that_nobody_answers_goes_to_the_next_one_by_itself(plenary: World) -> None:
    now = clock.now()
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        change_admission(db, meeting, {"onsite": 1, "offer_hours": 24}, now)
        for turn, name in enumerate(("ada", "bo", "cy", "di"), 1):
            state = "confirmed" if name == "ada" else "waiting"
            make_registration(db, meeting, f"{name}@example.org", attendance="onsite", state=state, turn=turn)
        ada = db.scalars(select(Registration).filter_by(email="ada@example.org")).one()
        link = private_link(ada, plenary.settings).removeprefix(plenary.base_url)

    def standing() -> str:
        with plenary.store.reading() as db:
            return " ".join(db.scalars(select(Registration.state).order_by(Registration.turn)))

    assert plenary.client().post(f"{link}/withdraw").status_code == 303
    assert standing() == "withdrawn offered waiting waiting"
    run: Callable[..., None] = plenary.plenary.clockwork.run
    run(now + timedelta(hours=23))
    assert standing() == "withdrawn offered waiting waiting"
    run(now + timedelta(hours=25))
    assert standing() == "withdrawn withdrawn offered waiting"
    run(now + timedelta(hours=50))
    assert standing() == "withdrawn withdrawn withdrawn offered"
    run(now + timedelta(days=9))
    assert standing() == "withdrawn withdrawn withdrawn withdrawn"


def test_the_clockwork_of_the_server_has_these_jobs(plenary: World) -> None:
    assert isinstance(plenary.plenary.clockwork, Clockwork)
    assert {"offers that ran out", "reminders"} <= {job.name for job in plenary.plenary.clockwork.jobs}
