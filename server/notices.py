"""Notices carry what has happened from left to right along the line of features."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import structlog

from server.database import Database

Joined = Callable[[Database, Any], None]
Told = Callable[[Any], None]

log = structlog.get_logger()


class NoticeBoard:
    """Who listens to which notice: some join the transaction, some are told after the commit."""

    def __init__(self) -> None:
        self._joined: dict[type, list[Joined]] = defaultdict(list)
        self._told: dict[type, list[Told]] = defaultdict(list)

    def join(self, kind: type, listener: Joined) -> None:
        """Run `listener(db, notice)` in the same transaction: what it does stands or falls with the change."""
        self._joined[kind].append(listener)

    def tell(self, kind: type, listener: Told) -> None:
        """Run `listener(notice)` once the change is committed; it may be told from any thread."""
        self._told[kind].append(listener)

    def posted(self, db: Database, notice: object) -> None:
        """Let those who joined act now and keep the notice for those to be told."""
        for listener in self._joined[type(notice)]:
            listener(db, notice)
        db.info.setdefault("notices", []).append(notice)

    def committed(self, db: Database) -> None:
        """Tell what the finished transaction has posted. The change stands: who fails to hear of it cannot undo it."""
        for notice in db.info.pop("notices", []):
            for listener in self._told[type(notice)]:
                try:
                    listener(notice)
                except Exception:
                    log.exception("a listener failed", notice=type(notice).__name__)


def post(db: Database, notice: object) -> None:
    """Say that something has happened in this transaction."""
    board: NoticeBoard = db.info["board"]
    board.posted(db, notice)
