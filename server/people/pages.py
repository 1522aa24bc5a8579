"""The pages on which people sign in and out, and of their accounts."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.limits import Limits
from server.meetings.queries import roles_of_person
from server.people.actions import (
    LINK_SPENT,
    ask_for_link,
    change_account,
    end_other_visits,
    end_visit,
    make_token,
    revoke_token,
    sign_in,
)
from server.people.addresses import ACCOUNT, SIGN_IN, local_path
from server.people.forms import AccountForm, SignInForm, TokenForm
from server.people.models import SignInLink, normal_address
from server.people.queries import tokens_of, usable_link, visits_of
from server.problems import NotAllowed, NotFound
from server.tokens import hashed
from server.web import language, visit
from server.web.page import Request, answer, has_bearer, kept_nowhere, need_person, page, see_other, show, show_again


@page
def show_sign_in(request: Request, db: Database) -> Response:
    """Asks for a mail address, or says to look into one's mail."""
    if request.person is not None:
        return see_other(ACCOUNT)
    form = SignInForm(data={"next": request.query_params.get("next", "")})
    return show(request, "people/sign_in.html", form=form, sent="sent" in request.query_params)


@page
def submit_sign_in(request: Request, db: Database) -> Response:
    """Has a link mailed. The answer is the same whether or not there is an account; so is that it was asked too often."""
    form = SignInForm(request.data)
    if not form.validate():
        return show_again(request, "people/sign_in.html", form, sent=False)
    address = normal_address(form.email.data or "")
    request.limits.count(Limits.PER_MAILBOX, address)
    ask_for_link(db, address, local_path(form.next.data), language.current.get(), request.now)
    if request.wants_json:
        return answer(
            {"detail": language.gettext("If there is an account of this address, a letter is on its way.")}, 202
        )
    return see_other(f"{SIGN_IN}?sent=1")


def _good_link(request: Request, db: Database) -> SignInLink:
    link = usable_link(db, request.path_params["secret"], request.now)
    if link is None:
        request.limits.count(Limits.PER_GUESS, "sign-in", request.address)
        raise NotFound(LINK_SPENT)
    return link


@page
def show_link(request: Request, db: Database) -> Response:
    """Says who would sign in and where to. Only a button does it: programs that look at mail open every link."""
    link = _good_link(request, db)
    return show(request, "people/link.html", link=link)


@page
def submit_link(request: Request, db: Database) -> Response:
    """Signs in, once. A visit that this browser had before is over, and what it kept for a stranger is the account's."""
    link = _good_link(request, db)
    end_visit(db, visit.secret_of(request))
    browser = request.headers.get("user-agent", "")
    visit.begin(request, sign_in(db, link, request.now, browser=browser, kept=visit.kept(request)))
    return see_other(local_path(link.next))


@page
def show_sign_out(request: Request, db: Database) -> Response:
    """A button to sign out."""
    return show(request, "people/sign_out.html")


@page
def submit_sign_out(request: Request, db: Database) -> Response:
    """Signs this browser out."""
    end_visit(db, visit.secret_of(request))
    visit.end(request)
    return see_other("/")


def _account(request: Request, db: Database) -> dict[str, Any]:
    """What the account page shows besides its forms."""
    person = need_person(request)
    secret = visit.secret_of(request)
    return {
        "roles": roles_of_person(db, person),
        "tokens": tokens_of(db, person),
        "visits": visits_of(db, person, request.now),
        "this_visit": hashed(secret) if secret else None,
        "form": AccountForm(obj=person),
        "token_form": TokenForm(),
    }


@page
def show_account(request: Request, db: Database) -> Response:
    """One's name and language, roles, tokens and signed-in browsers."""
    return show(request, "people/account.html", saved="saved" in request.query_params, **_account(request, db))


@page
def submit_account(request: Request, db: Database) -> Response:
    """Changes name and language."""
    account = _account(request, db)
    form = AccountForm(request.data)
    if not form.validate():
        return show_again(request, "people/account.html", **{**account, "saved": False, "form": form})
    change_account(db, request.person, form.name.data or "", form.language.data)
    return see_other(f"{ACCOUNT}?saved=1&lang={form.language.data}")


def _need_browser(request: Request) -> None:
    """Raises NotAllowed for a program: with a token that got lost nobody should be able to make lasting ones."""
    need_person(request)
    if has_bearer(request.headers):
        raise NotAllowed(language.N_("Tokens are managed by people. Please sign in with a browser."))


@page
def show_tokens(request: Request, db: Database) -> Response:
    """The account page's part on tokens: where somebody lands who reloads a new token's page or changes its language."""
    return see_other(f"{ACCOUNT}#tokens")


@page
def submit_token(request: Request, db: Database) -> Response:
    """Makes a token and shows it. It is kept nowhere, so this answer is no redirect."""
    _need_browser(request)
    form = TokenForm(request.data)
    if not form.validate():
        return show_again(
            request, "people/account.html", **{**_account(request, db), "saved": False, "token_form": form}
        )
    token = make_token(db, request.person, form.label.data or "", request.now)
    response = show(request, "people/token.html", status=201, token=token, label=form.label.data)
    return kept_nowhere(response)


@page
def submit_token_revoked(request: Request, db: Database) -> Response:
    """Revokes one of one's own tokens."""
    _need_browser(request)
    revoke_token(db, request.person, request.path_params["id"])
    return see_other(f"{ACCOUNT}#tokens")


@page
def submit_other_visits(request: Request, db: Database) -> Response:
    """Signs out every other browser."""
    _need_browser(request)
    end_other_visits(db, request.person, visit.secret_of(request))
    return see_other(f"{ACCOUNT}#browsers")


ROUTES: list[BaseRoute] = [
    Route("/sign-in", show_sign_in),
    Route("/sign-in", submit_sign_in, methods=["POST"]),
    Route("/sign-in/{secret}", show_link),
    Route("/sign-in/{secret}", submit_link, methods=["POST"]),
    Route("/sign-out", show_sign_out),
    Route("/sign-out", submit_sign_out, methods=["POST"]),
    Route("/account", show_account),
    Route("/account", submit_account, methods=["POST"]),
    Route("/account/tokens", show_tokens),
    Route("/account/tokens", submit_token, methods=["POST"]),
    Route("/account/tokens/{id:int}/revoke", submit_token_revoked, methods=["POST"]),
    Route("/account/end-other-visits", submit_other_visits, methods=["POST"]),
]
