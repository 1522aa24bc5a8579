"""Files made to harm: they are refused, or read as plain text, and the server goes on."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from server.loading import Refused
from server.meetings.parts import key_for
from server.schedule.incoming import Frame
from server.schedule.prose import markdown_of
from server.schedule.sheets import read_rows
from server.schedule.tables import to_xlsx

EMPTY = Frame("UTC", ("2014-09-02",), {}, {}, {})


def reworked(change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    """A workbook of ours, each of whose parts (name and content) was changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(to_xlsx([], EMPTY))) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            after.writestr(*change(name, before.read(name)))
    return made.getvalue()


def far(reference: bytes) -> Callable[[str, bytes], tuple[str, bytes]]:
    """One cell at the far end of the first sheet."""

    def change(name: str, content: bytes) -> tuple[str, bytes]:
        cell = b'<row><c %s t="inlineStr"><is><t>x</t></is></c></row></sheetData>' % reference
        return name, content.replace(b"</sheetData>", cell) if name.endswith("sheet1.xml") else content

    return change


def moved(name: str, content: bytes) -> tuple[str, bytes]:
    """The far cell in a sheet that is elsewhere than usual."""
    name, content = far(b'r="XFD1048576"')(name, content)
    place, renamed = b"worksheets/sheet1.xml", b"elsewhere/one.xml"
    return name.replace("worksheets/sheet1.xml", "elsewhere/one.xml"), content.replace(place, renamed)


def without_places(name: str, content: bytes) -> tuple[str, bytes]:
    """Very many rows and cells that do not say where they are."""
    many = b"<row/>" * 45_000 + b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row></sheetData>"
    return name, content.replace(b"</sheetData>", many) if name.endswith("sheet1.xml") else content


@pytest.mark.parametrize(
    "change", [far(b'r="XFD1048576"'), far(b'r ="XFD1048576"'), far(b"r='XFD1048576'"), moved, without_places]
)
def test_a_small_workbook_that_says_it_is_large_is_refused(change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    with pytest.raises(Refused):
        read_rows("a.xlsx", reworked(change))


def test_a_workbook_of_ours_is_read() -> None:
    assert read_rows("a.xlsx", reworked(lambda name, content: (name, content)))[0][:3] == ["code", "status", "type"]


@pytest.mark.parametrize(
    "text", ["<p>x <![foo[ bar]]>", "<p>x</p><![ y", "<b>" * 2000, "<a " * 6600 + "x", "<p>" + "x" * 60_000]
)
def test_html_that_no_parser_likes_is_taken_as_it_stands(text: str) -> None:
    assert markdown_of(text) == text


def test_of_very_many_with_one_name_each_has_a_key_of_its_own() -> None:
    taken, counted = {"tba-3"}, dict[str, int]()
    for _ in range(20_000):
        taken.add(key_for("TBA", taken, "s", counted))
    assert len(taken) == 20_001
    assert all(re.fullmatch(r"tba(-\d+)?", key) for key in taken)
