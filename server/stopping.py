"""Stopping: who is to hear first that this process has been told to stop."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def first_told(hear: Callable[[], None]) -> Iterator[None]:
    """While this lasts, a signal to stop is told to `hear` before it takes its usual way.

    A server closes its connections before it tells the application that it stops: too late for a goodbye.
    """
    if threading.current_thread() is not threading.main_thread():  # Python tells no other thread of signals
        yield
        return
    usual = {number: signal.getsignal(number) for number in SIGNALS}

    def told(number: int, frame: FrameType | None) -> None:
        hear()
        handler = usual[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in SIGNALS:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
