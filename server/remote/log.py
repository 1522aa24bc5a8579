"""The log of a live summary, without any input or output: cursors, folding, and what a reader must be sent."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.remote.messages import LogEvent, P, T, encode
from server.remote.wording import ORIGINAL, Choice, as_text, languages_of

#: Tails kept at a time: most followers stand at the head, or just behind it.
TAILS = 16


class Cursor(NamedTuple):
    """A place in a log, written `EPOCH:OFFSET`: everything up to and including `offset` has been read."""

    epoch: str
    offset: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.offset}"


def parse_cursor(text: str | None) -> Cursor | None:
    """The cursor in a text; None for anything that is none."""
    match = re.fullmatch(r"([A-Za-z0-9_-]{1,32}):(0|[1-9][0-9]{0,14})", text or "", re.ASCII)
    return Cursor(match[1], int(match[2])) if match else None


class Tail(NamedTuple):
    """What is stored after an offset: the log's epoch and the events that follow."""

    epoch: str
    events: list[LogEvent]


@dataclass
class Folded:
    """A summary as it stands: the paragraphs by id, in their order."""

    status: str = "waiting"
    paragraphs: dict[str, P] = field(default_factory=dict)

    def apply(self, entry: Mapping[str, Any]) -> None:
        """Take one entry into account. An unknown op changes nothing."""
        if entry["op"] == "status":
            self.status = entry["status"]
        elif entry["op"] == "move":
            self._move(entry["id"], entry["before"])
        elif entry["op"] == "translate":
            self._translate(entry["id"], entry["translation"])
        elif "paragraph" in entry:
            self._put(entry["paragraph"])

    def _put(self, paragraph: P) -> None:
        held = self.paragraphs.get(paragraph["id"])
        if held and paragraph["state"] == "shown" and held["state"] == "shown" and "translations" in held:
            paragraph = {**paragraph, "translations": held["translations"]}
        self.paragraphs[paragraph["id"]] = paragraph

    def _move(self, moved: str, before: str | None) -> None:
        others = [one for one in self.paragraphs if one != moved]
        place = others.index(before) if before is not None else len(others)
        self.paragraphs = {one: self.paragraphs[one] for one in [*others[:place], moved, *others[place:]]}

    def _translate(self, number: str, translation: T) -> None:
        paragraph = self.paragraphs[number]
        if paragraph["state"] == "retracted":
            return
        kept = [one for one in paragraph.get("translations", []) if one["lang"] != translation["lang"]]
        kept += [translation] if translation["text"] else []
        self.paragraphs[number] = {**paragraph, "translations": kept}


def fold(events: Iterable[Mapping[str, Any]]) -> Folded:
    """What the events make, from empty."""
    folded = Folded()
    for entry in events:
        folded.apply(entry)
    return folded


def silenced(entry: LogEvent, public_id: str) -> LogEvent:
    """An earlier entry when its paragraph has been retracted since: what was taken back is not told again."""
    if entry["op"] == "status" or entry["op"] == "move":
        return entry
    if entry["op"] == "translate":
        if entry["id"] != public_id:
            return entry
        return {**entry, "translation": {**entry["translation"], "text": "", "html": ""}}
    paragraph = entry["paragraph"]
    if paragraph["id"] != public_id or paragraph["state"] == "retracted":
        return entry
    return {**entry, "paragraph": {**paragraph, "text": "", "html": ""}}


class Log:
    """One session's log, kept whole and encoded once: a summary is small, so tail and snapshot are always at hand."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.state = Folded()
        self._events: list[LogEvent] = []
        self._encoded: list[str] = []
        self._snapshot: str | None = None
        self._tails: dict[int, str] = {}

    @property
    def head(self) -> Cursor:
        """The position after the newest entry."""
        return Cursor(self.epoch, len(self._events))

    def extend(self, events: Iterable[LogEvent]) -> None:
        """Add the events that follow the head. Raises ValueError on a gap; what is known already is passed over."""
        for entry in events:
            if entry["offset"] <= len(self._events):
                continue
            if entry["offset"] != len(self._events) + 1:
                raise ValueError(f"entry {entry['offset']} does not follow {len(self._events)}")
            if entry["op"] == "retract":
                self._forget_words(entry["paragraph"]["id"])
            self._events.append(entry)
            self._encoded.append(encode(entry))
            self.state.apply(entry)
            self._snapshot = None
            self._tails.clear()

    def _forget_words(self, public_id: str) -> None:
        for index, earlier in enumerate(self._events):
            silent = silenced(earlier, public_id)
            if silent is not earlier:
                self._events[index], self._encoded[index] = silent, encode(silent)

    def knows(self, cursor: Cursor | None) -> bool:
        """Whether the cursor is of this log and not of the future."""
        return cursor is not None and cursor.epoch == self.epoch and cursor.offset <= len(self._events)

    def snapshot(self) -> str:
        """The `snapshot` message at the head."""
        if self._snapshot is None:
            self._snapshot = encode(
                {
                    "type": "snapshot",
                    "channel": "summary",
                    "epoch": self.epoch,
                    "offset": len(self._events),
                    "status": self.state.status,
                    "paragraphs": list(self.state.paragraphs.values()),
                }
            )
        return self._snapshot

    def tail(self, offset: int) -> str:
        """The `events` message from after `offset` to the head, the same string for all who stand at `offset`."""
        if offset not in self._tails:
            if len(self._tails) >= TAILS:  # one for every cursor there is would be the log's length squared
                self._tails.clear()
            start = (
                f'{{"type":"events","channel":"summary","epoch":"{self.epoch}"'
                f',"from":{offset + 1},"to":{len(self._events)},"events":['
            )
            self._tails[offset] = start + ",".join(self._encoded[offset:]) + "]}"
        return self._tails[offset]

    def opening(self, cursor: Cursor | None) -> str:
        """The first message to a reader: the tail after its cursor when that is known and not the larger, else all."""
        if cursor is None or not self.knows(cursor):
            return self.snapshot()
        tail, snapshot = self.tail(cursor.offset), self.snapshot()
        return tail if len(tail) <= len(snapshot) else snapshot

    def after(self, cursor: Cursor | None) -> str:
        """The answer to `?after=`: the events after a known cursor, else a snapshot."""
        return self.tail(cursor.offset) if cursor is not None and self.knows(cursor) else self.snapshot()

    def text(self, title: str, choice: Choice = ORIGINAL) -> str:
        """The summary as plain text, in the language that was chosen."""
        paragraphs = list(self.state.paragraphs.values())
        languages = languages_of(paragraphs)
        return "\n\n".join([title, *(as_text(p, choice, languages) for p in paragraphs)]) + "\n"
