"""The addresses of a meeting's own pages."""

MEETINGS = "/meetings"
NEW = "/meetings/new"


def home(slug: str) -> str:
    """The meeting's home page."""
    return f"/{slug}"


def desk(slug: str) -> str:
    """The desk: where organisers, rapporteurs and the registration desk work."""
    return f"/{slug}/desk"


def desk_meeting(slug: str) -> str:
    """The facts of the meeting, to change them."""
    return f"/{slug}/desk/meeting"


def desk_roles(slug: str) -> str:
    """Who has which role."""
    return f"/{slug}/desk/roles"


def desk_parts(slug: str, kind: str) -> str:
    """All `tracks`, `types` or `rooms`."""
    return f"/{slug}/desk/{kind}"


def desk_part(slug: str, kind: str, part_id: int) -> str:
    """One track, type or room, to change it."""
    return f"/{slug}/desk/{kind}/{part_id}"
