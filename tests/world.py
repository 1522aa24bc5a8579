"""A whole Plenary for a test: a real server on a real port over a real database, and ways to look at it."""

import email
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from socket import SO_SNDBUF, SOL_SOCKET

import httpx2
import uvicorn
from lxml.html import document_fromstring
from pydantic import SecretStr

from server import clock
from server.app import create_app, notice_board
from server.database import Store
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.meetings.queries import meeting_by_slug
from server.people.actions import invite, make_token, person_for
from server.settings import Settings


class World:
    """`client()` is a browser without JavaScript; `store` looks into the database; `mail()` reads what was sent."""

    def __init__(
        self, folder: Path, database: str, *, send_buffer: int = 0, ping: float = 25, **settings: object
    ) -> None:
        self.folder = folder
        config = uvicorn.Config(
            lambda: None, host="127.0.0.1", port=0, log_config=None, lifespan="on",
            http="server.web.arrival:Arrival", ws="server.web.wire:Wire",
            timeout_graceful_shutdown=5, ws_ping_interval=None,
        )  # fmt: skip
        socket = config.bind_socket()
        if send_buffer:
            socket.setsockopt(SOL_SOCKET, SO_SNDBUF, send_buffer)
        self.port = socket.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        given = {"base_url": self.base_url, "mail": f"folder:{folder}/mail", **settings}
        self.settings = Settings(
            _env_file=None, var=folder, database=database, secret=SecretStr("a secret for tests"), **given
        )
        self.plenary = create_app(self.settings)
        self.plenary.hub.ping_every, self.plenary.hub.tick = ping, min(1.0, ping)
        config.app = self.plenary
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined,method-assign]
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [socket]}, daemon=True)
        self._thread.start()
        self.store = Store(database, notice_board())
        self._clients: list[httpx2.Client] = []
        wait_for(lambda: self.server.started)

    def client(self, **options: object) -> httpx2.Client:
        """A new browser, as a stranger: keeps cookies, does not follow redirects by itself."""
        # there is no https here, and loading certificates would take longer than the request
        made = httpx2.Client(base_url=self.base_url, timeout=20, trust_env=False, verify=False, **options)
        self._clients.append(made)
        return made

    def program(self, address: str, *, role: str | None = None, meeting: str = "igf2014") -> httpx2.Client:
        """A program that acts for `address` with a bearer token, after being granted `role`."""
        now = clock.now()
        with self.store.writing() as db:
            person = person_for(db, address, now)
            if role:
                grant_role(db, person, Role(role), meeting_by_slug(db, meeting))
            token = make_token(db, person, "test", now)
        return self.client(headers={"Authorization": f"Bearer {token}"})

    def browser(self, address: str, *, role: str | None = None, meeting: str = "igf2014") -> httpx2.Client:
        """A browser in which `address` has signed in by link, after being granted `role`."""
        with self.store.writing() as db:
            person, secret = invite(db, address, "/", clock.now())
            if role:
                grant_role(db, person, Role(role), meeting_by_slug(db, meeting))
        made = self.client()
        assert made.post(f"/sign-in/{secret}").status_code == 303
        return made

    def mail(self, to: str | None = None, at_least: int = 1) -> list[EmailMessage]:
        """The letters sent so far (to one address), oldest first; waits until there are `at_least` so many."""
        found: list[EmailMessage] = []

        def look() -> bool:
            files = sorted((self.folder / "mail").glob("*.eml"))
            letters = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
            found[:] = [letter for letter in letters if to is None or letter["To"] == to]
            return len(found) >= at_least

        wait_for(look)
        return found

    def close(self) -> None:
        """Stop the server and let go of the database."""
        for client in self._clients:
            client.close()
        self.server.should_exit = True
        self._thread.join(10)
        self.store.close()


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until `condition` holds; fails when it does not within `seconds`."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "this did not happen in time"
        time.sleep(0.01)


def text_of(letter: EmailMessage) -> str:
    """What a letter says as plain text; `tests/test_mail.py` sees that its HTML says the same."""
    plain = letter.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def link_in(letter: EmailMessage) -> str:
    """The first address in a letter, without the host."""
    found = re.search(r"https?://[^/\s]+(/\S+)", text_of(letter))
    assert found, text_of(letter)
    return found.group(1)


def named_links_in(letter: EmailMessage) -> dict[str, str]:
    """The links that a letter's HTML calls something, by that, without the host."""
    html = letter.get_body(("html",))
    assert html is not None
    links = ((link.text_content(), link.get("href")) for link in document_fromstring(html.get_content()).iter("a"))
    return {words: re.sub(r"^https?://[^/]+", "", address) for words, address in links if words != address}


def at(text: str) -> datetime:
    """An instant from ISO 8601 text."""
    return datetime.fromisoformat(text)
