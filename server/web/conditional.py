"""Conditional requests: whoever already has an answer is told so instead of being sent it again (RFC 9110 13)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from starlette.datastructures import Headers


def already_has(headers: Headers, tag: str, modified: datetime | None = None) -> bool:
    """Whether a GET or HEAD is answered with 304. `If-None-Match` outweighs `If-Modified-Since` (RFC 9110 13.2.2)."""
    known = headers.getlist("if-none-match")
    if known:
        tags = {one.strip().removeprefix("W/") for one in ",".join(known).split(",")}
        return "*" in tags or tag in tags
    return modified is not None and _not_since(headers.get("if-modified-since", ""), modified)


def _not_since(given: str, modified: datetime) -> bool:
    try:
        since = parsedate_to_datetime(given)
    except (ValueError, OverflowError):  # an offset of more digits than a computer's number has
        return False
    return modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))
