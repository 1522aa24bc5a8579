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


def translations_page(slug: str, code: str, paragraph: str) -> str:
    """Where one paragraph is put into other languages."""
    return f"{edit_page(slug, code, paragraph)}/translations"


def translator_page(slug: str, code: str, lang: str) -> str:
    """Where a whole summary is put into one language."""
    return f"{writing_page(slug, code)}?into={lang}"


def summaries_page(slug: str) -> str:
    """The desk's list of summaries."""
    return f"/{slug}/desk/summaries"


def webhooks_page(slug: str) -> str:
    """The desk's list of webhooks."""
    return f"/{slug}/desk/webhooks"


def webhook_page(slug: str, webhook_id: int) -> str:
    """One webhook."""
    return f"/{slug}/desk/webhooks/{webhook_id}"
