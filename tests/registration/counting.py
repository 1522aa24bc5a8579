"""Counts what the server asks of the registrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

#: How what comes due by itself is looked for, which the server does every few seconds and no page asks for.
BY_ITSELF = "SELECT DISTINCT registration.meeting_id"


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements about registrations that any engine runs meanwhile, without their values."""
    seen: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM registration" in statement and not statement.startswith(BY_ITSELF):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", look)
