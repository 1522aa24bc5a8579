"""The commands of `plenary`."""

from typing import Annotated

import typer

from server import clock, schema
from server.app import notice_board
from server.database import Store
from server.logs import start_logging
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.meetings.queries import meeting_by_slug
from server.people import addresses as people_addresses
from server.people.actions import invite as invite_person
from server.people.actions import make_token, person_for
from server.problems import Problem
from server.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Run an open meeting end to end.")
Port = Annotated[int, typer.Option(help="TCP port to listen on.")]
Slug = Annotated[str, typer.Option("--meeting", metavar="SLUG", help="The meeting's slug, as in its address.")]


def _open(settings: Settings) -> Store:
    return Store(settings.database, notice_board())


def _start(port: int = 8000) -> Settings:
    settings = Settings.load(port)
    start_logging(settings.log)
    return settings


def _fail(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    store = _open(_start())
    schema.migrate(store.engine)
    typer.echo("The database has the newest schema.")


@app.command()
def invite(email: str, meeting: Slug, role: Annotated[Role, typer.Option(help="What they will be.")]) -> None:
    """Grant a role at once and print a sign-in link (7 days, single use)."""
    settings = _start()
    now = clock.now()
    try:
        with _open(settings).writing() as db:
            at = meeting_by_slug(db, meeting)
            person, secret = invite_person(db, email, f"/{at.slug}/desk", now)
            grant_role(db, person, role, at)
    except (Problem, ValueError) as problem:
        raise _fail(str(problem)) from problem
    typer.echo(people_addresses.sign_in_link(settings.base_url, secret))


@app.command()
def token(email: str, label: Annotated[str, typer.Option(help="What it is for.")] = "") -> None:
    """Print an API token with this person's roles. It is shown this once."""
    settings = _start()
    now = clock.now()
    try:
        with _open(settings).writing() as db:
            made = make_token(db, person_for(db, email, now), label, now)
    except ValueError as problem:
        raise _fail(str(problem)) from problem
    typer.echo(made)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
