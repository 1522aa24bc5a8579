"""Kept answers: given again only while they are true, to whom they were made for, and the same to the last byte."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from server import clock
from server.meetings.models import Meeting
from server.schedule.actions import publish
from server.schedule.queries import session_by_code
from server.web.kept import KeptAnswers, Standing, keep
from tests.makers import NOON, make_meeting, make_session
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shop:
    """An application of one page, which counts how often it is made and how often the database is asked."""

    def __init__(self, *, until: timedelta | None = None, in_language: bool = False) -> None:
        self.stock, self.made, self.asked = 1, 0, 0
        self.until, self.in_language = until, in_language
        self.pause: asyncio.Event | None = None
        self.app = KeptAnswers(Starlette(routes=[Route("/{page}", self.page)]))
        self.mark: int | None = None
        self.app.standing = Standing(self.stand, lambda: self.mark)

    async def stand(self) -> Mapping[str, object]:
        self.asked += 1
        stock = self.stock  # read at the beginning, as a transaction does
        if self.pause is not None:
            await self.pause.wait()
        return {"shop": stock}

    async def page(self, request: Request) -> Response:
        self.made += 1
        until = clock.now() + self.until if self.until is not None else None
        keep(request.scope, "shop", self.stock, until=until, in_language=self.in_language)
        body = f"{self.stock} of them, {request.headers.get('accept-language', 'en')}".encode()
        return Response(
            body, headers={"ETag": f'"{self.stock}"', "Content-Type": "text/plain", "X-Content-Type-Options": "nosniff"}
        )

    async def ask(self, path: str = "/a", query: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
        said: list[Message] = []

        async def send(message: Message) -> None:
            said.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        raw = [
            (name.replace("_", "-").encode(), one.encode())
            for name, value in headers.items()
            for one in value.split("|")
        ]
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": raw, "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("t", 80), "client": ("c", 1),
        }  # fmt: skip
        await self.app(scope, receive, send)
        told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return said[0]["status"], told, b"".join(message.get("body", b"") for message in said[1:])


async def test_it_is_made_once_and_the_same_to_the_last_header() -> None:
    shop = Shop()
    first = await shop.ask()
    assert [await shop.ask() for _ in range(3)] == [first] * 3
    assert shop.made == 1


async def test_who_has_it_is_spared_it() -> None:
    shop = Shop()
    await shop.ask()
    status, headers, body = await shop.ask(if_none_match='"1"')
    assert (status, body) == (304, b"")
    assert headers == {"etag": '"1"', "x-content-type-options": "nosniff"}


async def test_when_things_stand_otherwise_it_is_made_anew() -> None:
    shop = Shop()
    await shop.ask()
    shop.stock = 2
    assert (await shop.ask())[2] == b"2 of them, en"
    assert (await shop.ask(if_none_match='"1"'))[0] == 200
    assert shop.made == 2


async def test_many_at_once_share_a_question_and_none_sees_what_was_before_it_asked() -> None:
    shop = Shop()
    await shop.ask()
    shop.pause = asyncio.Event()
    early = [asyncio.create_task(shop.ask()) for _ in range(50)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert shop.asked == 1
    shop.stock = 2  # committed after their question began, before the others ask
    late = [asyncio.create_task(shop.ask()) for _ in range(50)]
    await asyncio.sleep(0)
    shop.pause.set()
    await asyncio.gather(*early)
    assert {body for _, _, body in await asyncio.gather(*late)} == {b"2 of them, en"}
    assert shop.asked <= 3


async def test_nobody_is_asked_while_nothing_was_committed() -> None:
    shop = Shop()
    shop.mark = 7
    await shop.ask()
    for _ in range(3):
        await shop.ask()
    assert (shop.made, shop.asked) == (1, 1)
    shop.stock, shop.mark = 2, 8
    assert [(await shop.ask())[2] for _ in range(3)] == [b"2 of them, en"] * 3
    assert (shop.made, shop.asked) == (2, 2)


async def test_what_is_committed_while_the_question_is_under_way_is_asked_for_again() -> None:
    shop = Shop()
    shop.mark = 7
    await shop.ask()
    shop.pause = asyncio.Event()
    early = asyncio.create_task(shop.ask())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    shop.stock, shop.mark = 2, 8
    shop.pause.set()
    await early
    assert (await shop.ask())[2] == b"2 of them, en"


async def test_an_answer_that_is_true_only_until_an_instant_is_not_given_after_it() -> None:
    shop = Shop(until=timedelta(seconds=-1))
    await shop.ask()
    await shop.ask()
    assert shop.made == 2


@pytest.mark.parametrize(
    "header",
    [
        {"cookie": "lang=ja; plenary=x"},
        {"cookie": "plenary =x"},
        {"cookie": "plenary=x|lang=ja"},
        {"cookie": "lang=ja|plenary=x"},
        {"authorization": "Bearer x"},
    ],
)
async def test_who_may_have_something_of_their_own_gets_their_own(header: dict[str, str]) -> None:
    shop = Shop()
    await shop.ask()
    await shop.ask(**header)
    await shop.ask(**header)
    assert shop.made == 3


async def test_each_language_has_its_own_where_the_answer_depends_on_it() -> None:
    shop = Shop(in_language=True)
    bodies = [(await shop.ask(accept_language=tag))[2] for tag in ("en", "ja", "en", "ja", "en-GB")]
    assert bodies == [b"1 of them, en", b"1 of them, ja", b"1 of them, en", b"1 of them, ja", b"1 of them, en"]
    assert shop.made == 2


async def test_an_encoding_is_another_answer() -> None:
    shop = Shop()
    await shop.ask()
    await shop.ask(accept_encoding="gzip")
    await shop.ask(accept_encoding="gzip, br")
    await shop.ask(accept_encoding="gzip;q=0")
    assert shop.made == 2


async def test_who_says_twice_what_is_wanted_gets_no_kept_answer_and_leaves_none() -> None:
    shop = Shop(in_language=True)
    for headers in ({"accept_encoding": "identity|gzip"}, {"accept_language": "en|ja"}):
        await shop.ask(**headers)
        await shop.ask(**headers)
    assert shop.made == 4
    assert (await shop.ask(accept_language="ja"))[2] == b"1 of them, ja"
    assert shop.made == 5


async def test_there_is_a_bound_to_what_is_kept() -> None:
    shop = Shop()
    shop.app.room = 20_000
    for number in range(20):
        await shop.ask("/a", f"n={number}")
    made = shop.made
    await shop.ask("/a", "n=0")
    assert shop.made == made + 1
    await shop.ask("/a", "n=19")
    assert shop.made == made + 1
    await shop.ask("/a", "x" * 5000)
    await shop.ask("/a", "x" * 5000)
    assert shop.made == made + 3


@pytest.mark.parametrize("address", ["/igf2014/schedule", "/igf2014/schedule.ics", "/igf2014/schedule.json"])
def test_what_another_process_publishes_is_seen_by_the_next_request(plenary: World, address: str) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting)
    client = plenary.client()
    assert "Session ws112" in client.get(address).text
    for number in range(5):
        with plenary.store.writing() as db:  # a store of its own, as another process has
            meeting = db.get_one(Meeting, meeting.id)
            session_by_code(db, meeting, "ws112").title = {"en": f"Title {number}"}
            publish(db, meeting, NOON, codes=())
        assert f"Title {number}" in client.get(address).text


def test_a_page_of_somebody_signed_in_is_never_given_to_others(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db))
    olga, stranger = plenary.browser("olga@example.org", role="organiser"), plenary.client()
    for _ in range(2):
        assert "Sign out" in olga.get("/igf2014/schedule").text
        assert "Sign out" not in stranger.get("/igf2014/schedule").text


@pytest.mark.parametrize("cookie", ['lang="ja"', "lang=en; lang=ja", "lang =ja"])
def test_a_cookie_spelt_oddly_does_not_leave_its_language_to_others(plenary: World, cookie: str) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db))
    stranger = plenary.client()
    assert (
        '<html lang="en"' in stranger.get("/igf2014/schedule?view=grid").text
    )  # from here on it has a place in each language
    with plenary.store.writing() as db:
        publish(db, db.get_one(Meeting, 1), NOON)
    assert '<html lang="ja"' in plenary.client(headers={"Cookie": cookie}).get("/igf2014/schedule?view=grid").text
    assert '<html lang="en"' in stranger.get("/igf2014/schedule?view=grid").text
