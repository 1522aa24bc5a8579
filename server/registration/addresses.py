"""The addresses of registering, of one's own registration, and of the desk's lists."""

from urllib.parse import urlencode


def register_page(slug: str) -> str:
    """The form."""
    return f"/{slug}/register"


def registered_page(slug: str) -> str:
    """The thanks, the same for everybody."""
    return f"/{slug}/registered"


def own_page(secret: str) -> str:
    """Somebody's own registration."""
    return f"/registration/{secret}"


def own_step(secret: str, step: str) -> str:
    """One step of it: `change`, `withdraw`, `return` or `new-link`."""
    return f"/registration/{secret}/{step}"


def participants_page(slug: str, **filters: str | int) -> str:
    """Those who consented to be listed."""
    return _with_filters(f"/{slug}/participants", filters)


def statistics_page(slug: str) -> str:
    """The numbers."""
    return f"/{slug}/statistics"


def desk_list(slug: str, **filters: str | int) -> str:
    """The desk's list of registrations."""
    return _with_filters(f"/{slug}/desk/registrations", filters)


def desk_file(slug: str, **filters: str | int) -> str:
    """The same list as CSV."""
    return _with_filters(f"/{slug}/desk/registrations.csv", filters)


def desk_page(slug: str, reference: str) -> str:
    """One registration at the desk."""
    return f"/{slug}/desk/registrations/{reference}"


def desk_step(slug: str, reference: str, step: str) -> str:
    """One step of the desk with it: `change`, `withdraw`, `reinstate` or `letter`."""
    return f"{desk_page(slug, reference)}/{step}"


def _with_filters(path: str, filters: dict[str, str | int]) -> str:
    given = {name: value for name, value in filters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
