"""The rules of the log: whatever is cut, nothing is missing and nothing is twice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.remote.log import Cursor, Folded, Log, fold, parse_cursor

EPOCH = "k3x9"


@st.composite
def operations(draw: st.DrawFn) -> list[dict]:
    """Any history that writers can make: what is edited exists, what is retracted is shown, revisions rise."""
    history = History()
    for _ in range(draw(st.integers(0, 25))):
        shown, taken = history.in_state("shown"), history.in_state("retracted")
        choices = ["append", "status"]
        choices += ["edit", "retract", "translate"] if shown else []
        choices += ["restore"] if taken else []
        choices += ["move"] if shown or taken else []
        op = draw(st.sampled_from(choices))
        text = draw(st.text(max_size=30))
        if op == "status":
            history.add(op=op, status=draw(st.sampled_from(["live", "closed", "published"])))
        elif op == "append":
            history.write(op, f"p{len(history.paragraphs) + 1}", text)
        elif op == "move":
            moved, before = draw(st.sampled_from([*shown, *taken])), draw(st.sampled_from([*shown, *taken, None]))
            history.add(op=op, id=moved, before=before if before != moved else None)
        elif op == "translate":
            history.translate(draw(st.sampled_from(shown)), draw(st.sampled_from(["fr", "ar"])), text)
        else:
            history.write(op, draw(st.sampled_from(taken if op == "restore" else shown)), text)
    return history.events


class History:
    """Writes a log as the actions do: what is put back comes back with its translations."""

    def __init__(self) -> None:
        self.events: list[dict] = []
        self.paragraphs: dict[str, dict] = {}
        self.translations: dict[tuple[str, str], dict] = {}

    def in_state(self, state: str) -> list[str]:
        return [p["id"] for p in self.paragraphs.values() if p["state"] == state]

    def add(self, **event: object) -> None:
        self.events.append({"offset": len(self.events) + 1, **event})

    def write(self, op: str, public_id: str, text: str) -> None:
        rev = self.paragraphs[public_id]["rev"] + 1 if public_id in self.paragraphs else 1
        p = {"id": public_id, "rev": rev, "lang": "en", "by": "Ray", "at": "2014-09-02T10:04:05Z"}
        retracted, shown = {"state": "retracted", "reason": text}, {"state": "shown", "text": text, "html": text}
        self.paragraphs[public_id] = p | (retracted if op == "retract" else shown)
        self.add(op=op, paragraph=self.paragraphs[public_id])
        if op == "restore":
            for (translated, _), translation in self.translations.items():
                if translated == public_id:
                    self.add(op="translate", id=public_id, translation=translation)

    def translate(self, public_id: str, lang: str, text: str) -> None:
        rev = self.translations.get((public_id, lang), {"rev": 0})["rev"] + 1
        words = {"of": self.paragraphs[public_id]["rev"], "rev": rev, "text": text, "html": text}
        translation = {"lang": lang, **words, "by": "Ray", "at": "2014-09-02T10:04:05Z"}
        self.translations[public_id, lang] = translation
        self.add(op="translate", id=public_id, translation=translation)


class Follower:
    """A reader as the contract describes it."""

    def __init__(self) -> None:
        self.folded = Folded()
        self.last = 0

    def hear(self, message: dict) -> None:
        if message["type"] == "snapshot":
            self.folded = Folded(message["status"], {p["id"]: p for p in message["paragraphs"]})
            self.last = message["offset"]
            return
        assert message["from"] <= self.last + 1, "a gap"
        for event in message["events"]:
            if event["offset"] > self.last:
                self.folded.apply(event)
                self.last = event["offset"]


def as_read(folded: Folded) -> list[object]:
    """What a reader sees: the paragraphs in order, each with its languages; that there are none is not seen."""
    shown = [{**p, "translations": p.get("translations", [])} for p in folded.paragraphs.values()]
    return [folded.status, *shown]


def log_of(events: list[dict]) -> Log:
    log = Log(EPOCH)
    log.extend(events)
    return log


@given(operations(), st.data())
def test_a_snapshot_and_the_tail_after_it_are_the_whole(events: list[dict], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(events)))
    follower = Follower()
    follower.hear(json.loads(log_of(events[:cut]).snapshot()))
    follower.hear(json.loads(log_of(events).tail(cut)))
    assert as_read(follower.folded) == as_read(fold(events))


@given(operations(), st.data())
def test_who_comes_back_with_any_cursor_ends_with_the_whole(events: list[dict], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(events)))
    follower = Follower()
    follower.hear(json.loads(log_of(events[:cut]).snapshot()))
    log = log_of(events)
    first = log.opening(Cursor(EPOCH, cut))
    follower.hear(json.loads(first))
    assert (as_read(follower.folded), follower.last) == (as_read(fold(events)), len(events))
    assert len(first) <= len(log.snapshot())


@given(operations(), st.lists(st.integers(0, 25)))
def test_a_log_read_in_pieces_and_twice_is_the_same_log(events: list[dict], cuts: list[int]) -> None:
    pieces = Log(EPOCH)
    for cut in sorted(cuts):
        pieces.extend(events[:cut])  # overlapping what is known already
    pieces.extend(events)
    whole = log_of(events)
    assert [pieces.snapshot(), *(pieces.tail(n) for n in range(len(events) + 1))] == [
        whole.snapshot(),
        *(whole.tail(n) for n in range(len(events) + 1)),
    ]


def test_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="entry 2 does not follow 0"):
        Log(EPOCH).extend([{"offset": 2, "op": "status", "status": "live"}])


def test_words_that_were_taken_back_are_told_to_nobody_again() -> None:
    p = {"id": "p1", "rev": 1, "lang": "en", "by": "Ray", "at": "2014-09-02T10:04:05Z"}
    shown = p | {"text": "the secret name", "html": "<p>the secret name</p>", "state": "shown"}
    gone = p | {"rev": 2, "state": "retracted", "reason": "asked for"}
    other = {"lang": "fr", "of": 1, "rev": 1, "text": "le nom secret", "html": "", "by": "Ray", "at": p["at"]}
    log = log_of([{"offset": 1, "op": "append", "paragraph": shown}])
    log.extend([{"offset": 2, "op": "translate", "id": "p1", "translation": other}])
    assert log.tail(0).count("secret") == 3
    assert log.snapshot().count("secret") == 3
    log.extend([{"offset": 3, "op": "retract", "paragraph": gone}])
    assert "secret" not in log.tail(0) + log.snapshot() + log.text("title")
    log.extend([{"offset": 4, "op": "restore", "paragraph": shown | {"rev": 3}}])
    assert "secret" in log.tail(3)


@given(st.from_regex(r"\A[A-Za-z0-9_-]{1,32}\Z"), st.integers(0, 10**14))
def test_a_cursor_is_read_as_it_is_written(epoch: str, offset: int) -> None:
    assert parse_cursor(str(Cursor(epoch, offset))) == Cursor(epoch, offset)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        ":",
        "k3x9",
        "k3x9:",
        ":3",
        "k3x9:-1",
        "k3x9:1.5",
        "k3x9:٣",
        "k 3:1",
        "k3x9:01",
        "x" * 33 + ":1",
        "a:" + "9" * 99,
    ],
)
def test_what_is_no_cursor_is_none(text: str | None) -> None:
    assert parse_cursor(text) is None


def test_a_foreign_or_future_cursor_gets_a_snapshot() -> None:
    log = log_of([{"offset": 1, "op": "status", "status": "live"}])
    assert {log.after(Cursor("other", 0)), log.after(Cursor(EPOCH, 2)), log.after(None)} == {log.snapshot()}
    assert json.loads(log.after(Cursor(EPOCH, 1))) == {
        "type": "events", "channel": "summary", "epoch": EPOCH, "from": 2, "to": 1, "events": [],
    }  # fmt: skip
