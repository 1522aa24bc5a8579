"""The text that a follower has folded: written from docs/live.md alone, and strict."""

from typing import Any


class Text:
    """What one follower has made of the log. Everything it should not have been told, or not so, is counted."""

    def __init__(self) -> None:
        self.epoch, self.offset, self.status = "", 0, ""
        self.paragraphs: dict[str, dict[str, Any]] = {}
        self.twice = 0
        self.gaps = 0

    @property
    def cursor(self) -> str:
        """Where it stands; empty before the first message."""
        return f"{self.epoch}:{self.offset}" if self.epoch else ""

    def take(self, message: dict[str, Any]) -> None:
        """Fold a message. Raises EOFError where a client would come back: there is a gap."""
        if message["type"] == "snapshot":
            self.epoch, self.offset, self.status = message["epoch"], message["offset"], message["status"]
            self.paragraphs = {p["id"]: p for p in message["paragraphs"]}
        elif message["type"] == "events":
            self._gap_unless(message["epoch"] == self.epoch and message["from"] <= self.offset + 1)
            for one in message["events"]:
                self._take_one(one)
        elif message["type"] == "ping":
            self._gap_unless(message["heads"]["summary"] == self.cursor)

    def _take_one(self, one: dict[str, Any]) -> None:
        if one["offset"] <= self.offset:
            self.twice += 1
            return
        self._gap_unless(one["offset"] == self.offset + 1)
        self.offset = one["offset"]
        if one["op"] == "status":
            self.status = one["status"]
        elif one["op"] == "move":
            self._move(one["id"], one["before"])
        elif "paragraph" in one:
            self.twice += one["op"] == "append" and one["paragraph"]["id"] in self.paragraphs
            self.paragraphs[one["paragraph"]["id"]] = one["paragraph"]

    def _move(self, moved: str, before: str | None) -> None:
        order = [one for one in self.paragraphs if one != moved]
        order.insert(len(order) if before is None else order.index(before), moved)
        self.paragraphs = {one: self.paragraphs[one] for one in order}

    def _gap_unless(self, whole: bool) -> None:
        if not whole:
            self.gaps += 1
            raise EOFError

    @property
    def whole(self) -> tuple[str, int, str, list[dict[str, Any]]]:
        """Everything that can be compared with a snapshot."""
        return self.epoch, self.offset, self.status, list(self.paragraphs.values())
