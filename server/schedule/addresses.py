"""The addresses of a meeting's programme and of everything about one session."""


def programme_page(slug: str) -> str:
    """The programme."""
    return f"/{slug}/schedule"


def booklet(slug: str, query: str = "") -> str:
    """The programme made for printing, filtered as the page is."""
    return f"/{slug}/schedule/booklet" + (f"?{query}" if query else "")


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


def changes_page(slug: str) -> str:
    """What changed from version to version."""
    return f"/{slug}/schedule/changes"


def changes_feed(slug: str) -> str:
    """The same as an Atom feed."""
    return f"/{slug}/schedule/changes.atom"


def version_page(slug: str, number: int) -> str:
    """The programme as it was in a version."""
    return f"/{slug}/schedule/v/{number}"


def desk_board(slug: str, day: str = "") -> str:
    """The board on which the programme is edited."""
    return f"/{slug}/desk/programme" + (f"?day={day}" if day else "")


def desk_step(slug: str, step: str) -> str:
    """A page or step beside the board: `new`, `swap`, `edits`, `undo`, `clashes`, `rules`, `hours`, `publish`, `file`."""
    return f"/{slug}/desk/programme/{step}"


def desk_session(slug: str, code: str, step: str = "") -> str:
    """One planned session, or a step with it: `place`, `park`, `cancel`, `uncancel`, `repeat`, `remove`."""
    return f"/{slug}/desk/programme/sessions/{code}" + (f"/{step}" if step else "")


def my_schedule(slug: str) -> str:
    """What the reader has chosen."""
    return f"/{slug}/my-schedule"


def my_schedule_feed(slug: str) -> str:
    """Where its private calendar is revoked and renewed."""
    return f"/{slug}/my-schedule/feed"


def private_calendar(secret: str) -> str:
    """The private calendar of what somebody chose."""
    return f"/calendar/{secret}.ics"
