"""The addresses of registering, of one's own registration, and of the desk's lists."""

from collections.abc import Iterable
from urllib.parse import urlencode

ACCOUNT_DATA = "/account/data.json"
ERASE_ACCOUNT = "/account/erase"
ACCOUNT_ERASED = "/account/erased"

#: What narrows a list, as an address has it: names with values, a name as often as it has values.
Pairs = Iterable[tuple[str, str]]


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
    """One step of it: `change`, `accept`, `withdraw`, `return`, `address`, `new-link`, `data.json` or `erase`."""
    return f"/registration/{secret}/{step}"


def erased_page(slug: str) -> str:
    """Where somebody lands whose registration was erased."""
    return f"/{slug}/erased"


def own_file(secret: str, number: int) -> str:
    """A file that somebody has handed in, for themselves."""
    return f"/registration/{secret}/files/{number}"


def confirming_page(secret: str) -> str:
    """Where a new mail address is confirmed."""
    return f"/registration/address/{secret}"


def own_at(slug: str) -> str:
    """One's own registration at a meeting, for who is signed in."""
    return f"/{slug}/registration"


def participants_page(slug: str) -> str:
    """Those who consented to be listed."""
    return f"/{slug}/participants"


def statistics_page(slug: str) -> str:
    """The numbers."""
    return f"/{slug}/statistics"


def statistics_file(slug: str) -> str:
    """The same numbers as CSV."""
    return f"/{slug}/statistics.csv"


def desk_statistics(slug: str) -> str:
    """The exact numbers, for organisers."""
    return f"/{slug}/desk/statistics"


def desk_list(slug: str, filters: Pairs = ()) -> str:
    """The desk's list of registrations."""
    return _with_filters(f"/{slug}/desk/registrations", filters)


def desk_file(slug: str, form: str, filters: Pairs = ()) -> str:
    """The same list as a file, `csv` or `xlsx`."""
    return _with_filters(f"/{slug}/desk/registrations.{form}", filters)


def desk_bulk(slug: str, filters: Pairs = ()) -> str:
    """Where something is done with many of them, and what came of it is read."""
    return _with_filters(f"/{slug}/desk/registrations/bulk", filters)


def admission_page(slug: str) -> str:
    """How the meeting registers."""
    return f"/{slug}/desk/registration"


def desk_page(slug: str, reference: str, filters: Pairs = ()) -> str:
    """One registration at the desk; `filters` are those of the list to which one goes back."""
    return _with_filters(f"/{slug}/desk/registrations/{reference}", filters)


def desk_step(slug: str, reference: str, step: str, filters: Pairs = ()) -> str:
    """One step of the desk with it, such as `change` or `withdraw`."""
    return _with_filters(f"/{slug}/desk/registrations/{reference}/{step}", filters)


def reminders_page(slug: str) -> str:
    """The organisers' letters to those who registered."""
    return f"/{slug}/desk/reminders"


def reminder_page(slug: str, number: int) -> str:
    """One of them."""
    return f"{reminders_page(slug)}/{number}"


def reminder_step(slug: str, number: int, step: str) -> str:
    """What is done with it: `schedule`, `stop` or `remove`."""
    return f"{reminder_page(slug, number)}/{step}"


def desk_file_of(slug: str, reference: str, number: int) -> str:
    """A file that somebody has handed in, for the desk."""
    return f"/{slug}/desk/registrations/{reference}/files/{number}"


def questions_page(slug: str) -> str:
    """The meeting's own questions."""
    return f"/{slug}/desk/registration/questions"


def question_page(slug: str, number: int) -> str:
    """One of them."""
    return f"{questions_page(slug)}/{number}"


def _with_filters(path: str, filters: Pairs) -> str:
    query = urlencode([(name, value) for name, value in filters if value])
    return f"{path}?{query}" if query else path
