"""A real Chromium, and a Plenary with the whole IGF 2014 programme for it to visit."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scripts.needs import chromium as installed_chromium
from server import clock
from server.demonstration import FILES
from server.meetings.listing import load_listing
from server.schedule.loading import load_programme
from tests.world import World

CHROMIUM = installed_chromium()

NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, without what would look for hosts elsewhere."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture
def forum(plenary: World) -> World:
    """A server with the past meetings and the whole programme of IGF 2014."""
    with plenary.store.writing() as db:
        load_listing(db, (FILES / "meetings.csv").read_text(encoding="utf-8"), clock.now())
        load_programme(db, (FILES / "igf2014.yaml").read_text(encoding="utf-8"), clock.now())
    return plenary


@pytest.fixture
def context(chromium: Browser, forum: World) -> Iterator[NewContext]:
    """Make browser contexts whose pages may not throw, log an error, break the CSP or leave the host."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def make(**options: object) -> BrowserContext:
        made = chromium.new_context(base_url=forum.base_url, **{"locale": "en-GB", **options})  # type: ignore[arg-type]
        made.set_default_timeout(15_000)
        made.on("page", lambda page: _watch(page, forum.base_url, faults))
        opened.append(made)
        return made

    make.faults = faults  # type: ignore[attr-defined]
    yield make
    for one in opened:
        one.close()
    assert faults == []


def _watch(page: Page, base_url: str, faults: list[str]) -> None:
    own = (base_url, base_url.replace("http", "ws"), "data:", "blob:")
    page.on("pageerror", lambda fault: faults.append(f"{page.url}: {fault}"))
    page.on("console", lambda line: _note(line.type, line.text, page.url, faults))
    page.on("request", lambda sent: None if sent.url.startswith(own) else faults.append(f"left the host: {sent.url}"))


def _note(kind: str, text: str, url: str, faults: list[str]) -> None:
    # A line that is lost on purpose, or a page that answers 4xx on purpose, is logged by the browser as an error.
    expected = ("net::ERR_", "WebSocket connection", "status of 4")
    if kind == "error" and not any(words in text for words in expected):
        faults.append(f"{url}: {text}")


@pytest.fixture
def letters(forum: World) -> Path:
    """Where letters are written."""
    return forum.folder / "mail"
