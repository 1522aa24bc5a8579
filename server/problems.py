"""Problems are what a person can put right: each knows its HTTP status and says what to do next.

A message is an English message id with named parameters; it is translated where it is shown.
"""

from collections.abc import Callable, Mapping
from typing import Any

from server.web.language import N_


class Problem(Exception):
    """Something expected went wrong. `errors` names faulty fields; `extra` are members for programs (RFC 9457 3.2)."""

    status = 400
    title = N_("That did not work")

    def __init__(
        self,
        message: str = "",
        *,
        errors: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        **params: object,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = dict(errors or {})
        self.extra = dict(extra or {})
        self.params = params

    def worded(self, translate: Callable[[str], str] = str) -> str:
        """The message in words, its parameters filled in; a message without any is taken as it stands, `%` and all."""
        message = translate(self.message)
        return message % self.params if self.params else message

    def __str__(self) -> str:
        """The message in English, as a terminal and the log show it."""
        return self.worded()


class NotSignedIn(Problem):
    """Nobody is known to be asking; a browser is sent to sign in."""

    status = 401
    title = N_("Please sign in")


class NotAllowed(Problem):
    """The thing is known to exist, the person may not do this with it."""

    status = 403
    title = N_("Not allowed")


class NotFound(Problem):
    """There is no such thing, or none that this person may see."""

    status = 404
    title = N_("Not found")


class Conflict(Problem):
    """The state has moved on since the person looked."""

    status = 409
    title = N_("Changed meanwhile")


class TooLarge(Problem):
    """More was sent than is taken."""

    status = 413
    title = N_("Too large")


class Faulty(Problem):
    """What was sent has faults; `errors` says which field and why."""

    status = 422
    title = N_("Please check what you entered")


class TooMany(Problem):
    """Too much in too short a time; `retry_after` seconds from now it works again."""

    status = 429
    title = N_("Too many requests")

    def __init__(self, message: str = "", *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReady(Problem):
    """The server cannot do this just now; `retry_after` seconds from now it may."""

    status = 503
    title = N_("Not available just now")

    def __init__(self, message: str = "", *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after
