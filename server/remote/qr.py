"""An address as a QR code, drawn in SVG."""

import segno
from markupsafe import Markup


def qr_code(address: str, label: str) -> Markup:
    """The code, dark on light whatever is around it: many cameras read no other. `label` says what it is."""
    drawn = segno.make_qr(address, error="m").svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr"
    )
    return Markup(drawn.replace("<svg ", Markup('<svg role="img" aria-label="{}" ').format(label), 1))  # noqa: S704 (segno draws paths, the label is escaped)
