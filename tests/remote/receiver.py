"""A server of another organisation: takes webhooks over real HTTP, checks signatures by its own means, trusts nobody."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

#: Key and certificate of `hooks.example`, which nobody but these tests trusts.
CERTIFICATE = Path(__file__).parent / "certificates" / "hooks.example.pem"

#: What is answered: a status, and headers.
Said = tuple[int, dict[str, str]]


class Got(NamedTuple):
    """One request."""

    id: str
    body: bytes
    path: str
    host: str
    signatures: list[str]

    @property
    def content(self) -> dict[str, Any]:
        """What it says."""
        return dict(json.loads(self.body))

    @property
    def event(self) -> dict[str, Any]:
        """The event of the log."""
        return dict(self.content["event"])


class Receiver:
    """`requests` are those whose signature was right, `wrong` all others; `answers` are what it says next in place of 204."""

    def __init__(self, *, tls: bool = False, port: int = 0) -> None:
        self.secrets: list[str] = []
        self.requests: list[Got] = []
        self.wrong: list[Got] = []
        self.answers: deque[Said | Callable[[Got], Said]] = deque()
        self.open = threading.Event()
        self.open.set()
        self.waiting = threading.Semaphore(0)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/plenary?from=igf"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def ids(self) -> list[str]:
        """Every id that came, in the order of arrival, repeats included."""
        return [got.id for got in self.requests]

    @property
    def stored(self) -> dict[str, bytes]:
        """What a receiver keeps that stores each id once. Fails when one id ever had two contents."""
        kept: dict[str, bytes] = {}
        for got in self.requests:
            assert kept.setdefault(got.id, got.body) == got.body, f"two contents under {got.id}"
        return kept

    def take(self, got: Got, stamp: str) -> Said:
        """Check and keep a request, and say what is answered."""
        signed = f"{got.id}.{stamp}.".encode() + got.body
        keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in self.secrets]
        right = ["v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
        fresh = abs(time.time() - int(stamp)) < 300
        (self.requests if fresh and got.signatures == right else self.wrong).append(got)
        self.waiting.release()
        self.open.wait(30)
        said = self.answers.popleft() if self.answers else (204, {})
        return said(got) if callable(said) else said

    def close(self) -> None:
        """Answer whoever waits, and stop."""
        self.open.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.headers["content-type"] == "application/json; charset=utf-8"
            assert self.headers["user-agent"].startswith("Plenary/")
            signatures = self.headers["webhook-signature"].split(" ")
            got = Got(self.headers["webhook-id"], body, self.path, self.headers["host"], signatures)
            status, headers = receiver.take(got, self.headers["webhook-timestamp"])
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if "Content-Length" in headers:
                self._say_without_end(int(headers["Content-Length"]))

        def _say_without_end(self, size: int) -> None:
            try:
                for _ in range(size // 65536):
                    self.wfile.write(b"x" * 65536)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    return Handler
