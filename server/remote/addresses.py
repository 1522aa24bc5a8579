"""The addresses of live summaries beyond the live page itself (which `schedule.addresses` knows)."""


def now_page(slug: str) -> str:
    """What is on now."""
    return f"/{slug}/live"


def writing_page(slug: str, code: str) -> str:
    """Where a session's summary is written."""
    return f"/{slug}/desk/sessions/{code}/summary"


def edit_page(slug: str, code: str, paragraph: str) -> str:
    """Where one paragraph is edited."""
    return f"/{slug}/desk/sessions/{code}/summary/{paragraph}"


def summaries_page(slug: str) -> str:
    """The desk's list of summaries."""
    return f"/{slug}/desk/summaries"
