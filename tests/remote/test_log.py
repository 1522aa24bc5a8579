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
    events: list[dict] = []
    paragraphs: dict[str, dict] = {}
    for _ in range(draw(st.integers(0, 25))):
        shown = [p for p in paragraphs.values() if p["state"] == "shown"]
        taken = [p for p in paragraphs.values() if p["state"] == "retracted"]
        choices = ["append", "status", *(["edit", "retract"] if shown else []), *(["restore"] if taken else [])]
        op = draw(st.sampled_from(choices))
        offset = len(events) + 1
        if op == "status":
            events.append(
                {"offset": offset, "op": op, "status": draw(st.sampled_from(["live", "closed", "published"]))}
            )
            continue
        text = draw(st.text(max_size=30))
        if op == "append":
            p = {"id": f"p{len(paragraphs) + 1}", "rev": 1}
        else:
            p = draw(st.sampled_from(taken if op == "restore" else shown))
            p = {"id": p["id"], "rev": p["rev"] + 1}
        p |= {"lang": "en", "by": "Ray", "at": "2014-09-02T10:04:05Z"}
        words = (
            {"state": "retracted", "reason": text}
            if op == "retract"
            else {"state": "shown", "text": text, "html": text}
        )
        paragraphs[p["id"]] = p | words
        events.append({"offset": offset, "op": op, "paragraph": p | words})
    return events


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
    assert follower.folded == fold(events)
    assert list(follower.folded.paragraphs) == list(fold(events).paragraphs)


@given(operations(), st.data())
def test_who_comes_back_with_any_cursor_ends_with_the_whole(events: list[dict], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(events)))
    follower = Follower()
    follower.hear(json.loads(log_of(events[:cut]).snapshot()))
    log = log_of(events)
    first = log.opening(Cursor(EPOCH, cut))
    follower.hear(json.loads(first))
    assert (follower.folded, follower.last) == (fold(events), len(events))
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
    log = log_of([{"offset": 1, "op": "append", "paragraph": shown}])
    assert "secret" in log.tail(0)
    log.extend([{"offset": 2, "op": "retract", "paragraph": gone}])
    assert "secret" not in log.tail(0) + log.snapshot() + log.text("title")
    log.extend([{"offset": 3, "op": "restore", "paragraph": shown | {"rev": 3}}])
    assert "secret" in log.tail(2)


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
