"""Several servers on one database: what each does, it does as if there were one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from server import clock, rounds
from server.mail import Letter
from server.meetings.queries import meeting_by_slug
from server.people.actions import ask_for_link, person_for
from server.schedule.actions import publish
from tests.makers import make_meeting, make_session
from tests.remote.follower import LIVE
from tests.world import World, wait_for

pytestmark = pytest.mark.postgresql

LETTERS = 50
#: One address for all, as a web server in front of them has it.
PUBLIC = {"base_url": "http://igf.example"}


@pytest.fixture
def servers(start_plenary: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> list[World]:
    monkeypatch.setattr(rounds, "LOOK_EVERY", 0.05)
    first = start_plenary(**PUBLIC)
    with first.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting)
        publish(db, meeting, clock.now())
    return [first, start_plenary(**PUBLIC), start_plenary(**PUBLIC)]


def test_three_mail_offices_send_each_letter_once(servers: list[World]) -> None:
    with servers[0].store.writing() as db:
        for number in range(LETTERS):
            person = person_for(db, f"a{number}@example.org", clock.now())
            ask_for_link(db, person.email, "/", "en", clock.now())
    letters: list[Letter] = []

    def all_sent() -> bool:
        with servers[0].store.reading() as db:
            letters[:] = db.scalars(select(Letter)).all()
        return all(letter.sent_at for letter in letters)

    wait_for(all_sent, 20)
    assert len(letters) == len(servers[0].mail()) == LETTERS
    assert {letter.attempts for letter in letters} == {1}, "each was taken in hand once"


def test_a_key_is_good_for_one_paragraph_whichever_server_gets_it(servers: list[World]) -> None:
    program = servers[0].program("ray@example.org", role="rapporteur")
    token = {"Authorization": program.headers["Authorization"]}
    clients = [world.client(headers=token) for world in servers]

    def post(number: int) -> dict:
        key = {"Idempotency-Key": f"key {number // 6}"}
        answer = clients[number % 3].post(
            f"{LIVE}/paragraphs", json={"text": f"{number // 6}", "lang": "en"}, headers=key
        )
        assert answer.status_code == 201
        return answer.json()

    with ThreadPoolExecutor(6) as hands:
        answers = list(hands.map(post, range(60)))
    paragraphs = servers[1].client().get(f"{LIVE}.json").json()["paragraphs"]
    assert sorted(int(p["text"]) for p in paragraphs) == list(range(10))
    assert [len({one["id"] for one in answers[start : start + 6]}) for start in range(0, 60, 6)] == [1] * 10


def test_a_programme_that_one_server_publishes_is_in_the_feeds_of_all(servers: list[World]) -> None:
    feeds = [f"/igf2014/schedule.{form}" for form in ("ics", "json", "xml")]
    before = [[world.client().get(feed).content for feed in feeds] for world in servers]
    assert before[0] == before[1] == before[2]
    with servers[0].store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        make_session(db, meeting, "ws113")
        publish(db, meeting, clock.now())
    after = [[world.client().get(feed).content for feed in feeds] for world in servers]
    assert after[0] == after[1] == after[2]
    for old, new in zip(before[0], after[0], strict=True):
        assert b"ws113" in new
        assert b"ws113" not in old


def test_who_signed_in_at_one_server_is_known_at_all(servers: list[World]) -> None:
    browser = servers[0].browser("ada@example.org")
    answers = [browser.get(f"{world.base_url}/account") for world in servers]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
