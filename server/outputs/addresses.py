"""The addresses of documents, public and at the desk."""


def outputs_page(slug: str) -> str:
    """The published documents of a meeting."""
    return f"/{slug}/outputs"


def output_page(slug: str, document: str, version: int | None = None, form: str = "") -> str:
    """A document: its newest version, or the one named; as a page, or as a file (`form` is `txt` or `md`)."""
    which = f"/v{version}" if version else ""
    ending = f".{form}" if form else ""
    return f"/{slug}/outputs/{document}{which}{ending}"


def desk_page(slug: str) -> str:
    """The desk's list of documents, by stage."""
    return f"/{slug}/desk/outputs"


def review_page(slug: str, document: str) -> str:
    """Where a document is reviewed, signed off and published."""
    return f"/{slug}/desk/outputs/{document}"
