"""Mail is an outbox: a letter is a row written with the change that causes it, rendered and sent afterwards."""

import asyncio
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from email_validator import validate_email
from sqlalchemy import ColumnElement, String, delete, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from server import clock
from server.database import Database, Record, Store
from server.letter_body import in_one_line, set_body
from server.notices import post
from server.rounds import Rounds
from server.settings import Settings
from server.web import language

log = structlog.get_logger()

#: A sender that died holds a letter no longer than this.
LEASE = timedelta(minutes=5)
#: First pause after a failure; it doubles up to the longest, and after the last attempt the letter is given up.
PAUSE, LONGEST_PAUSE, ATTEMPTS = timedelta(seconds=30), timedelta(hours=2), 20
#: How long a stopping server waits for the letter in hand.
LAST_LETTER = 10.0


class Letter(Record):
    """A letter to send: which template (`registration.confirmed`) and the ids to fill it from, never its text.

    An id is never given twice, also on SQLite: what is noted of a letter that was in hand when it was deleted must not
    be noted of another.
    """

    __tablename__ = "letter"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column(String(320))
    template: Mapped[str] = mapped_column(String(60))
    ids: Mapped[dict[str, Any]]
    language: Mapped[str] = mapped_column(String(16))
    message_id: Mapped[str] = mapped_column(String(200), default="")
    written_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(500), default="")


@dataclass(frozen=True)
class LetterWritten:
    """A letter waits in the outbox."""

    letter_id: int


@dataclass(frozen=True)
class Content:
    """What a letter says, and what a link that stands alone in a line of it is called where it is shown as a button."""

    subject: str
    text: str
    names: Mapping[str, str] = field(default_factory=dict)


#: `compose(db, ids, now) -> Content`, or None when there is nothing left to say (the thing is gone).
Composer = Callable[[Database, Mapping[str, Any], datetime], Content | None]


def write_letter(db: Database, to: str, template: str, ids: Mapping[str, Any], lang: str, now: datetime) -> None:
    """Put a letter in the outbox; it leaves once this transaction is committed, and not if it is undone."""
    letter = Letter(to=to, template=template, ids=dict(ids), language=lang, written_at=now, due_at=now)
    db.add(letter)
    db.flush()
    post(db, LetterWritten(letter.id))


def write_letters(
    db: Database, letters: Iterable[tuple[str, Mapping[str, Any], str]], template: str, now: datetime
) -> int:
    """Put many letters of one template in the outbox, each to an address with its ids and language; returns how many."""
    rows = [
        Letter(to=to, template=template, ids=dict(ids), language=lang, written_at=now, due_at=now)
        for to, ids, lang in letters
    ]
    db.add_all(rows)
    db.flush()
    if rows:
        post(db, LetterWritten(rows[0].id))  # the rounds go on until no letter is due
    return len(rows)


class Transport(Protocol):
    """A way out for letters."""

    async def send(self, message: EmailMessage, letter_id: int, written_at: datetime) -> None:
        """Deliver; raises Refused when it never will be, anything else when it may be later."""


class Refused(Exception):
    """The other side will never take this letter."""


class Folder:
    """Each letter is an `.eml` in a folder: names sort by time, files appear by rename, a repeat replaces itself."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def send(self, message: EmailMessage, letter_id: int, written_at: datetime) -> None:
        """Write the file and make it durable before it gets its name."""
        await asyncio.to_thread(self._write, message.as_bytes(policy=SMTP), letter_id, written_at)

    def _write(self, raw: bytes, letter_id: int, written_at: datetime) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        name = f"{written_at:%Y%m%dT%H%M%SZ}-{letter_id:08d}.eml"
        draft = self.path / f".{name}.part"
        with draft.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.path / name)


class Smtp:
    """Letters leave through an SMTP server: `smtp://user:password@host:587?starttls=1`, `smtps://host:465`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "localhost"
        self.port = parts.port or (465 if parts.scheme == "smtps" else 25)
        self.tls = parts.scheme == "smtps"
        self.start_tls = True if "starttls=1" in parts.query else (False if "starttls=0" in parts.query else None)
        self.login = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None

    async def send(self, message: EmailMessage, letter_id: int, written_at: datetime) -> None:
        """Hand the letter over; a 5xx answer about this letter means it is refused for good."""
        try:
            await aiosmtplib.send(
                message, hostname=self.host, port=self.port, username=self.login, password=self.password,
                use_tls=self.tls, start_tls=self.start_tls, timeout=30,
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            raise (Refused(_answer(first)) if first.code >= 500 else refused) from refused
        except aiosmtplib.SMTPResponseException as answer:
            about_us = isinstance(answer, _ABOUT_US)  # the operator can put that right; the letter waits
            raise (answer if about_us or answer.code < 500 else Refused(_answer(answer))) from answer


def _answer(said: aiosmtplib.SMTPResponseException) -> str:
    return f"{said.code} {said.message}"


#: Answers that refuse this server, not this letter.
_ABOUT_US = (
    aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPConnectError, aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPSenderRefused,
)  # fmt: skip


def transport_of(settings: Settings) -> Transport:
    """The way out that `PLENARY_MAIL` names."""
    if settings.mail.startswith("folder:"):
        return Folder(Path(settings.mail.removeprefix("folder:")))
    return Smtp(settings.mail)


class PostOffice:
    """Sends what is in the outbox, one letter at a time, each claimed before and marked after.

    A letter is sent twice only if this process dies between the mail server's yes and our note of it.
    Both copies then carry the same Message-ID.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        composers: Mapping[str, Composer],
        *,
        crowd: Collection[str] = (),
        writing: Collection[str] | None = None,
    ) -> None:
        #: Letters of which thousands leave at once: none that somebody waits for stands behind them.
        self.crowd = crowd
        #: Letters whose wording makes something that must be saved, such as a link; the others only read.
        self.writing = composers if writing is None else writing
        self.store = store
        self.settings = settings
        self.composers = composers
        self.transport = transport_of(settings)
        self._rounds = Rounds(self.send_one, "mail")

    def start(self) -> None:
        """Begin sending, on the running event loop."""
        self._rounds.start()

    async def stop(self) -> None:
        """Finish the letter in hand, so that a restart sends nothing twice, and send no more."""
        await self._rounds.stop(LAST_LETTER)

    def told(self, _notice: LetterWritten) -> None:
        """Wake the rounds; called from whichever thread committed the letter."""
        self._rounds.told()

    async def send_one(self) -> bool:
        """Send the letter that is due longest, of a crowd only when no other is due. False when none is due."""
        letter = await self.store.write(lambda db: self._claim(db, clock.now()))
        if letter is None:
            return False
        try:
            # wording takes time, and on SQLite nobody else writes while somebody does
            work = self.store.write if letter.template in self.writing else self.store.read
            message = await work(lambda db: self._compose(db, letter, clock.now()))
            if message is None:
                await self.store.write(lambda db: self._drop(db, letter.id))
                return True
            await self.transport.send(message, letter.id, letter.written_at)
        except Refused as refused:
            answer = nameless(str(refused))
            await self.store.write(lambda db: self._give_up(db, letter.id, answer))
        except Exception as fault:  # whatever it was, the letter waits for better times
            reason = nameless(f"{type(fault).__name__}: {fault}")
            await self.store.write(lambda db: self._put_back(db, letter.id, reason, clock.now()))
        else:
            await self.store.write(lambda db: self._mark_sent(db, letter.id, clock.now()))
        return True

    def _claim(self, db: Database, now: datetime) -> Letter | None:
        turn = (Letter.template.in_(self.crowd), Letter.due_at, Letter.id)
        due = select(Letter).where(Letter.due_at <= now).order_by(*turn).limit(1)
        letter = db.scalars(due.with_for_update(skip_locked=True)).first()
        if letter is not None:
            letter.due_at = now + LEASE
            letter.attempts += 1
            host = urlsplit(self.settings.base_url).hostname or "localhost"
            letter.message_id = letter.message_id or f"<letter-{letter.id}.{int(letter.written_at.timestamp())}@{host}>"
        return letter

    def _compose(self, db: Database, letter: Letter, now: datetime) -> EmailMessage | None:
        token = language.current.set(letter.language)
        try:
            content = self.composers[letter.template](db, letter.ids, now)
        finally:
            language.current.reset(token)
        if content is None:
            return None
        message = EmailMessage(SMTP)
        message["From"] = self.settings.mail_from
        message["To"] = _in_ascii(letter.to)
        message["Subject"] = in_one_line(content.subject)
        message["Date"] = formatdate(letter.written_at.timestamp())
        message["Message-ID"] = letter.message_id
        message["Auto-Submitted"] = "auto-generated"
        base_url, lang = self.settings.base_url, letter.language
        set_body(message, content.subject, content.text, content.names, base_url=base_url, lang=lang)
        return message

    def _drop(self, db: Database, letter_id: int) -> None:
        """There is nothing left to say, or nobody to say it to."""
        db.execute(delete(Letter).where(Letter.id == letter_id))

    def _mark_sent(self, db: Database, letter_id: int, now: datetime) -> None:
        letter = db.get(Letter, letter_id)
        if letter is None:
            return  # taken back while it was in hand
        letter.sent_at, letter.due_at, letter.fault = now, None, ""
        log.info("letter sent", letter=letter_id, template=letter.template, attempts=letter.attempts)

    def _put_back(self, db: Database, letter_id: int, fault: str, now: datetime) -> None:
        letter = db.get(Letter, letter_id)
        if letter is None:
            return
        if letter.attempts >= ATTEMPTS:
            self._give_up(db, letter_id, fault)
            return
        letter.fault = fault[:500]
        letter.due_at = now + min(PAUSE * 2 ** (letter.attempts - 1), LONGEST_PAUSE)
        log.warning("letter not sent, will be tried again", letter=letter_id, due=str(letter.due_at), fault=fault)

    def _give_up(self, db: Database, letter_id: int, fault: str) -> None:
        letter = db.get(Letter, letter_id)
        if letter is None:
            return
        letter.due_at, letter.fault = None, fault[:500]
        log.error("letter given up", letter=letter_id, template=letter.template, fault=fault)


#: A mail address as servers repeat it: bare, in brackets, or within a link that explains their answer.
_ADDRESS = re.compile(
    r"""<?(?:"[^"]*"|(?<![^\s<>"(),:;?&\[\]@])[^\s<>"(),:;?&\[\]@]+?)(?:@|%40)(?:\[[^\]\s]*\]|[^\s<>"(),:;?&\[\]]+)>?"""
)


def nameless(fault: str) -> str:
    """What went wrong with a letter without whom it was for: mail servers repeat the address in their answers."""
    return _ADDRESS.sub("<address>", fault)


def _in_ascii(address: str) -> str:
    """The address with its domain as DNS spells it, which every mail server takes (RFC 5890 2.3.2.1)."""
    try:
        known = validate_email(address, check_deliverability=False)
    except ValueError:
        return address
    return f"{known.local_part}@{known.ascii_domain}"


def waiting_letters(db: Database) -> int:
    """How many letters are still to be sent."""
    return db.scalar(select(func.count()).select_from(Letter).where(Letter.due_at.is_not(None))) or 0


@dataclass(frozen=True)
class Outcome:
    """What became of many letters: how many wait, how many have left, how many were given up."""

    waiting: int
    left: int
    given_up: int


def outcome_of(db: Database, template: str, ids: Mapping[str, int]) -> Outcome:
    """What became of the letters of a template with these ids. Looks through all letters of the template."""
    waiting, left = func.count(Letter.due_at), func.count(Letter.sent_at)
    counts = select(waiting, left, func.count() - waiting - left).where(*_which(template, ids))
    return Outcome(*db.execute(counts).one())


def take_back(db: Database, template: str, ids: Mapping[str, int], now: datetime) -> int:
    """Take the letters of a template with these ids out of the outbox; returns how many. One in hand just now leaves."""
    not_in_hand = or_(Letter.due_at <= now, Letter.fault != "")  # or in hand again, after it could not be sent
    waiting = (*_which(template, ids), Letter.due_at.is_not(None), not_in_hand)
    gone = delete(Letter).where(*waiting).returning(Letter.id)
    return len(db.scalars(gone).all())


def _which(template: str, ids: Mapping[str, int]) -> list[ColumnElement[bool]]:
    return [Letter.template == template, *(Letter.ids[name].as_integer() == value for name, value in ids.items())]
