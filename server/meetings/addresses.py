"""The addresses of a meeting's own pages."""


def home(slug: str) -> str:
    """The meeting's home page."""
    return f"/{slug}"


def desk(slug: str) -> str:
    """The desk: where organisers, rapporteurs and the registration desk work."""
    return f"/{slug}/desk"
