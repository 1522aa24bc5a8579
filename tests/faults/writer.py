"""A writer that gives nothing up: the same key until there is an answer."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass

import httpx2

from tests.world import wait_for


@dataclass(frozen=True)
class Acknowledged:
    """A paragraph that the server said is there."""

    id: str
    text: str
    offset: int
    sent: float


class Writer(threading.Thread):
    """Posts paragraph after paragraph, each until it is acknowledged."""

    def __init__(self, live: str, token: str, pause: float = 0.06, padding: str = "") -> None:
        super().__init__(daemon=True)
        self.address = f"{live}/paragraphs"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.pause, self.padding = pause, padding
        self.acknowledged: list[Acknowledged] = []
        self.refused: Counter[int] = Counter()
        self.words: set[str] = set()
        self.faults: list[str] = []
        self._done = threading.Event()
        self._may_write = threading.Event()
        self._may_write.set()

    def run(self) -> None:
        number = 0
        client = httpx2.Client(trust_env=False, verify=False, timeout=10)
        while not self._done.is_set():
            self._may_write.wait()
            number += 1
            self._write(client, f"paragraph {number} {self.padding}".strip())
            self._done.wait(self.pause)
        client.close()

    def _write(self, client: httpx2.Client, text: str) -> None:
        headers = {**self.headers, "Idempotency-Key": uuid.uuid4().hex}
        sent = time.monotonic()
        while True:
            try:
                answer = client.post(self.address, json={"text": text, "lang": "en"}, headers=headers)
            except httpx2.TransportError:
                time.sleep(0.1)
                continue
            if answer.status_code == 201:
                facts = answer.json()
                offset = int(facts["cursor"].split(":")[1])
                self.acknowledged.append(Acknowledged(facts["id"], text, offset, sent))
                return
            if not self._may_retry(answer):
                return
            time.sleep(float(answer.headers["Retry-After"]))

    def _may_retry(self, answer: httpx2.Response) -> bool:
        """Whether it was asked to come again, in words; anything else is a fault of the server."""
        self.refused[answer.status_code] += 1
        if answer.status_code == 503 and "Retry-After" in answer.headers and not self._done.is_set():
            self.words.add(answer.json()["detail"])
            return True
        self.faults.append(f"{answer.status_code} {answer.text}")
        return False

    def wait_for(self, more: int, seconds: float = 30) -> None:
        """Wait until so many more are acknowledged."""
        until = len(self.acknowledged) + more
        wait_for(lambda: len(self.acknowledged) >= until or bool(self.faults), seconds)
        assert not self.faults, self.faults

    def sent_after(self, moment: float, seconds: float = 60) -> Acknowledged:
        """The first that was sent after a moment, and acknowledged."""
        found: list[Acknowledged] = []

        def look() -> bool:
            found[:] = [one for one in self.acknowledged[-50:] if one.sent > moment][:1]
            return bool(found or self.faults)

        wait_for(look, seconds)
        assert not self.faults, self.faults
        return found[0]

    def rest(self) -> None:
        """Write nothing for a while."""
        self._may_write.clear()

    def go_on(self) -> None:
        """Write again."""
        self._may_write.set()

    def give_up(self) -> None:
        """Stop, whatever is in hand."""
        self._done.set()
        self._may_write.set()

    def stop(self) -> None:
        """Finish the paragraph in hand."""
        self.give_up()
        self.join(40)
        assert not self.is_alive(), "the last paragraph was never acknowledged"
        assert not self.faults, self.faults
