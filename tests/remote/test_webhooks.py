"""Webhooks: every event of a log reaches another organisation in order, signed, each under one id, whatever fails meanwhile."""

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime

import httpx2
import pytest
from sqlalchemy import select, update

from server import clock
from server.mail import Letter
from server.remote import courier
from server.remote.models import Delivery, Webhook
from server.remote.webhooks import MOST
from tests.makers import make_meeting, make_session
from tests.remote.follower import LIVE
from tests.remote.receiver import CERTIFICATE, Receiver
from tests.world import World, named_links_in, text_of, wait_for

HOOKS = "/igf2014/desk/webhooks"
OTHER = LIVE.replace("ws112", "ws113")


@pytest.fixture
def forum(start_plenary: Callable[..., World]) -> World:
    """A server that may post to this machine, with two sessions and an organiser."""
    world = start_plenary(webhooks_local=True)
    with world.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "ws112")
        make_session(db, meeting, "ws113")
    return world


@pytest.fixture
def organiser(forum: World) -> httpx2.Client:
    """A program of an organiser, who has a name."""
    return forum.program("olga@example.org", role="organiser")


@pytest.fixture
def receivers() -> Iterator[Callable[..., Receiver]]:
    """Start receivers, which are stopped afterwards. Whatever came must have been signed rightly."""
    made: list[Receiver] = []

    def start(**options: bool) -> Receiver:
        made.append(Receiver(**options))
        return made[-1]

    yield start
    for one in made:
        one.close()
        assert one.wrong == []


@pytest.fixture
def receiver(receivers: Callable[..., Receiver]) -> Receiver:
    return receivers()


def make(organiser: httpx2.Client, receiver: Receiver, **facts: str) -> str:
    """Make a webhook to a receiver, which is given the secret; its page."""
    answer = organiser.post(HOOKS, json={"label": "Others", "url": receiver.url, **facts})
    assert answer.status_code == 201, answer.text
    receiver.secrets = [answer.json()["secret"]]
    return f"{HOOKS}/{answer.json()['id']}"


def write(organiser: httpx2.Client, *texts: str, live: str = LIVE) -> None:
    for text in texts:
        assert organiser.post(f"{live}/paragraphs", json={"text": text}).status_code == 201


def post(organiser: httpx2.Client, address: str, **facts: str) -> dict:
    answer = organiser.post(address, json=facts)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def events(organiser: httpx2.Client, live: str = LIVE) -> dict[str, dict]:
    """Every event of a log by its cursor, as a follower from the beginning is told."""
    whole = organiser.get(f"{live}.json?after={organiser.get(f'{live}.json').json()['epoch']}:0").json()
    return {f"{whole['epoch']}:{one['offset']}": one for one in whole["events"]}


def place(forum: World) -> Delivery:
    """The one place of the first webhook."""
    with forum.store.reading() as db:
        return db.scalars(select(Delivery).filter_by(webhook_id=1)).one()


def words(forum: World, page: str) -> str:
    """A page of the desk, as an organiser's browser shows it."""
    return forum.browser("olga@example.org").get(page).text


def test_everything_that_is_written_comes_in_order_as_followers_see_it(
    forum: World, organiser: httpx2.Client, receiver: Receiver
) -> None:
    make(organiser, receiver)
    write(organiser, "The chair *opened* the session.", "議長が開会した。")
    post(organiser, f"{LIVE}/paragraphs/p1", text="The chair opened it.", base_rev="1")
    post(organiser, f"{LIVE}/paragraphs/p2/retract", reason="said twice")
    write(organiser, "Elsewhere.", live=OTHER)
    post(organiser, f"{LIVE}/status", status="closed")
    told = {**events(organiser), **events(organiser, OTHER)}
    wait_for(lambda: len(receiver.requests) == len(told) == 8)
    first = {
        live: [one for one in receiver.requests if live in one.content["session"]["url"]] for live in (LIVE, OTHER)
    }
    assert [one.id for one in first[LIVE]] == list(events(organiser))
    assert [one.id for one in first[OTHER]] == list(events(organiser, OTHER))
    for one in receiver.requests:
        code = "ws112" if one in first[LIVE] else "ws113"
        assert one.content | {"event": None} == {
            "type": "event", "id": one.id, "meeting": "igf2014", "event": None,
            "session": {"code": code, "title": f"Session {code}", "url": f"{forum.base_url}/igf2014/sessions/{code}/live"},
        }  # fmt: skip
        assert (one.path, one.host) == ("/plenary?from=igf", f"127.0.0.1:{receiver.port}")
        words_then = {"text", "html"} & set(told[one.id].get("paragraph", {}))
        seen = {**one.event, "paragraph": {**one.event.get("paragraph", {}), **dict.fromkeys(words_then, "")}}
        now = {**told[one.id], "paragraph": {**told[one.id].get("paragraph", {}), **dict.fromkeys(words_then, "")}}
        assert seen == now
    assert [one.event["paragraph"]["text"] for one in receiver.requests if one.event["op"] == "edit"] == [
        "The chair opened it."
    ]


def test_words_that_were_taken_back_before_they_were_sent_are_not_sent(
    organiser: httpx2.Client, receiver: Receiver
) -> None:
    write(organiser, "A secret.", "No secret.")
    post(organiser, f"{LIVE}/paragraphs/p1/retract", reason="off the record")
    make(organiser, receiver, begin="beginning")
    wait_for(lambda: receiver.ids == list(events(organiser)))
    assert [one.event for one in receiver.requests] == list(events(organiser).values())
    assert "A secret" not in str(receiver.requests)
    assert "No secret" in str(receiver.requests)


def test_one_begins_where_it_was_asked_to_and_hears_of_its_own_session_alone(
    organiser: httpx2.Client, receivers: Callable[..., Receiver]
) -> None:
    write(organiser, "One.")
    late, early, other = receivers(), receivers(), receivers()
    make(organiser, late)
    make(organiser, early, begin="beginning", session="ws112")
    make(organiser, other, session="ws113")
    write(organiser, "Two.")
    write(organiser, "Elsewhere.", live=OTHER)
    here, elsewhere = list(events(organiser)), list(events(organiser, OTHER))
    wait_for(lambda: early.ids == here)
    wait_for(lambda: sorted(late.ids) == sorted([*here[2:], *elsewhere]))
    wait_for(lambda: other.ids == elsewhere)


def test_one_that_is_made_while_somebody_writes_misses_nothing_from_there_on(
    organiser: httpx2.Client, receivers: Callable[..., Receiver]
) -> None:
    several = [receivers() for _ in range(5)]
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(write, organiser, *[f"Paragraph {n}." for n in range(25)])
        for one in several:
            make(organiser, one)
        writing.result()
    write(organiser, "The last one.")
    told = list(events(organiser))
    wait_for(lambda: all(told[-1] in one.ids for one in several))
    assert [one.ids for one in several] == [told[-len(one.ids) :] for one in several]


@pytest.mark.parametrize("status", [500, 404, 301])
def test_what_is_not_taken_comes_again_under_its_id_and_nothing_overtakes_it(
    forum: World, organiser: httpx2.Client, receiver: Receiver, status: int
) -> None:
    receiver.answers.extend([(204, {}), (status, {"Location": "http://127.0.0.1:1/"})])
    page = make(organiser, receiver)
    write(organiser, "One.", "Two.")
    wait_for(lambda: place(forum).attempts == 1)
    stands = place(forum)
    assert stands.offset == 1
    assert stands.due_at is not None
    assert timedelta(seconds=3) < stands.due_at - clock.now() < timedelta(seconds=7)
    assert f"It answered {status}" in words(forum, page)
    assert f"It answered {status}" in words(forum, HOOKS)
    post(organiser, f"{page}/retry")
    one, two, three = events(organiser)
    wait_for(lambda: receiver.ids == [one, two, two, three])
    assert list(receiver.stored) == [one, two, three]
    wait_for(lambda: place(forum).due_at is None)
    stands = place(forum)
    assert (stands.offset, stands.attempts, stands.failing_since, stands.fault) == (3, 0, None, "")
    assert "Up to date" in words(forum, HOOKS)


def test_the_pauses_grow_to_an_hour() -> None:
    seconds = [courier.pause_after(attempts).total_seconds() for attempts in range(1, 60)]
    for number, pause in enumerate(seconds):
        about = min(5 * 2**number, 3600)
        assert 0.8 * about <= pause <= 1.2 * about


def test_who_does_not_answer_in_time_is_asked_again(forum: World, organiser: httpx2.Client, receiver: Receiver) -> None:
    forum.plenary.app.state.courier.outside.patience = 0.2
    receiver.open.clear()
    page = make(organiser, receiver)
    write(organiser, "One.")
    wait_for(lambda: place(forum).fault == "late")
    assert "It did not answer within 10 seconds." in words(forum, page)
    receiver.open.set()
    post(organiser, f"{page}/retry")
    wait_for(lambda: place(forum).offset == 2)
    assert list(receiver.stored) == list(events(organiser))


def test_one_that_hangs_or_fails_holds_up_no_other(
    forum: World, organiser: httpx2.Client, receivers: Callable[..., Receiver]
) -> None:
    hanging, failing, good = receivers(), receivers(), receivers()
    hanging.open.clear()
    failing.answers.extend([(500, {})] * 50)
    for one in (hanging, failing, good):
        make(organiser, one)
    write(organiser, *[f"Paragraph {n}." for n in range(8)])
    wait_for(lambda: good.ids == list(events(organiser)))
    assert len(hanging.requests) == 1
    assert failing.ids == hanging.ids


def test_410_pauses_it_at_once_and_a_letter_says_so(forum: World, organiser: httpx2.Client, receiver: Receiver) -> None:
    receiver.answers.append((410, {}))
    page = make(organiser, receiver)
    write(organiser, "One.")
    (letter,) = forum.mail("olga@example.org")
    assert letter["Subject"] == "The webhook “Others” is paused"
    assert f"{forum.base_url}{page}" in text_of(letter)
    assert named_links_in(letter) == {"See the webhook": page}
    assert "It answered 410: it wants nothing any more." in text_of(letter)
    write(organiser, "Two.")
    post(organiser, f"{page}/retry")
    assert "Paused" in words(forum, page)
    assert len(receiver.requests) == 1
    post(organiser, f"{page}/resume")
    wait_for(lambda: list(receiver.stored) == list(events(organiser)))


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_receiver_that_asks_for_a_pause_gets_it_for_all_sessions(
    forum: World, organiser: httpx2.Client, receiver: Receiver, receivers: Callable[..., Receiver], form: str
) -> None:
    until = "90" if form == "seconds" else format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)
    receiver.answers.append((429 if form == "date" else 503, {"Retry-After": until}))
    other = receivers()
    resting, _ = make(organiser, receiver), make(organiser, other)
    write(organiser, "One.")
    wait_for(lambda: place(forum).attempts == 1)
    stands = place(forum)
    assert stands.due_at is not None
    assert timedelta(seconds=80) < stands.due_at - clock.now() <= timedelta(seconds=90)
    write(organiser, "Elsewhere.", live=OTHER)
    wait_for(lambda: len(other.requests) == 4)
    assert receiver.ids == list(events(organiser))[:1]
    assert "It asked to be left alone until" in words(forum, resting)
    post(organiser, f"{resting}/retry")
    wait_for(lambda: sorted(receiver.stored) == sorted(other.stored))


def test_after_three_days_of_failure_it_is_paused_and_what_it_missed_comes_when_it_is_resumed(
    forum: World, organiser: httpx2.Client, receiver: Receiver
) -> None:
    receiver.answers.extend([(500, {}), (500, {})])
    page = make(organiser, receiver)
    write(organiser, "One.")
    wait_for(lambda: place(forum).attempts == 1)
    assert "Paused" not in words(forum, page)
    with forum.store.writing() as db:
        db.execute(update(Delivery).values(failing_since=clock.now() - courier.PATIENCE, attempts=70))
    post(organiser, f"{page}/retry")
    (letter,) = forum.mail("olga@example.org")
    assert "It answered 500." in text_of(letter)
    write(organiser, "Two.")
    post(organiser, f"{page}/resume")
    wait_for(lambda: list(receiver.stored) == list(events(organiser)))
    with forum.store.reading() as db:
        assert len(db.scalars(select(Letter)).all()) == 1


def test_where_its_maker_is_no_organiser_any_more_all_organisers_are_told(
    forum: World, organiser: httpx2.Client, receiver: Receiver
) -> None:
    receiver.answers.append((410, {}))
    page = make(organiser, receiver)
    successors = [forum.program(f"{name}@example.org", role="organiser") for name in ("new", "newer")]
    browser = forum.browser("new@example.org")
    with forum.store.reading() as db:
        maker = db.scalars(select(Webhook.made_by)).one()
    assert browser.post("/igf2014/desk/roles/take", data={"person": maker, "role": "organiser"}).status_code == 303
    write(successors[0], "One.")
    assert {letter["To"] for letter in forum.mail(at_least=2)} == {"new@example.org", "newer@example.org"}
    assert successors[0].post(f"{page}/resume", json={}).status_code == 200


def test_while_it_is_paused_nothing_comes_and_then_everything(
    forum: World, organiser: httpx2.Client, receivers: Callable[..., Receiver]
) -> None:
    paused, other = receivers(), receivers()
    page = make(organiser, paused)
    make(organiser, other)
    post(organiser, f"{page}/pause")
    write(organiser, "One.", "Two.")
    wait_for(lambda: other.ids == list(events(organiser)))
    assert paused.requests == []
    assert "3 events wait." in words(forum, page)
    post(organiser, f"{page}/resume")
    wait_for(lambda: paused.ids == list(events(organiser)))


def test_two_servers_on_one_database_send_each_event_once(
    start_plenary: Callable[..., World], forum: World, organiser: httpx2.Client, receiver: Receiver
) -> None:
    second = start_plenary(webhooks_local=True)
    make(organiser, receiver)
    elsewhere = second.program("ray@example.org", role="rapporteur")
    for n in range(12):
        write(organiser if n % 2 else elsewhere, f"Paragraph {n}.")
        write(elsewhere if n % 2 else organiser, f"Elsewhere {n}.", live=OTHER)
    told = [*events(organiser), *events(organiser, OTHER)]
    wait_for(lambda: len(receiver.requests) >= len(told), 20)
    assert sorted(receiver.ids) == sorted(told)
    assert [one for one in receiver.ids if one in events(organiser)] == list(events(organiser))


def test_writers_failures_and_organisers_at_once_lose_nothing_and_hold_up_nobody(
    start_plenary: Callable[..., World], forum: World, organiser: httpx2.Client, receivers: Callable[..., Receiver]
) -> None:
    """On PostgreSQL all of them lock rows: none may wait for another in a circle."""
    second = start_plenary(webhooks_local=True, base_url=forum.base_url)
    three = [receivers() for _ in range(3)]
    for one in three:
        one.answers.extend([(503, {"Retry-After": "1"}), (204, {}), (500, {}), (204, {})] * 3)
    pages = [make(organiser, one) for one in three]
    elsewhere = second.program("ray@example.org", role="rapporteur")

    def press(page: str) -> None:
        for _ in range(6):
            post(organiser, f"{page}/retry")
            post(organiser, f"{page}/pause")
            post(organiser, f"{page}/resume")

    texts = [f"Paragraph {n}." for n in range(8)]
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(write, one, *texts, live=live) for one in (organiser, elsewhere) for live in (LIVE, OTHER)]
        jobs += [pool.submit(press, page) for page in pages]
    assert [job.exception() for job in jobs] == [None] * len(jobs)
    told = {live: list(events(organiser, live)) for live in (LIVE, OTHER)}

    def all_have_all() -> bool:
        for page in pages:
            post(organiser, f"{page}/retry")
        return all(len(one.stored) == sum(map(len, told.values())) for one in three)

    wait_for(all_have_all, 30)
    for one in three:
        assert {live: [kept for kept in one.stored if kept in told[live]] for live in told} == told


def test_a_server_that_stops_leaves_what_is_under_way_to_the_next(
    start_plenary: Callable[..., World], forum: World, organiser: httpx2.Client, receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(courier, "LAST_PARCELS", 0.1)
    receiver.open.clear()
    make(organiser, receiver)
    write(organiser, "One.")
    assert receiver.waiting.acquire(timeout=10)
    forum.close()
    receiver.open.set()
    again = start_plenary(webhooks_local=True, base_url=forum.base_url).client()
    wait_for(lambda: list(receiver.stored) == list(events(again)))


def test_a_secret_is_shown_once_and_while_it_is_renewed_both_sign(
    forum: World, organiser: httpx2.Client, receiver: Receiver
) -> None:
    page = make(organiser, receiver)
    old = receiver.secrets[0]
    shown = forum.browser("olga@example.org").post(f"{page}/secret")
    new = shown.text.partition('value="whsec_')[2].partition('"')[0]
    assert shown.headers["cache-control"] == "no-store"
    receiver.secrets = [f"whsec_{new}", old]
    assert new != old
    write(organiser, "One.")
    wait_for(lambda: len(receiver.requests) == 2)
    with forum.store.writing() as db:
        db.execute(update(Webhook).values(renewed_at=clock.now() - timedelta(hours=24)))
    receiver.secrets = [f"whsec_{new}"]
    write(organiser, "Two.")
    wait_for(lambda: len(receiver.requests) == 3)
    assert not any(one.removeprefix("whsec_") in words(forum, page) + words(forum, HOOKS) for one in (old, new))


def test_a_test_says_what_the_receiver_answered(forum: World, organiser: httpx2.Client, receiver: Receiver) -> None:
    page = make(organiser, receiver)
    browser = forum.browser("olga@example.org")
    receiver.answers.extend([(200, {}), (200, {}), (418, {}), (302, {"Location": "https://example.org/"})])
    assert post(organiser, f"{page}/test") == {"delivered": True, "status": 200, "detail": ""}
    assert "The test arrived: the receiver answered 200." in browser.post(f"{page}/test").text
    assert post(organiser, f"{page}/test") == {"delivered": False, "status": 418, "detail": "It answered 418."}
    assert "The test was not taken. It answered 302: what is there has moved." in browser.post(f"{page}/test").text
    assert [one.content | {"id": ""} for one in receiver.requests] == [
        {"type": "test", "id": "", "meeting": "igf2014"}
    ] * 4
    assert len({one.id for one in receiver.requests}) == 4


def test_an_answer_without_end_is_not_read_to_it(forum: World, organiser: httpx2.Client, receiver: Receiver) -> None:
    receiver.answers.append((200, {"Content-Length": str(10**12)}))
    make(organiser, receiver)
    write(organiser, "One.")
    wait_for(lambda: place(forum).offset == 2)
    assert receiver.ids == list(events(organiser))


def test_one_can_be_renamed_moved_and_removed(
    forum: World, organiser: httpx2.Client, receivers: Callable[..., Receiver]
) -> None:
    old, new = receivers(), receivers()
    old.answers.append((500, {}))
    page = make(organiser, old)
    new.secrets = old.secrets
    write(organiser, "One.")
    wait_for(lambda: place(forum).attempts == 1)
    assert post(organiser, page, label="Elsewhere", url=new.url)["label"] == "Elsewhere"
    wait_for(lambda: new.ids == list(events(organiser)))
    post(organiser, f"{page}/remove")
    write(organiser, "Two.")
    assert organiser.get(page).status_code == 404
    with forum.store.reading() as db:
        assert db.scalars(select(Delivery)).all() == []
    assert len(old.requests) == 1


REFUSED = {
    "http://example.org/": "must begin with https://",
    "ftp://example.org/": "must begin with https://",
    "example.org": "This is not an address.",
    "https://": "This is not an address.",
    "https://example.org:99999/": "This is not an address.",
    "https://me:secret@example.org/": "Leave out the name and password",
    "https://exa mple.org/": "odd character",
    "https://example.org\\@127.0.0.1/": "odd character",
    "https://127.0.0.1/": "not one of the public internet",
    "https://10.1.2.3/": "not one of the public internet",
    "https://169.254.169.254/latest/meta-data": "not one of the public internet",
    "https://[::1]/": "not one of the public internet",
    "https://[::ffff:10.0.0.1]/": "not one of the public internet",
    "https://example.org/" + "x" * 1000: "too long",
    "https://example.org/" + "ü" * 500: "too long",
    "": "required",
}


def test_an_address_to_which_nothing_is_sent_is_refused_with_the_reason(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    organiser = plenary.program("olga@example.org", role="organiser")
    for url, says in REFUSED.items():
        answer = organiser.post(HOOKS, json={"label": "Others", "url": url})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["url"]), url
        assert says in answer.json()["errors"]["url"], url
    with plenary.store.reading() as db:
        assert db.scalars(select(Webhook)).all() == []


def test_an_address_is_kept_as_it_is_sent_to(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    organiser = plenary.program("olga@example.org", role="organiser")
    answer = organiser.post(HOOKS, json={"label": "Others", "url": " https://Bücher.example:8443/ü?x=ä&y=%20#part "})
    assert answer.json()["url"] == "https://xn--bcher-kva.example:8443/%C3%BC?x=%C3%A4&y=%20"


def test_a_meeting_has_so_many_webhooks_and_no_more(forum: World, organiser: httpx2.Client) -> None:
    facts = {"label": "Others", "url": "https://example.org/"}
    answers = [organiser.post(HOOKS, json=facts).status_code for _ in range(MOST + 1)]
    assert answers == [201] * MOST + [409]
    assert "There is no session at this address." not in organiser.get(HOOKS).text
    assert organiser.post(HOOKS, json={**facts, "session": "nothing"}).status_code == 422


PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.0.8", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%1", "fd12::1", "ff02::1",
    "::ffff:127.0.0.1", "::7f00:1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "2001::1",
]  # fmt: skip


def test_nothing_is_sent_to_a_name_that_leads_inside(plenary: World) -> None:
    """One of its addresses is enough, the others may be as public as they like."""
    with plenary.store.writing() as db:
        make_meeting(db)
    resolved: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        resolved.append(f"{host}:{port}")
        return ["8.8.8.8", PRIVATE[len(resolved) - 1]]

    plenary.plenary.app.state.courier.outside.resolve = resolve
    organiser = plenary.program("olga@example.org", role="organiser")
    made = organiser.post(HOOKS, json={"label": "Others", "url": "https://hooks.example/"}).json()
    tried = [post(organiser, f"{HOOKS}/{made['id']}/test") for _ in PRIVATE]
    reason = "Its host has an address that is not one of the public internet. Nothing is sent there."
    assert tried == [{"delivered": False, "status": None, "detail": reason}] * len(PRIVATE)
    assert resolved == ["hooks.example:443"] * len(PRIVATE)


def at_hooks_example(forum: World, organiser: httpx2.Client, receiver: Receiver, host: str, *, trusted: bool) -> dict:
    """What a test says that is sent by https to a host, which a resolver of ours leads to the receiver."""
    outside = forum.plenary.app.state.courier.outside
    asked: list[str] = []

    async def resolve(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]  # the name means something else the next moment

    outside.resolve = resolve
    outside.tls = ssl.create_default_context(cafile=CERTIFICATE if trusted else None)
    receiver.url = f"https://{host}:{receiver.port}/"
    page = make(organiser, receiver)
    tried = post(organiser, f"{page}/test")
    assert asked == [host]
    return tried


def test_the_line_goes_to_the_address_that_was_looked_at_and_the_name_is_proved(
    forum: World, organiser: httpx2.Client, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers(tls=True)
    tried = at_hooks_example(forum, organiser, receiver, "hooks.example", trusted=True)
    assert tried == {"delivered": True, "status": 204, "detail": ""}
    assert [one.host for one in receiver.requests] == [f"hooks.example:{receiver.port}"]


@pytest.mark.parametrize(("host", "trusted"), [("hooks.example", False), ("other.example", True)])
def test_who_cannot_prove_its_name_gets_nothing(
    forum: World, organiser: httpx2.Client, receivers: Callable[..., Receiver], host: str, trusted: bool
) -> None:
    receiver = receivers(tls=True)
    tried = at_hooks_example(forum, organiser, receiver, host, trusted=trusted)
    assert (tried["delivered"], tried["status"]) == (False, None)
    assert tried["detail"].startswith("Its certificate is not accepted: ")
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://nobody.invalid/", "The name of its host is not known."),
        ("http://127.0.0.1:1/", "Nobody answers at its address."),
    ],
)
def test_what_stands_in_the_way_is_said(forum: World, organiser: httpx2.Client, url: str, fault: str) -> None:
    made = organiser.post(HOOKS, json={"label": "Others", "url": url}).json()
    assert post(organiser, f"{HOOKS}/{made['id']}/test")["detail"] == fault


def test_a_form_with_faults_comes_back_with_what_was_typed(forum: World, organiser: httpx2.Client) -> None:
    browser = forum.browser("olga@example.org")
    answer = browser.post(HOOKS, data={"label": "UNESCO", "url": "nonsense", "session": "*", "begin": "beginning"})
    assert answer.status_code == 422
    assert 'value="UNESCO"' in answer.text
    assert 'value="nonsense"' in answer.text
    assert "This is not an address." in answer.text


def test_neither_secrets_nor_addresses_are_logged(
    forum: World, organiser: httpx2.Client, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.answers.append((500, {}))
    page = make(organiser, receiver)
    write(organiser, "One.")
    wait_for(lambda: place(forum).attempts == 1)
    post(organiser, f"{page}/secret")
    logged = capsys.readouterr()
    assert "webhook not delivered" in logged.out + logged.err
    assert not any(word in logged.out + logged.err for word in ("whsec_", receiver.url, f":{receiver.port}"))
