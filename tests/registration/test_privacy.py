"""What is held of somebody: taken along, erased when they say so, and kept no longer than was said."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from server import clock
from server.database import Record
from server.idempotency import Answered
from server.letterbook import forget_letters_to
from server.mail import Letter, write_letter
from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.people.models import Person, SignInLink, Visit
from server.registration.deciding import change_admission
from server.registration.links import private_link
from server.registration.models import (
    Admission,
    Answer,
    AnswerFile,
    HistoryEntry,
    HistoryKind,
    Question,
    Registration,
)
from server.registration.moving import Mover, note
from server.registration.retention import erase_some
from server.registration.states import By
from server.schedule.models import Chosen, PrivateFeed
from tests.makers import NOON, make_meeting, make_registration, make_session
from tests.world import World, link_in, wait_for

#: A meeting that is to come, whenever the tests run.
NEXT_YEAR = date(datetime.now(UTC).year + 1, 9, 2)

ADA = {
    "given_name": "Augustadora", "family_name": "Kingsbridge", "email": "augustadora@kingsbridge.example", "country": "TR",
    "organisation": "Difference Enginery", "stakeholder_group": "civil-society", "attendance": "onsite", "public": True,
}  # fmt: skip
BEN = {**ADA, "given_name": "Ben", "family_name": "Next", "email": "ben@example.org", "organisation": "Elsewhere"}
#: What must be found nowhere once she is erased.
TRACES = ("augustadora", "kingsbridge", "difference enginery")


@pytest.fixture
def world(plenary: World) -> World:
    """A server with a meeting that is to come, which has one place onsite."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db, first_day=NEXT_YEAR)
        db.add(Admission(meeting_id=meeting.id, onsite=1))
    return plenary


def register(world: World, body: dict[str, Any], *, meeting: str = "igf2014", key: str = "") -> str:
    """The private link of somebody who has just registered."""
    before = len(world.mail(body["email"], 0))
    headers = {"Idempotency-Key": key} if key else {}
    answer = world.client().post(f"/{meeting}/register", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return link_in(world.mail(body["email"], before + 1)[-1])


def registration(world: World, email: str) -> Registration:
    with world.store.reading() as db:
        return db.scalars(select(Registration).filter_by(email=email).order_by(Registration.id.desc())).first()  # type: ignore[return-value]


def erased(world: World) -> Registration:
    with world.store.reading() as db:
        return db.scalars(select(Registration).where(Registration.erased_at.is_not(None))).one()


def answered(world: World, email: str) -> None:
    """Somebody has answered two questions, one with a file."""
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        one = db.scalars(select(Registration).filter_by(email=email)).one()
        meal = Question(
            meeting_id=meeting.id, key="meal", position=1, kind="choice", label={"en": "Meal", "ja": "食事"},
            options=[{"key": "vegan", "label": {"en": "Vegan"}}],
        )  # fmt: skip
        agrees = Question(
            meeting_id=meeting.id, key="photos", position=2, kind="consent", label={"en": "Be in photographs"}
        )
        passport = Question(meeting_id=meeting.id, key="passport", position=3, kind="file", label={"en": "Passport"})
        db.add_all([meal, agrees, passport])
        db.flush()
        for question, value in ((meal, "vegan"), (agrees, True), (passport, "kingsbridge.pdf")):
            db.add(Answer(registration_id=one.id, question_id=question.id, value=value, at=NOON))
        db.add(
            AnswerFile(
                question_id=passport.id, registration_id=one.id, name="kingsbridge.pdf", content_type="application/pdf",
                size=8, content=b"%PDF-1.7", at=NOON,
            )
        )  # fmt: skip


def everything(world: World) -> str:
    """Every row of every table as text."""
    with world.store.reading() as db:
        return "\n".join(
            f"{table.name}: {tuple(row)!r}"
            for table in Record.metadata.tables.values()
            for row in db.execute(select(table))
        )


def rows_in(world: World, kind: type[Record]) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(kind)) or 0


def all_sent(world: World) -> bool:
    with world.store.reading() as db:
        return not db.scalar(select(func.count()).select_from(Letter).where(Letter.due_at.is_not(None)))


# Taking along what is held


def test_everything_that_is_held_can_be_taken_along(world: World) -> None:
    link = register(world, ADA)
    answered(world, ADA["email"])
    staff = world.program("desk@example.org", role="desk")
    reference = registration(world, ADA["email"]).reference
    desk = f"/igf2014/desk/registrations/{reference}"
    assert staff.post(f"{desk}/withdraw", json={"reason": "You asked us to."}).status_code == 200
    assert staff.post(f"{desk}/reinstate", json={}).status_code == 200
    with world.store.writing() as db:
        one = db.scalars(select(Registration).filter_by(reference=reference)).one()
        note(db, one.id, HistoryKind.LINE_MOVED, Mover(By.DESK), NOON, reason="a friend of the chair")
        person = person_for(db, "desk@example.org", NOON, name="Dora Deskworker")
        db.add(Admission(meeting_id=make_meeting(db, "other").id))
        assert person.name == "Dora Deskworker"
    answer = world.client().get(f"{link}/data.json")
    headers = {name: answer.headers[name] for name in ("content-type", "content-disposition", "cache-control")}
    assert headers == {
        "content-type": "application/json; charset=utf-8",
        "content-disposition": f'attachment; filename="{reference.lower()}.json"',
        "cache-control": "no-store",
    }
    assert answer.text.startswith('{\n  "meeting": {\n')
    held = answer.json()
    said = {name: held[name] for name in ADA}
    assert said == ADA
    assert (held["reference"], held["state"], held["private_calendar"]) == (reference, "confirmed", True)
    assert [(one["key"], one["question"], one["answer"], one["at"]) for one in held["answers"]] == [
        ("meal", "Meal", "Vegan", "2014-09-01T09:00:00Z"),
        ("photos", "Be in photographs", True, "2014-09-01T09:00:00Z"),
        ("passport", "Passport", "kingsbridge.pdf", "2014-09-01T09:00:00Z"),
    ]
    [file] = held["files"]
    address = file.pop("address")
    assert address.startswith(f"{world.base_url}{link}/files/")
    assert file == {
        "question": "Passport", "name": "kingsbridge.pdf", "type": "application/pdf", "bytes": 8, "at": "2014-09-01T09:00:00Z",
    }  # fmt: skip
    assert [(one["to"], one["agreed"], one["at"] is not None) for one in held["consents"]] == [
        ("be listed among the participants", True, True),
        ("Be in photographs", True, True),
    ]
    assert [(one["what"], one["by"], one["reason"]) for one in held["history"]] == [
        ("registered", "participant", ""),
        ("withdrawn", "desk", "You asked us to."),
        ("reinstated", "desk", ""),
        ("line-moved", "desk", ""),
    ]
    assert {(one["to"], one["letter"]) for one in held["letters"]} == {(ADA["email"], "registration.state")}
    not_hers = ("Dora", "desk@example.org", "a friend of the chair", link.rpartition("_")[2] + '"')
    assert [words for words in not_hers if words in answer.text] == []


def test_when_somebody_agreed_to_be_listed_and_took_it_back_is_known(world: World) -> None:
    link = register(world, ADA)
    client = world.client()
    first = client.get(f"{link}/data.json").json()["consents"][0]
    assert (first["agreed"], first["at"] is not None) == (True, True)
    assert client.post(f"{link}/change", json={**ADA, "public": False}).status_code == 200
    told = client.get(f"{link}/data.json").json()
    assert told["consents"][0]["agreed"] is False
    assert [one["changed"] for one in told["history"]] == [["public"], ["public"]]
    quiet = register(world, {**BEN, "public": False})
    assert client.get(f"{quiet}/data.json").json()["consents"][0] == {
        "to": "be listed among the participants", "agreed": False, "at": None,
    }  # fmt: skip


@pytest.mark.either
def test_nobody_else_gets_it(world: World) -> None:
    link = register(world, ADA)
    other = register(world, BEN)
    handle = link.rpartition("_")[0]
    client = world.client()
    guesses = [f"{handle}/data.json", f"{handle}_{other.rpartition('_')[2]}/data.json", "/registration/x/data.json"]
    assert [client.get(guess).status_code for guess in guesses] == [404, 404, 404]
    assert "augustadora" not in client.get(f"{other}/data.json").text.lower()


# Erasing


def test_one_erases_oneself_and_the_next_in_the_line_gets_the_place(world: World) -> None:
    link = register(world, ADA, key="a key of hers")
    answered(world, ADA["email"])
    register(world, BEN)
    assert registration(world, BEN["email"]).state == "waiting"
    client = world.client()
    page = client.get(f"{link}/erase")
    assert page.headers["cache-control"] == "no-store"
    shown = ("no longer takes part", "goes to the next one", "Download everything we keep", "Nobody can undo this")
    assert [words for words in shown if words not in page.text] == []
    before = registration(world, ADA["email"])
    answer = client.post(f"{link}/erase")
    assert (answer.status_code, answer.headers["location"]) == (303, "/igf2014/erased")
    assert "Everything personal is erased" in client.get("/igf2014/erased").text
    now = erased(world)
    gone = {name: getattr(now, name) for name in Registration.__table__.columns.keys()}  # noqa: SIM118
    assert gone == {
        "id": before.id, "meeting_id": before.meeting_id, "reference": f"erased-{before.id}",
        "email": f"erased-{before.id}", "generation": 2, "given_name": "", "family_name": "", "organisation": "",
        "organisation_key": "", "searched": "", "language": "", "public": False, "country": "TR", "gender": "",
        "stakeholder_group": "civil-society", "attendance": "onsite", "first_time": None, "state": "withdrawn",
        "turn": None, "offer_until": None, "opened_at": None, "new_email": "", "new_email_until": None,
        "registered_at": now.registered_at, "changed_at": now.erased_at, "erased_at": now.erased_at,
    }  # fmt: skip
    assert (now.registered_at.hour, now.registered_at.minute, now.registered_at.second) == (9, 0, 0)  # noon in Istanbul
    assert registration(world, BEN["email"]).state == "confirmed"
    answers = [client.get(f"{link}{step}").status_code for step in ("", "/change", "/data.json", "/erase")]
    assert answers == [404] * 4
    assert client.post(f"{link}/erase").status_code == 404
    assert [trace for trace in TRACES if trace in everything(world).lower()] == []
    with world.store.reading() as db:
        scopes = db.scalars(select(Answered.scope)).all()
        people = db.scalars(select(Person.email)).all()
    assert (scopes, people) == ([], [BEN["email"]])
    assert len(world.mail(ADA["email"])) == 1  # no letter says so


def test_a_program_erases_and_the_same_address_begins_anew(world: World) -> None:
    link = register(world, ADA)
    assert world.client().post(f"{link}/erase", json={}).json() == {"status": "erased"}
    again = register(world, ADA)
    assert again != link
    assert world.client().get(again).status_code == 200
    assert rows_in(world, Registration) == 2


def test_no_list_shows_somebody_who_is_erased_and_the_numbers_stay_as_they_were(world: World) -> None:
    desk = world.program("desk@example.org", role="organiser", meeting="igf2014")
    with world.store.writing() as db:
        past = make_meeting(db, "igf2010", first_day=date(2010, 9, 14))
        for number in range(6):
            make_registration(db, past, f"one{number}@example.org", family_name=f"Number{number}", country="TR")
        gone = make_registration(db, past, "gone@example.org", family_name="Vanished", country="TR")
        link = private_link(gone, world.settings).removeprefix(world.base_url)
        late = make_registration(db, past, "late@example.org", family_name="Waiter", state="waiting", turn=7)
        waiting = private_link(late, world.settings).removeprefix(world.base_url)
    desk = world.program("desk@example.org", role="organiser", meeting="igf2010")
    client = world.client()
    numbers = client.get("/igf2010/statistics.csv").text
    weeks = desk.get("/igf2010/desk/statistics").text
    assert "Vanished" in client.get("/igf2010/participants").text
    assert client.post(f"{link}/erase").status_code == 303
    assert client.post(f"{waiting}/erase").status_code == 303
    assert client.get("/igf2010/statistics.csv").text == numbers
    assert desk.get("/igf2010/desk/statistics").text == weeks
    lists = [
        client.get("/igf2010/participants").text, desk.get("/igf2010/desk/registrations").text,
        desk.get("/igf2010/desk/registrations.csv").text, desk.get("/igf2010/desk/registrations?q=erased").text,
        desk.get("/igf2010/desk/registrations?state=withdrawn").text,
    ]  # fmt: skip
    assert [words for words in ("Vanished", "Waiter", "erased-") for one in lists if words in one] == []
    assert "Number5" in lists[0]
    assert desk.get(f"/igf2010/desk/registrations/erased-{gone.id}").status_code == 404
    with world.store.reading() as db:
        states = {
            one.id: one.state for one in db.scalars(select(Registration).where(Registration.erased_at.is_not(None)))
        }
    assert states == {gone.id: "confirmed", late.id: "withdrawn"}  # who waits after a meeting must never get a place


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("confirmed", "withdrawn"), ("pending", "withdrawn"), ("waiting", "withdrawn"), ("offered", "withdrawn"),
        ("declined", "declined"), ("withdrawn", "withdrawn"), ("checked-in", "checked-in"),
    ],
)  # fmt: skip
def test_wherever_a_registration_stands_it_can_be_erased(world: World, state: str, after: str) -> None:
    with world.store.writing() as db:
        one = make_registration(db, meeting_by_slug(db, "igf2014"), state=state, attendance="onsite", turn=1)
        link = private_link(one, world.settings).removeprefix(world.base_url)
    assert world.client().post(f"{link}/erase", json={}).status_code == 200
    assert erased(world).state == after
    assert world.mail("ada@example.org", 0) == []


def test_the_desk_erases_whoever_asks_for_it(world: World) -> None:
    register(world, ADA)
    staff = world.browser("dora@example.org", role="desk")
    reference = registration(world, ADA["email"]).reference
    page = f"/igf2014/desk/registrations/{reference}"
    assert f'href="{page}/erase"' in staff.get(page).text
    assert "Augustadora Kingsbridge" in staff.get(f"{page}/erase").text
    answer = staff.post(f"{page}/erase")
    assert (answer.status_code, answer.headers["location"]) == (303, "/igf2014/desk/registrations?done=erased")
    assert "Everything personal in the registration is erased." in staff.get(answer.headers["location"]).text
    assert [trace for trace in TRACES if trace in everything(world).lower()] == []
    assert staff.get(f"{page}/erase").status_code == 404


@pytest.mark.either
@pytest.mark.parametrize("role", ["chair", "rapporteur", "moderator", ""])
def test_nobody_else_erases_somebody(world: World, role: str) -> None:
    register(world, ADA)
    reference = registration(world, ADA["email"]).reference
    client = world.browser("else@example.org", role=role) if role else world.client()
    answer = client.post(f"/igf2014/desk/registrations/{reference}/erase", json={})
    assert answer.status_code == (403 if role else 401)
    assert registration(world, ADA["email"]).state == "confirmed"


def test_an_account_stays_when_something_else_is_its_own(world: World) -> None:
    """Each of these has one thing more than a registration that is erased; the last has chosen sessions there only."""
    with world.store.writing() as db:
        other = make_meeting(db, "other")
        here, there = make_session(db, meeting_by_slug(db, "igf2014")), make_session(db, other)
        make_registration(db, other, "registered@example.org")
    names = ("registered", "serves", "chose", "named", "nothing")
    links = {name: register(world, {**ADA, "email": f"{name}@example.org", "attendance": "online"}) for name in names}
    world.program("serves@example.org", role="chair", meeting="other")
    with world.store.writing() as db:
        people = {one.email.partition("@")[0]: one for one in db.scalars(select(Person))}
        db.add(Chosen(person_id=people["chose"].id, session_id=there.id, at=NOON))
        db.add(Chosen(person_id=people["nothing"].id, session_id=here.id, at=NOON))
        db.get(type(here), here.id).people[0].person_id = people["named"].id  # type: ignore[union-attr]
        write_letter(db, "registered@example.org", "registration.again", {"registration": 1}, "en", NOON)
    for link in links.values():
        assert world.client().post(f"{link}/erase", json={}).status_code == 200
    with world.store.reading() as db:
        staying = set(db.scalars(select(Person.email)))
        kept = set(db.scalars(select(Letter.to)))
        feeds = {db.get(Person, one).email for one in db.scalars(select(PrivateFeed.person_id))}  # type: ignore[union-attr]
    assert staying == {f"{name}@example.org" for name in names[:-1]}
    assert kept == {"registered@example.org"}
    assert feeds == staying


def test_places_of_many_who_are_erased_at_once_go_to_those_who_wait(world: World) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        db.get(Admission, meeting.id).onsite = 6  # type: ignore[union-attr]
        links = []
        for number in range(12):
            state = "confirmed" if number < 6 else "waiting"
            one = make_registration(
                db, meeting, f"one{number}@example.org", state=state, attendance="onsite", turn=number
            )
            links.append(private_link(one, world.settings).removeprefix(world.base_url))
    clients = [world.client() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].post(f"{pair[1]}/erase", json={}).status_code, zip(clients, links, strict=False)
            )
        )
    with world.store.reading() as db:
        states = list(db.scalars(select(Registration.state).order_by(Registration.id)))
    assert (answers, states) == ([200] * 6, ["withdrawn"] * 6 + ["confirmed"] * 6)


def test_a_letter_never_has_the_number_of_one_that_was_forgotten(world: World) -> None:
    """While a letter is in hand it may be forgotten, and that it was sent must not be noted of another one."""
    with world.store.writing() as db:
        write_letter(db, "x@example.org", "none", {}, "en", NOON)
        db.flush()
        before = db.scalars(select(func.max(Letter.id))).one()
        forget_letters_to(db, ["x@example.org"])
        write_letter(db, "y@example.org", "none", {}, "en", NOON)
        assert db.scalars(select(Letter.id).filter_by(to="y@example.org")).one() == before + 1
        forget_letters_to(db, ["y@example.org"])


def test_every_table_that_tells_of_a_registration_is_emptied(world: World) -> None:
    """A table that comes later must be emptied, too: this one names those that are."""
    refers = {
        table.name
        for table in Record.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "registration"
    }
    assert refers == {"answer", "answer_file", "registration_history"}
    link = register(world, ADA)
    answered(world, ADA["email"])
    assert world.client().post(f"{link}/erase", json={}).status_code == 200
    assert [rows_in(world, kind) for kind in (Answer, AnswerFile, HistoryEntry)] == [0, 0, 0]


# Kept no longer than was said


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_everything_personal_is_erased_so_many_days_after_the_meeting(world: World) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        db.get(Admission, meeting.id).keep_days = 30  # type: ignore[union-attr]
        for number in range(250):  # more than are erased at a time
            state = ("confirmed", "waiting", "offered", "pending", "declined")[number % 5]
            make_registration(db, meeting, f"one{number}@example.org", state=state, attendance="onsite", turn=number)
        make_registration(db, make_meeting(db, "for-ever", first_day=date(2010, 9, 14)), "kept@example.org")
        last = meeting.last_day
    form = world.client().get("/igf2014/register").text
    assert "Everything personal is erased 30 days after the meeting." in form
    world.plenary.clockwork.run(at_noon(last + timedelta(days=30)))
    assert rows_with_name(world) == 251
    world.plenary.clockwork.run(at_noon(last + timedelta(days=31)))
    with world.store.reading() as db:
        left = db.scalars(select(Registration.email).where(Registration.erased_at.is_(None))).all()
        states = Counter(db.scalars(select(Registration.state).where(Registration.erased_at.is_not(None))))
    assert left == ["kept@example.org"]
    assert states == {"confirmed": 50, "withdrawn": 150, "declined": 50}
    assert world.mail(None, 0) == []  # nobody gets a place, or a letter, after a meeting
    assert "@" not in "".join(line for line in everything(world).splitlines() if "kept@" not in line)


def rows_with_name(world: World) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Registration).where(Registration.given_name != "")) or 0


def test_answers_to_a_question_are_deleted_before_the_rest(world: World) -> None:
    register(world, ADA)
    answered(world, ADA["email"])
    with world.store.writing() as db:
        last = meeting_by_slug(db, "igf2014").last_day
        for key, days in (("passport", 0), ("meal", 7)):
            db.scalars(select(Question).filter_by(key=key)).one().keep_days = days
    left = []
    for days in (0, 1, 7, 8):
        world.plenary.clockwork.run(at_noon(last + timedelta(days=days)))
        with world.store.reading() as db:
            keys = select(Question.key).join(Answer).order_by(Question.position)
            left.append((list(db.scalars(keys)), db.scalar(select(func.count()).select_from(AnswerFile))))
    assert left == [
        (["meal", "photos", "passport"], 1), (["meal", "photos"], 0), (["meal", "photos"], 0), (["photos"], 0),
    ]  # fmt: skip
    assert registration(world, ADA["email"]).given_name == "Augustadora"


def test_what_was_only_passing_is_forgotten(world: World) -> None:
    """Files nobody claimed, addresses nobody confirmed, answers to keys, links, visits, and that letters were sent."""
    now = datetime(2030, 1, 1, tzinfo=UTC)
    register(world, ADA, key="a key")
    world.browser("guest@example.org")
    wait_for(lambda: all_sent(world))
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        question = Question(meeting_id=meeting.id, key="passport", position=1, kind="file", label={"en": "Passport"})
        db.add(question)
        db.flush()
        for age in (timedelta(hours=23), timedelta(hours=25)):
            db.add(
                AnswerFile(
                    question_id=question.id, registration_id=None, hash=str(age), name="a.pdf", content_type="application/pdf",
                    size=1, content=b"%", at=now - age,
                )
            )  # fmt: skip
        one = db.scalars(select(Registration)).one()
        one.new_email, one.new_email_until = "elsewhere@example.org", now - timedelta(seconds=1)
        db.execute(text("UPDATE answered SET at = :at"), {"at": now - timedelta(days=3)})
        db.add(Answered(scope="young", key="1", answer={}, at=now - timedelta(days=1)))
        for age, template in ((91, "old"), (89, "young")):
            sent = {"sent_at": now - timedelta(days=age), "due_at": None}
            given_up = {"sent_at": None, "due_at": None, "fault": "550"}
            for what, facts in (("sent", sent), ("given up", given_up)):
                written_at = now - timedelta(days=age)
                db.add(
                    Letter(to="x", template=f"{template} {what}", ids={}, language="en", written_at=written_at, **facts)
                )
        db.add(
            Letter(to="x", template="waits", ids={}, language="en", written_at=NOON, due_at=now + timedelta(days=9999))
        )
    world.plenary.clockwork.run(now)
    with world.store.reading() as db:
        left = {
            "files": list(db.scalars(select(AnswerFile.hash))),
            "addresses": list(db.scalars(select(Registration.new_email))),
            "answers": list(db.scalars(select(Answered.scope))),
            "letters": sorted(one for one in db.scalars(select(Letter.template)) if not one.startswith("registration")),
            "links": db.scalar(select(func.count()).select_from(SignInLink)),
            "visits": db.scalar(select(func.count()).select_from(Visit)),
        }
    assert left == {
        "files": [str(timedelta(hours=23))], "addresses": [""], "answers": ["young"],
        "letters": ["waits", "young given up", "young sent"], "links": 0, "visits": 0,
    }  # fmt: skip


@pytest.mark.either
def test_the_page_says_when_everything_is_erased(world: World) -> None:
    link = register(world, ADA)
    client = world.client()
    assert "erased by itself" not in client.get(link).text
    with world.store.writing() as db:
        db.get(Admission, meeting_by_slug(db, "igf2014").id).keep_days = 30  # type: ignore[union-attr]
    day = NEXT_YEAR + timedelta(days=3 + 31)
    assert f"Everything personal is erased by itself on {day.day} October {day.year}." in client.get(link).text
    assert client.get(f"{link}/data.json").json()["erased_on"] == f"{day - timedelta(days=1)}T21:00:00Z"


def test_what_an_organiser_says_meanwhile_keeps_it(world: World) -> None:
    with world.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        change_admission(db, meeting, {"keep_days": None}, clock.now())
        assert erase_some(db, meeting.id, clock.now()) is False
