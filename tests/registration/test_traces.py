"""Of somebody who is erased nothing is found anywhere: no row, no byte of a file, no line of the log."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from sqlalchemy import select

from server.app import notice_board
from server.database import Record, Store
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.people.actions import make_token, person_for
from server.registration.models import Admission, Answer, AnswerFile, Question, Registration
from tests.conftest import SERVER
from tests.makers import NOON, make_meeting
from tests.process import ServerProcess, free_port
from tests.world import link_in, wait_for

ADA = {
    "given_name": "Augustadora", "family_name": "Kingsbridge", "email": "augustadora@kingsbridge.example", "country": "TR",
    "organisation": "Difference Enginery", "stakeholder_group": "civil-society", "attendance": "onsite", "public": True,
}  # fmt: skip
#: Everything that tells who she is, in small letters.
TRACES = (b"augustadora", b"kingsbridge", b"difference enginery", b"nut allergy", b"passport of")


class Bouncing:
    """A mail server that takes what goes to her, and refuses her other address in words that repeat it."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refused = 0
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(
        self, _server: SMTP, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("elsewhere"):
            self.refused += 1
            return f"550 5.1.1 <{address}>: Recipient address rejected: augustadora@kingsbridge.example is unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 OK"


class Forum(ServerProcess):
    """A server whose letters leave by SMTP."""

    def __init__(self, database: str, folder: Path, mail: str, style: str) -> None:
        self.more = {"PLENARY_MAIL": mail, "PLENARY_LOG": style}
        super().__init__(database, folder, free_port())

    def start(self) -> None:
        self.environment |= self.more
        super().start()


@pytest.fixture
def mailbox() -> Iterator[Bouncing]:
    box = Bouncing()
    box.controller.start()
    yield box
    box.controller.stop()


def prepared(store: Store) -> str:
    """A meeting that is to come, with two questions; the token of its desk."""
    with store.writing() as db:
        meeting = make_meeting(db, first_day=date(datetime.now(UTC).year + 1, 9, 2))
        db.add(Admission(meeting_id=meeting.id, onsite=1, keep_days=30))
        for position, key in enumerate(("diet", "passport"), 1):
            kind = "file" if key == "passport" else "text"
            db.add(Question(meeting_id=meeting.id, key=key, position=position, kind=kind, label={"en": key}))
        desk = person_for(db, "desk@example.org", NOON)
        grant_role(db, desk, Role.DESK, meeting)
        return make_token(db, desk, "test", NOON)


def answer_for_her(store: Store) -> None:
    with store.writing() as db:
        one = db.scalars(select(Registration)).one()
        diet, passport = db.scalars(select(Question).order_by(Question.position))
        db.add(Answer(registration_id=one.id, question_id=diet.id, value="nut allergy", at=NOON))
        content = b"%PDF-1.7 passport of Kingsbridge " * 4000  # more than fits on a page of the database
        db.add(
            AnswerFile(
                question_id=passport.id, registration_id=one.id, name="kingsbridge.pdf", content_type="application/pdf",
                size=len(content), content=content, at=NOON,
            )
        )  # fmt: skip


def live_through_it(server: Forum, mailbox: Bouncing, store: Store, token: str) -> None:
    """She registers, makes mistakes, changes her mind and her address, is looked for, and has herself erased."""
    options: dict[str, Any] = {"base_url": server.base_url, "trust_env": False, "verify": False, "timeout": 20}
    bearer = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(**options) as client, httpx2.Client(**options, headers=bearer) as desk:

        def did(answer: httpx2.Response, status: int = 200) -> None:
            assert answer.status_code == status, answer.text

        did(client.post("/igf2014/register", json={**ADA, "email": "augustadora at kingsbridge"}), 422)
        did(client.post("/igf2014/register", data={**ADA, "country": "Kingsbridge", "attendance": "Augustadora"}), 422)
        did(
            client.post(
                "/igf2014/register",
                content=b'{"given_name": "Augustadora',
                headers={"content-type": "application/json"},
            ),
            422,
        )
        did(client.post("/igf2014/register", json=ADA, headers={"Idempotency-Key": "Augustadora"}), 202)
        wait_for(lambda: len(mailbox.letters) == 1)
        link = link_in(mailbox.letters[0])
        answer_for_her(store)
        did(client.get(link))
        did(client.post(f"{link}/change", json={**ADA, "given_name": "Augustadora" * 20}), 422)
        did(client.post(f"{link}/change", json={**ADA, "organisation": "The Difference Enginery of Kingsbridge"}))
        did(client.post(f"{link}/address", json={"email": "elsewhere@kingsbridge.example"}))
        wait_for(lambda: mailbox.refused == 1)
        did(client.get("/igf2014/participants?q=Augustadora"))
        did(desk.get("/igf2014/desk/registrations?q=augustadora@kingsbridge.example"))
        did(desk.get("/igf2014/desk/registrations.csv"))
        did(client.post("/sign-in", json={"email": ADA["email"]}), 202)
        did(client.post(f"{link}/withdraw", json={}))
        wait_for(lambda: len(mailbox.letters) == 3)  # or it would not be sent, because she has come back
        did(client.post(f"{link}/return", json={}))
        did(client.get(f"{link}/data.json"))
        wait_for(lambda: len(mailbox.letters) == 4)
        did(client.post(f"{link}/erase", json={}))
        did(client.get(f"{link}/data.json"), 404)


@pytest.mark.parametrize("style", ["text", "json"])
def test_nothing_is_found_of_her_in_the_log_in_the_database_or_in_any_file(
    database: str, tmp_path: Path, mailbox: Bouncing, style: str
) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    store = Store(database, notice_board())
    token = prepared(store)
    server = Forum(database, folder, f"smtp://127.0.0.1:{mailbox.controller.port}", style)
    try:
        live_through_it(server, mailbox, store, token)
    finally:
        server.stop()
    with store.reading() as db:
        rows = [
            f"{table.name} {tuple(row)!r}"
            for table in Record.metadata.tables.values()
            for row in db.execute(select(table))
        ]
    assert [row for row in rows if any(trace in row.lower().encode() for trace in TRACES)] == []
    assert len(rows) > 10
    store.close()  # the last one to leave writes the log of the database into its file
    log = server.log.read_bytes()
    assert log.count(b"/registration/{secret}/erase") == 1
    assert b"letter given up" in log
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    found = {(path.name, trace) for path in files for trace in TRACES if trace in path.read_bytes().lower()}
    assert found == set()
    assert {server.log.name, *([] if SERVER else ["plenary.db"])} <= {path.name for path in files}
