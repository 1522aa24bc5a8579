"""What the programme team does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionAdded:
    """A session is now part of a meeting's programme."""

    session_id: int
