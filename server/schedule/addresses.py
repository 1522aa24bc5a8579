"""The addresses of a meeting's programme and of everything about one session."""


def programme_page(slug: str) -> str:
    """The programme."""
    return f"/{slug}/schedule"


def session_page(slug: str, code: str) -> str:
    """One session."""
    return f"/{slug}/sessions/{code}"


def live_page(slug: str, code: str) -> str:
    """Where a session is followed live."""
    return f"/{slug}/sessions/{code}/live"


def session_feed(slug: str, code: str) -> str:
    """One session as a calendar."""
    return f"/{slug}/sessions/{code}.ics"


def programme_feed(slug: str, form: str, query: str = "") -> str:
    """The programme as `ics`, `json` or `xml`, filtered as the page is."""
    return f"/{slug}/schedule.{form}" + (f"?{query}" if query else "")
