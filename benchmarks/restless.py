"""A crowd that folds what it is told and does not sit still, and an author who keeps changing the text."""

import json
import random
import select
import socket
import struct
import threading
import time
from functools import lru_cache
from typing import Any

import httpx2

from benchmarks.crowd import OPEN, Crowd, Follower
from tests.faults.text import Text

#: Of all, those who leave each second and come back, and those who take nothing at a time, for so many seconds.
LEAVING, DOZING, NAP = 0.02, 0.02, 12.0
#: Paragraphs from which on the text is rather changed than continued.
LONG = 200


@lru_cache(maxsize=512)
def _parsed(body: bytes) -> dict[str, Any]:
    """The same bytes go to everybody and are parsed once; nobody changes what comes of it."""
    message: dict[str, Any] = json.loads(body)
    return message


class Restless(Crowd):
    """Each follower has a text of its own. What it should not have been told ends up in `faults`."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(port, path, comes_back=True)
        self.texts: dict[int, Text] = {}
        self.napping: list[tuple[float, Follower, socket.socket]] = []
        self.left = 0
        self.gaps: list[str] = []

    def _message(self, one: Follower, frame: tuple[int, bytes], now: float) -> None:
        opcode, body = frame
        if opcode == 9:
            self._answer(one)
        elif opcode == 1:
            self._fold(one, _parsed(body))

    def _fold(self, one: Follower, message: dict[str, Any]) -> None:
        text = self.texts.setdefault(one.number, Text())
        if message["type"] == "bye":
            one.retry_ms = message["retry_ms"]
        try:
            text.take(message)
        except EOFError:
            self.gaps.append(f"follower {one.number} at {text.cursor}: {json.dumps(message)[:200]}")
        one.cursor = text.cursor

    @property
    def settled(self) -> list[Text]:
        """The texts of those who are there."""
        return [self.texts[one.number] for one in self.everybody if one.state == OPEN and one.number in self.texts]

    def stir(self) -> None:
        """Once a second: some leave, each in a way of their own, and some stop reading for a while."""
        there = [one for one in self.everybody if one.state == OPEN]
        many = len(self.everybody)
        for one in random.sample(there, min(len(there), round(many * LEAVING))):
            random.choice([self._leave, self._break, self._forget])(one)
        awake = [one for one in self.everybody if one.state == OPEN]
        for one in random.sample(awake, min(len(awake), round(many * DOZING / NAP))):
            self._nap(one)
        self.wake(time.perf_counter())

    def _leave(self, one: Follower) -> None:
        """The line ends, and a new one begins where it was."""
        self.left += 1
        self._lost(one)

    def _break(self, one: Follower) -> None:
        """The same with a TCP reset."""
        assert one.line is not None
        one.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._leave(one)

    def _forget(self, one: Follower) -> None:
        """It comes back as somebody new, without a cursor."""
        self.texts[one.number] = Text()
        one.cursor = ""
        self._leave(one)

    def _nap(self, one: Follower) -> None:
        """It takes nothing for a while, and has little room for what comes."""
        assert one.line is not None
        one.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.epoll.modify(one.line, 0)
        self.napping.append((time.perf_counter() + NAP, one, one.line))

    def wake(self, until: float) -> None:
        """Let those read on whose nap was to end by then."""
        for nap in [nap for nap in self.napping if nap[0] <= until]:
            self.napping.remove(nap)
            _, one, line = nap
            if one.line is line:
                self.epoll.modify(line, select.EPOLLIN)


class Author(threading.Thread):
    """Writes, edits, takes back, puts back and moves paragraphs, so many times in a second."""

    def __init__(self, live: str, token: str, pace: float) -> None:
        super().__init__(daemon=True)
        self.live, self.pace = live, pace
        self.client = httpx2.Client(headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60)
        self.revisions: dict[str, int] = {}
        self.taken_back: set[str] = set()
        self.written = 0
        self.refused: list[str] = []
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(1 / self.pace):
            self._write()

    def stop(self) -> None:
        """Finish what is in hand."""
        self._done.set()
        self.join(60)
        self.client.close()

    def _write(self) -> None:
        shown = [one for one in self.revisions if one not in self.taken_back]
        words = f"{self.written} " + "said in the room " * random.randint(1, 20)
        if len(self.revisions) < LONG and (not shown or random.random() < 0.4):
            self._post("", {"text": words, "lang": "en"})
        elif self.taken_back and random.random() < 0.15:
            one = self.taken_back.pop()
            self._post(f"/{one}/restore", {})
        elif random.random() < 0.15 and len(shown) > 1:
            one = random.choice(shown)
            self._post(f"/{one}/retract", {"reason": "said off the record"})
            self.taken_back.add(one)
        elif random.random() < 0.3:
            one, before = random.choices(list(self.revisions), k=2)
            self._post(f"/{one}/move", {"before": before if before != one else ""})
        else:
            one = random.choice(shown)
            self._post(f"/{one}", {"text": words, "base_rev": self.revisions[one]})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self.client.post(f"{self.live}/paragraphs{path}", json=body)
        if answer.status_code not in (200, 201):
            self.refused.append(f"{path}: {answer.status_code} {answer.text}")
            return
        facts = answer.json()
        self.revisions[facts["id"]] = facts["rev"]
        self.written = int(facts["cursor"].split(":")[1])
