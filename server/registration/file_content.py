"""What a file that somebody hands in really is, by what is in it and not by what it is called."""

import re
import unicodedata

#: What is taken, with the ending that its name gets.
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_PDF_HEAD = re.compile(rb"%PDF-[12]\.\d[\r\n ]")
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
#: Frames of JPEG (ITU-T T.81, table B.1), and markers that stand alone.
_FRAMES = frozenset([*range(0xC0, 0xD0)]) - {0xC4, 0xC8, 0xCC}
#: Bytes with which a marker may be filled up before it; and pieces after which it is no file that anybody made.
_FILL = re.compile(rb"\xff*")
MOST_PIECES = 2000
_ALONE = frozenset([0x01, *range(0xD0, 0xD8)])
_LONGEST_NAME = 200


def content_type_of(content: bytes) -> str:
    """`application/pdf`, `image/png` or `image/jpeg` for what is one from its first byte on; empty for everything else."""
    if _is_pdf(content):
        return "application/pdf"
    if _is_png(content):
        return "image/png"
    return "image/jpeg" if _is_jpeg(content) else ""


def _is_pdf(content: bytes) -> bool:
    """ISO 32000-1, 7.5: it begins with its version, and near its end says where its table is and that this is the end."""
    end = content[-2048:]
    return _PDF_HEAD.match(content) is not None and -1 < end.rfind(b"startxref") < end.rfind(b"%%EOF")


def _is_png(content: bytes) -> bool:
    """ISO/IEC 15948, 5: signature, then chunks, of which IHDR is first and IEND last."""
    if not content.startswith(_PNG_HEAD) or content[8:16] != b"\0\0\0\rIHDR" or not any(content[16:20]):
        return False
    at = len(_PNG_HEAD)
    for _ in range(MOST_PIECES):
        if at + 12 > len(content):
            break
        kind, size = content[at + 4 : at + 8], int.from_bytes(content[at : at + 4])
        if kind == b"IEND":
            return size == 0
        at += size + 12
    return False


def _is_jpeg(content: bytes) -> bool:
    """ITU-T T.81, B.2: start of image, segments with a frame among them, a scan, end of image.

    Cameras write more behind the end, such as a short film, which is left alone.
    """
    if not content.startswith(b"\xff\xd8\xff"):
        return False
    at, frame = 2, False
    for _ in range(MOST_PIECES):
        at = _FILL.match(content, at).end() - 1  # type: ignore[union-attr]  # it matches nothing, too
        if at < 0 or at + 4 > len(content) or content[at : at + 1] != b"\xff":
            break
        marker = content[at + 1]
        if marker == 0xDA:
            return frame and content.find(b"\xff\xd9", at) > 0
        if marker in _ALONE:
            at += 2
            continue
        frame = frame or marker in _FRAMES
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return False


def shown_name(name: str) -> str:
    """What a file is called, as a text of one line: without folders, and without what is no text or turns it round."""
    last = re.split(r"[/\\]", name)[-1][-2 * _LONGEST_NAME :]  # no accents without end to be put in order
    text = "".join(mark for mark in last if unicodedata.category(mark)[0] != "C")
    return unicodedata.normalize("NFC", " ".join(text.split()))[-_LONGEST_NAME:] or "file"


def download_name(name: str, content_type: str) -> str:
    """A name under which every system keeps a file: plain letters, digits and hyphens, and the ending of what it is."""
    stem = name.rpartition(".")[0] or name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60]
    return (safe or "file") + ENDINGS.get(content_type, "")
