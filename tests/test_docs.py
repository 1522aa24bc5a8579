"""The docs cannot fall behind: what they show is run, what they list is complete, where they point there is something."""

import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.routing import Mount
from typer.testing import CliRunner

from server.__main__ import app as commands
from server.app import routes
from server.people.actions import person_for
from server.remote import messages
from tests.makers import NOON, make_meeting, make_session
from tests.process import environment
from tests.remote.follower import LIVE, Follower
from tests.world import World

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ON_THE_PAGE = "a1b2c3d4e5"


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as the usual viewers make them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors(found.read_text(encoding="utf-8"))):
            yield f"{page.relative_to(ROOT)}: {target}"


def test_every_link_of_the_docs_leads_somewhere() -> None:
    assert [link for page in PAGES for link in broken_links(page)] == []


def test_every_page_of_the_docs_can_be_found_from_the_map() -> None:
    index = ROOT / "docs" / "index.md"
    pages = {str(page.relative_to(index.parent)) for page in (ROOT / "docs").rglob("*.md")} - {"index.md"}
    assert pages - set(re.findall(r"\]\(([^)#\s]+)", index.read_text(encoding="utf-8"))) == set()


def test_every_command_stands_in_the_contract() -> None:
    named = set(re.findall(r"`plenary (\w+)", read("docs/contract.md")))
    there = {command.name or command.callback.__name__ for command in commands.registered_commands if command.callback}
    assert named == there


def test_every_option_of_a_command_stands_in_the_contract() -> None:
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    lines = {
        found[1]: found[0] for found in re.finditer(r"^\| `plenary (\w+).*$", read("docs/contract.md"), re.MULTILINE)
    }
    for name, line in lines.items():
        options = set(re.findall(r"--[a-z][a-z-]+", runner.invoke(commands, [name, "--help"]).output)) - {"--help"}
        assert {option for option in options if option not in line} == set(), name


def test_every_address_stands_in_the_contract() -> None:
    """Written as in the routes, without the types of their parameters."""
    contract = read("docs/contract.md")
    paths = {re.sub(r":\w+\}", "}", route.path) for route in routes() if not isinstance(route, Mount)}
    assert {path for path in paths if not re.search(f"`{re.escape(path)}[`?[]", contract)} == set()


def test_every_part_of_the_server_stands_in_the_architecture() -> None:
    page = read("docs/architecture.md")
    server = ROOT / "server"
    modules = [path for path in server.rglob("*.py") if path.stem != "__init__" and "migrations" not in path.parts]
    assert {path.name for path in modules if not re.search(rf"\b{path.stem}\b", page)} == set()


def test_decisions_are_numbered_without_a_gap_and_fit_on_a_page() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    parts = ["## Context", "## Decision", "## Consequences", "## Alternatives", "## See"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert [line for line in text.splitlines() if line.startswith("## ")] == parts, page.name
        assert len(text.splitlines()) <= 50, page.name


def test_the_files_that_decisions_speak_of_are_there() -> None:
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        named = re.findall(r"`((?:server|tests|static|docs|scripts|demo)/[\w./-]+)`", page.read_text(encoding="utf-8"))
        assert named, page.name
        assert [path for path in named if not (ROOT / path).exists()] == [], page.name


# --- docs/live.md is played through, from top to bottom


@pytest.fixture
def forum(plenary: World) -> World:
    """A meeting with one session, and a rapporteur who has a name."""
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db))
        person_for(db, "ray@example.org", NOON, name="Ray Porter")
    return plenary


def blocks() -> list[tuple[str, str]]:
    """Every code block of the page that is run or compared: its kind and what is in it."""
    found = [(match[1], match[2].strip()) for match in BLOCK.finditer(read("docs/live.md"))]
    return [(kind, body) for kind, body in found if kind == "json" or body.startswith("curl ")]


def curl(program: httpx2.Client, command: str, epoch: str) -> httpx2.Response:
    """What the command line would send; `program` already carries the token."""
    words = iter(shlex.split(command.replace(ON_THE_PAGE, epoch).replace("$LIVE", LIVE))[1:])
    headers, body, address = {}, None, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers |= {} if name == "Authorization" else {name: value}
        elif word == "--json":
            body = json.loads(next(words))
        elif word != "-s":
            address = word
    if body is None:
        return program.get(address)
    return program.post(address, json=body, headers=headers)


def as_on_the_page(value: Any, epoch: str) -> Any:
    """The value with the epoch and the instants that the page has."""
    text = json.dumps(value).replace(epoch, ON_THE_PAGE)
    return json.loads(re.sub(r'"at": "[^"]+"', '"at": "2014-09-02T10:04:05Z"', text))


def test_the_examples_of_the_live_page_are_what_happens(forum: World) -> None:
    program = forum.program("ray@example.org", role="rapporteur")
    follower = Follower(forum)
    epoch = follower.next("snapshot")["epoch"]
    heard = [follower.next("presence")]
    for kind, body in blocks():
        if kind == "sh":
            answer = curl(program, body, epoch).json()
            heard.append(answer)
            head = int(answer.get("cursor", ":0").partition(":")[2])
            while follower.offset < head:
                heard.append(follower.next("events"))
        elif json.loads(body)["type" if "type" in body else "cursor"] not in ("ping", "bye"):
            assert json.loads(body) in [as_on_the_page(one, epoch) for one in heard]
    shown = [json.loads(body) for kind, body in blocks() if kind == "json"]
    assert as_on_the_page(json.loads(messages.ping(follower.cursor)), epoch) in shown
    forum.plenary.hub.drain_soon()
    assert follower.next("bye") in shown


def test_the_follower_of_the_live_page_folds_what_it_hears(forum: World, tmp_path: Path) -> None:
    program = forum.program("ray@example.org", role="rapporteur")
    script = tmp_path / "follower.py"
    script.write_text(next(match[2] for match in BLOCK.finditer(read("docs/live.md")) if match[1] == "python"))
    own = environment("sqlite://", tmp_path, NO_PROXY="127.0.0.1")
    follower = subprocess.Popen(
        [sys.executable, str(script), f"{forum.base_url}{LIVE}"], env=own, stdout=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(30, follower.kill)
    watchdog.start()
    assert follower.stdout is not None
    try:
        assert json.loads(follower.stdout.readline()) == []
        program.post(f"{LIVE}/paragraphs", json={"text": "One."})
        assert json.loads(follower.stdout.readline()) == ["One."]
        program.post(f"{LIVE}/paragraphs/p1", json={"text": "First.", "base_rev": 1})
        assert json.loads(follower.stdout.readline()) == ["First."]
        program.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "a slip"})
        assert json.loads(follower.stdout.readline()) == ["a slip"]
    finally:
        watchdog.cancel()
        follower.kill()
        follower.wait()
