"""Files that come with a form: how many of them somebody may send, and their way back to those who may see them."""

from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response

from server.limits import Limits
from server.registration.file_content import download_name
from server.registration.models import AnswerFile, Registration
from server.registration.questions import MOST_FILES, MOST_MEGABYTES
from server.web.page import Request

#: How the addresses end at which a form may bring files, and their bytes together.
FILE_PLACES = ("/register", "/change")
LARGEST_FILES = MOST_FILES * MOST_MEGABYTES * 1024 * 1024
#: For whoever opens it in a window after all: nothing in it runs, and nothing is loaded.
CSP = "default-src 'none'; sandbox"


def count_files(request: Request) -> None:
    """Count the files of a form before anybody looks into them; raises TooMany when too many came from somebody."""
    who = f"person {request.person.id}" if request.person is not None else request.address
    for _, value in request.data.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            request.limits.count(Limits.PER_HANDER, "file", who)


def sent_file(registration: Registration, file: AnswerFile) -> Response:
    """A file to be kept and not to be shown, whatever it holds: of the type we found, under a name of plain letters."""
    name = f"{registration.reference}-{download_name(file.name, file.content_type)}"
    whole = quote(f"{registration.reference} {file.name}", safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{whole}",
        "Content-Security-Policy": CSP,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.content, headers=headers, media_type=file.content_type)
