"""The outbox: a letter leaves when its change is committed, is never lost, and goes twice only where SMTP leaves no choice."""

import asyncio
import email
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from lxml.html import document_fromstring
from pydantic import SecretStr
from sqlalchemy import select
from structlog.testing import capture_logs

from server import clock, mail, rounds
from server.database import Database, Store
from server.mail import (
    ATTEMPTS,
    LEASE,
    Composer,
    Content,
    Folder,
    Letter,
    PostOffice,
    waiting_letters,
    write_letter,
    write_letters,
)
from server.settings import Settings
from server.web.language import current
from tests.process import free_port
from tests.world import text_of, wait_for

ADA = "ada@example.org"


class Crash(BaseException):
    """The process ends here."""


class Mailbox:
    """A real mail server; `answers` are what it says to the next letters in place of yes."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: list[str] = []
        self.refuses: dict[str, str] = {}
        self.port = free_port()
        self._controller: Controller | None = None

    async def handle_MAIL(
        self, _server: SMTP, _session: object, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        if answer := self.refuses.get("MAIL"):
            return answer
        envelope.mail_from = sender
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := self.refuses.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    def open(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.open()
    yield box
    box.close()


def greeting(_db: Database, ids: Mapping[str, Any], _now: datetime) -> Content | None:
    if ids.get("gone"):
        return None
    text = ids.get("text", f"Hello in {current.get()}.\nありがとう\n")
    return Content(ids.get("subject", "Welcome"), text, ids.get("names", {}))


def office_of(store: Store, way_out: str, **given: Any) -> PostOffice:
    settings = Settings(
        _env_file=None, base_url="https://igf.example", mail=way_out, secret=SecretStr("x"),
        **{"mail_from": "Plenary <office@igf.example>", **given},
    )  # fmt: skip
    return PostOffice(store, settings, {"test.greeting": greeting})


@pytest.fixture
def office(store: Store, mailbox: Mailbox) -> PostOffice:
    return office_of(store, f"smtp://127.0.0.1:{mailbox.port}")


def office_that_words(store: Store, mailbox: Mailbox, composers: Mapping[str, Composer]) -> PostOffice:
    office = office_of(store, f"smtp://127.0.0.1:{mailbox.port}")
    office.composers = composers
    office.crowd, office.writing = ("schedule.changed",), ("people.sign_in",)  # as app.py has them
    return office


def write(store: Store, to: str = ADA, lang: str = "en", **ids: Any) -> None:
    with store.writing() as db:
        write_letter(db, to, "test.greeting", ids, lang, clock.now())


def send(office: PostOffice) -> bool:
    """One round of the loop."""
    return asyncio.run(office.send_one())


def letter_of(store: Store) -> Letter:
    with store.reading() as db:
        return db.scalars(select(Letter)).one()


def wait(store: Store, pause: timedelta) -> None:
    """Let `pause` go by for what is in the outbox."""
    with store.writing() as db:
        for letter in db.scalars(select(Letter).where(Letter.due_at.is_not(None))):
            assert letter.due_at is not None
            letter.due_at -= pause


def due_in(store: Store) -> timedelta:
    due = letter_of(store).due_at
    assert due is not None
    return due - clock.now()


def test_a_letter_is_sent_once_and_says_what_its_composer_says(
    store: Store, office: PostOffice, mailbox: Mailbox
) -> None:
    write(store, lang="ja", subject="ようこそ, Ada")
    assert send(office)
    assert not send(office)
    (letter,) = mailbox.letters
    assert letter["Subject"] == "ようこそ, Ada"
    assert letter["To"] == ADA
    assert letter["From"] == "Plenary <office@igf.example>"
    assert letter["Content-Language"] == "ja"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == letter_of(store).message_id
    assert letter["Message-ID"].endswith("@igf.example>")
    assert text_of(letter).splitlines() == ["Hello in ja.", "ありがとう"]
    assert mailbox.recipients == [[ADA]]
    assert letter_of(store).sent_at is not None


def test_letters_leave_in_the_order_they_were_written(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    for n in range(3):
        write(store, subject=f"number {n}")
    while send(office):
        pass
    assert [letter["Subject"] for letter in mailbox.letters] == ["number 0", "number 1", "number 2"]


def test_a_letter_to_sign_in_overtakes_a_crowd_that_waits(store: Store, mailbox: Mailbox) -> None:
    office = office_that_words(store, mailbox, {"schedule.changed": greeting, "people.sign_in": greeting})
    with store.writing() as db:
        crowd = [(f"{n}@example.org", {"subject": f"number {n}"}, "en") for n in range(5)]
        assert write_letters(db, crowd, "schedule.changed", clock.now()) == 5
    assert send(office)
    with store.writing() as db:
        write_letter(db, ADA, "people.sign_in", {"subject": "your link"}, "en", clock.now())
    while send(office):
        pass
    assert [letter["Subject"] for letter in mailbox.letters] == [
        "number 0", "your link", *(f"number {n}" for n in range(1, 5)),
    ]  # fmt: skip


@pytest.mark.parametrize("called", ["schedule.changed", "registration.confirmed", "remote.webhook_paused"])
def test_while_a_letter_that_changes_nothing_is_worded_others_write(
    store: Store, mailbox: Mailbox, called: str
) -> None:
    def wording(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        with store.writing() as other:  # would wait in vain for a transaction that this one is in
            write_letter(other, ADA, "people.sign_in", {"subject": "your link"}, "en", now)
        return greeting(db, ids, now)

    office = office_that_words(store, mailbox, {called: wording, "people.sign_in": greeting})
    with store.writing() as db:
        write_letter(db, ADA, called, {}, "en", clock.now())
    while send(office):
        pass
    assert [letter["Subject"] for letter in mailbox.letters] == ["Welcome", "your link"]


def test_what_a_letter_to_sign_in_writes_while_it_is_worded_is_saved(store: Store, mailbox: Mailbox) -> None:
    def wording(db: Database, ids: Mapping[str, Any], now: datetime) -> Content | None:
        write_letter(db, "bo@example.org", "meetings.invited", {"subject": "second"}, "en", now)
        return greeting(db, ids, now)

    office = office_that_words(store, mailbox, {"people.sign_in": wording, "meetings.invited": greeting})
    with store.writing() as db:
        write_letter(db, ADA, "people.sign_in", {"subject": "first"}, "en", clock.now())
    while send(office):
        pass
    assert [letter["Subject"] for letter in mailbox.letters] == ["first", "second"]


def test_an_undone_change_sends_nothing(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    def write_and_fail() -> None:
        with store.writing() as db:
            write_letter(db, ADA, "test.greeting", {}, "en", clock.now())
            raise Crash

    with pytest.raises(Crash):
        write_and_fail()
    assert not send(office)
    assert mailbox.letters == []


def test_while_the_mail_server_is_away_the_pauses_grow_and_the_letter_waits(
    store: Store, office: PostOffice, mailbox: Mailbox
) -> None:
    mailbox.close()
    write(store)
    pauses = []
    for _ in range(10):
        assert send(office)
        pauses.append(round(due_in(store).total_seconds()))
        assert not send(office), "it is not tried before its time"
        wait(store, timedelta(hours=3))
    assert all(
        abs(seen - wanted) <= 2 for seen, wanted in zip(pauses, [30 * 2**n for n in range(8)] + [7200] * 2, strict=True)
    )
    mailbox.open()
    assert send(office)
    assert len(mailbox.letters) == 1
    assert letter_of(store).due_at is None


def test_a_letter_that_cannot_be_sent_is_given_up_in_the_end_and_says_why(
    store: Store, office: PostOffice, mailbox: Mailbox
) -> None:
    mailbox.close()
    write(store)
    for _ in range(ATTEMPTS):
        assert send(office)
        wait(store, timedelta(hours=3))
    assert not send(office)
    letter = letter_of(store)
    assert (letter.attempts, letter.due_at, letter.sent_at) == (ATTEMPTS, None, None)
    assert "SMTPConnectError" in letter.fault


@pytest.mark.parametrize("answer", ["451 try later", "421 busy", "452 full"])
def test_a_passing_refusal_is_tried_again(store: Store, office: PostOffice, mailbox: Mailbox, answer: str) -> None:
    mailbox.answers = [answer]
    write(store)
    assert send(office)
    assert mailbox.letters == []
    assert timedelta(seconds=25) < due_in(store) <= timedelta(seconds=30)
    assert answer[4:] in letter_of(store).fault
    wait(store, timedelta(minutes=1))
    assert send(office)
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(("where", "answer"), [("DATA", "554 no thanks"), ("RCPT", "550 nobody here")])
def test_a_lasting_refusal_is_given_up_at_once(
    store: Store, office: PostOffice, mailbox: Mailbox, where: str, answer: str
) -> None:
    mailbox.answers, mailbox.refuses = ([answer], {}) if where == "DATA" else ([], {where: answer})
    write(store)
    assert send(office)
    letter = letter_of(store)
    assert (letter.attempts, letter.due_at, letter.sent_at) == (1, None, None)
    assert answer[4:] in letter.fault


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("550 5.1.1 <ada@example.org>: unknown", "550 5.1.1 <address>: unknown"),
        ("550 no mailbox ada@example.org, ask postmaster@mx.example", "550 no mailbox <address>, ask <address>"),
        ('550 "a b"@example.org (o\'hara=x+y@example.org) at [192.0.2.1]', "550 <address> (<address>) at [192.0.2.1]"),
        ("550 see https://mx.example/why?to=ada%40example.org&c=7", "550 see https://mx.example/why?<address>&c=7"),
        ("550 5.7.1 blocked: RCPT:ada@[192.0.2.7]", "550 5.7.1 blocked: RCPT:<address>"),
    ],
)
@pytest.mark.parametrize("where", ["RCPT", "DATA"])
def test_neither_the_log_nor_the_outbox_says_whom_a_server_refused(
    store: Store,
    office: PostOffice,
    mailbox: Mailbox,
    caplog: pytest.LogCaptureFixture,
    where: str,
    answer: str,
    kept: str,
) -> None:
    mailbox.answers, mailbox.refuses = ([answer], {}) if where == "DATA" else ([], {where: answer})
    write(store)
    with capture_logs() as said:
        assert send(office)
    assert letter_of(store).fault == kept
    assert said == [
        {"log_level": "error", "event": "letter given up", "letter": 1, "template": "test.greeting", "fault": kept}
    ]
    # `mail.log` is the mail server's own
    assert "example.org" not in "".join(one.getMessage() for one in caplog.records if one.name != "mail.log")


def test_nor_do_they_where_a_letter_is_tried_again(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    mailbox.refuses = {"RCPT": "450 4.2.2 <ada@example.org>: mailbox busy"}
    write(store)
    with capture_logs() as said:
        assert send(office)
    fault = letter_of(store).fault
    assert [line["fault"] for line in said] == [fault]
    assert "mailbox busy" in fault
    assert "@" not in fault


def test_a_recipient_who_is_only_busy_is_tried_again(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    mailbox.refuses = {"RCPT": "450 mailbox busy"}
    write(store)
    assert send(office)
    assert due_in(store) > timedelta(seconds=25)


def test_a_refusal_of_this_server_loses_no_letter(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    """The operator's mail account has lapsed, say: that is put right, and the letters leave."""
    mailbox.refuses = {"MAIL": "550 sender not allowed"}
    write(store)
    assert send(office)
    assert due_in(store) > timedelta(seconds=25)
    mailbox.refuses = {}
    wait(store, timedelta(minutes=1))
    assert send(office)
    assert len(mailbox.letters) == 1


def test_a_crash_before_sending_delays_a_letter_by_the_lease(
    store: Store, office: PostOffice, mailbox: Mailbox
) -> None:
    write(store)
    with store.writing() as db:
        assert office._claim(db, clock.now()) is not None  # and here the process died
    assert not send(office), "somebody may still be at it"
    wait(store, LEASE)
    assert send(office)
    assert len(mailbox.letters) == 1
    assert not send(office)


def test_a_crash_after_the_mail_servers_yes_sends_the_same_letter_again(
    store: Store, office: PostOffice, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SMTP leaves no choice here. The second copy has the same Message-ID, by which mailboxes know a copy."""

    def crash(*_: object) -> None:
        raise Crash

    write(store)
    with monkeypatch.context() as patched:
        patched.setattr(office, "_mark_sent", crash)
        with pytest.raises(Crash):
            send(office)
    wait(store, LEASE)
    assert send(office)
    first, second = mailbox.letters
    assert first["Message-ID"] == second["Message-ID"] != ""
    assert first.as_bytes() == second.as_bytes()
    assert not send(office)


def test_two_senders_at_once_send_a_letter_once(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    async def both() -> list[bool]:
        return await asyncio.gather(office.send_one(), office.send_one())

    write(store)
    assert sorted(asyncio.run(both())) == [False, True]
    assert len(mailbox.letters) == 1


def test_a_stopping_server_finishes_the_letter_in_hand(store: Store, mailbox: Mailbox) -> None:
    """Otherwise every restart could send one twice."""
    office = office_of(store, f"smtp://127.0.0.1:{mailbox.port}")

    async def run() -> None:
        at_the_door, sent = asyncio.Event(), office.transport.send

        async def slow(message: EmailMessage, letter_id: int, written_at: datetime) -> None:
            at_the_door.set()
            await sent(message, letter_id, written_at)

        office.transport.send = slow  # type: ignore[method-assign]
        office.start()
        await asyncio.wait_for(at_the_door.wait(), 10)
        await office.stop()

    write(store)
    write(store)
    asyncio.run(run())
    with store.reading() as db:
        assert waiting_letters(db) == 1
        assert [letter.sent_at is not None for letter in db.scalars(select(Letter).order_by(Letter.id))] == [
            True,
            False,
        ]
    assert len(mailbox.letters) == 1


def test_the_loop_sends_at_once_when_it_is_woken(
    store: Store, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LOOK_EVERY", 600.0)
    office = office_of(store, f"smtp://127.0.0.1:{mailbox.port}")
    store.board.tell(mail.LetterWritten, office.told)  # type: ignore[attr-defined]

    async def run() -> None:
        office.start()
        await store.write(lambda db: write_letter(db, ADA, "test.greeting", {}, "en", clock.now()))
        await asyncio.to_thread(wait_for, lambda: len(mailbox.letters) == 1)
        await office.stop()

    asyncio.run(asyncio.wait_for(run(), 10))


def test_a_letter_about_something_gone_is_not_sent_and_goes_too(
    store: Store, office: PostOffice, mailbox: Mailbox
) -> None:
    write(store, gone=True)
    assert send(office)
    assert mailbox.letters == []
    with store.reading() as db:
        assert db.scalars(select(Letter)).all() == []


def test_a_fault_in_wording_one_letter_keeps_no_other_from_leaving(
    store: Store, office: PostOffice, mailbox: Mailbox
) -> None:
    with store.writing() as db:
        write_letter(db, ADA, "test.nobody words this", {}, "en", clock.now())
    write(store)
    assert [send(office), send(office), send(office)] == [True, True, False]
    assert len(mailbox.letters) == 1


def test_an_encoded_word_in_a_subject_ends_no_line(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    write(store, subject="=?utf-8?q?Hello=0D=0ABcc=3A_everybody=40example.org?= Ada")
    assert send(office)
    (letter,) = mailbox.letters
    assert (letter["Bcc"], letter["Subject"]) == (None, "= ?utf-8?q?Hello=0D=0ABcc=3A_everybody=40example.org?= Ada")


def test_nobody_can_write_headers_of_their_own(store: Store, office: PostOffice, mailbox: Mailbox) -> None:
    write(store, subject="Hello\r\nBcc: everybody@example.org\r\n\r\nBuy \x07this")
    write(store, to="ada@example.org\r\nBcc: everybody@example.org")
    while send(office):
        pass
    (letter,) = mailbox.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Hello Bcc: everybody@example.org Buy this"
    assert mailbox.recipients == [[ADA]]


def test_a_domain_of_another_script_is_written_as_dns_spells_it(
    store: Store, office: PostOffice, mailbox: Mailbox
) -> None:
    write(store, to="ada@bücher.example.org")
    assert send(office)
    assert mailbox.recipients == [["ada@xn--bcher-kva.example.org"]]


def test_in_a_folder_names_sort_by_time_and_a_repeat_replaces_itself(store: Store, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "letters")
    start = datetime(2014, 9, 2, 6, 0, tzinfo=UTC)

    def put(text: str, letter_id: int, written_at: datetime) -> None:
        message = EmailMessage()
        message["Subject"] = text
        message.set_content("Hello")
        asyncio.run(folder.send(message, letter_id, written_at))

    for letter_id, minutes in ((11, 0), (9, 1), (100, 1), (2, 700)):
        put(f"number {letter_id}", letter_id, start + timedelta(minutes=minutes))
    put("number 9 again", 9, start + timedelta(minutes=1))
    files = sorted((tmp_path / "letters").iterdir())
    subjects = [email.message_from_bytes(file.read_bytes(), policy=default)["Subject"] for file in files]
    assert subjects == ["number 11", "number 9 again", "number 100", "number 2"]
    assert {file.suffix for file in files} == {".eml"}


def test_the_folder_takes_what_the_loop_sends(store: Store, tmp_path: Path) -> None:
    office = office_of(store, f"folder:{tmp_path}/letters")
    write(store, subject="ようこそ")
    assert send(office)
    (file,) = (tmp_path / "letters").glob("*.eml")
    assert email.message_from_bytes(file.read_bytes(), policy=default)["Subject"] == "ようこそ"


@pytest.mark.parametrize("way", ["folder", "smtp"])
def test_a_letter_says_the_same_as_text_and_as_html_whichever_way_it_leaves(
    store: Store, mailbox: Mailbox, tmp_path: Path, way: str
) -> None:
    office = office_of(store, f"smtp://127.0.0.1:{mailbox.port}" if way == "smtp" else f"folder:{tmp_path}/letters")
    link = "https://igf.example/registration/igf2014-secret"
    write(store, lang="ja", text=f"こんにちは、<Ada>\n\n{link}\n\nまた", names={link: "登録を見る"})
    assert send(office)
    files = [
        email.message_from_bytes(path.read_bytes(), policy=default) for path in (tmp_path / "letters").glob("*.eml")
    ]
    (letter,) = mailbox.letters or files
    assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert letter["Content-Language"] == "ja"
    assert text_of(letter).split() == ["こんにちは、<Ada>", link, "また"]
    html = letter.get_body(("html",))
    assert html is not None
    page = document_fromstring(html.get_content())
    assert (page.get("lang"), page.get("dir"), page.findtext("head/title")) == ("ja", "ltr", "Welcome")
    assert page.find("body").text_content().split() == ["こんにちは、<Ada>", "登録を見る", "また"]
    assert [one.get("href") for one in page.iter("a")] == [link]


@pytest.mark.parametrize("words", ["https://igf.example/" + "x" * 200, "é" * 400, "長" * 400])
def test_a_line_is_broken_only_where_it_is_too_long_to_travel(store: Store, tmp_path: Path, words: str) -> None:
    office = office_of(store, f"folder:{tmp_path}/letters")
    write(store, text=words)
    assert send(office)
    (file,) = (tmp_path / "letters").glob("*.eml")
    assert max(map(len, file.read_bytes().splitlines())) < 998
    assert (words in file.read_text("utf-8")) == (len(words.encode()) < 998)
    assert text_of(email.message_from_bytes(file.read_bytes(), policy=default)).strip() == words
