"""A follower that trusts nobody: it validates every message against the published protocol."""

import json
from contextlib import ExitStack
from typing import Any

import jsonschema
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from server.remote.asyncapi import describe
from server.remote.messages import SUBPROTOCOL
from tests.world import World

VALIDATORS = {
    name: jsonschema.Draft202012Validator(message["payload"])
    for name, message in describe("http://127.0.0.1")["components"]["messages"].items()
}
LIVE = "/igf2014/sessions/ws112/live"


def checked(message: dict[str, Any]) -> dict[str, Any]:
    """The message, after it was found to be as AsyncAPI describes it."""
    VALIDATORS[message["type"]].validate(message)
    return message


class Follower:
    """One WebSocket; `fold` is what it has made of the log."""

    def __init__(self, world: World, after: str | None = None, **options: Any) -> None:
        query = f"?after={after}" if after else ""
        address = f"{world.base_url.replace('http', 'ws')}{LIVE}/ws{query}"
        self._open = ExitStack()
        self.socket: ClientConnection = self._open.enter_context(
            connect(address, subprotocols=[SUBPROTOCOL], proxy=None, ping_interval=None, max_queue=None, **options)
        )
        self.paragraphs: dict[str, dict[str, Any]] = {}
        self.status = ""
        self.epoch, self.offset = (after.split(":")[0], int(after.split(":")[1])) if after else ("", 0)

    @property
    def cursor(self) -> str:
        """Where it stands."""
        return f"{self.epoch}:{self.offset}"

    def next(self, *kinds: str) -> dict[str, Any]:
        """The next message (of these kinds), folded in."""
        while True:
            message = checked(json.loads(self.socket.recv(10)))
            self._fold(message)
            if not kinds or message["type"] in kinds:
                return message

    def until(self, offset: int) -> None:
        """Read until the log stands at `offset`."""
        while self.offset < offset:
            self.next()

    def _fold(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            self.paragraphs = {p["id"]: p for p in message["paragraphs"]}
            self.status, self.epoch, self.offset = message["status"], message["epoch"], message["offset"]
        elif message["type"] == "events":
            assert message["epoch"] == self.epoch
            assert message["from"] == self.offset + 1, "a gap or a repeat"
            assert [one["offset"] for one in message["events"]] == list(range(message["from"], message["to"] + 1))
            for one in message["events"]:
                self._take(one)
            self.offset = message["to"]

    def _take(self, one: dict[str, Any]) -> None:
        if one["op"] == "status":
            self.status = one["status"]
        elif one["op"] == "move":
            moved = self.paragraphs.pop(one["id"])
            rest = list(self.paragraphs.items())
            place = list(self.paragraphs).index(one["before"]) if one["before"] else len(rest)
            self.paragraphs = dict([*rest[:place], (one["id"], moved), *rest[place:]])
        elif one["op"] == "translate":
            held = self.paragraphs[one["id"]]
            others = [t for t in held.get("translations", []) if t["lang"] != one["translation"]["lang"]]
            held["translations"] = [*others, *([one["translation"]] if one["translation"]["text"] else [])]
        else:
            held = self.paragraphs.get(one["paragraph"]["id"], {})
            kept = {"translations": held["translations"]} if "translations" in held and one["op"] == "edit" else {}
            self.paragraphs[one["paragraph"]["id"]] = {**one["paragraph"], **kept}

    @property
    def texts(self) -> list[str]:
        """The words it shows, in order."""
        return [p["text"] for p in self.paragraphs.values() if p["state"] == "shown"]

    def close_code(self) -> int | None:
        """Read on until the server closes; the code it closes with."""
        try:
            while True:
                self.next()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def close(self) -> None:
        """Go away."""
        self._open.close()
