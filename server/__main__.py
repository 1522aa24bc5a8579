"""The commands of `plenary`."""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from server import clock, demonstration, schema
from server.app import create_app, notice_board
from server.database import Database, Store
from server.loading import Refused, Report
from server.logs import start_logging
from server.meetings.actions import grant_role
from server.meetings.forms import SLUG
from server.meetings.listing import load_listing
from server.meetings.models import LONGEST_SLUG, RESERVED_SLUGS, Role
from server.meetings.queries import meeting_by_slug
from server.people import addresses as people_addresses
from server.people.actions import invite as invite_person
from server.people.actions import make_token, person_for
from server.problems import Problem
from server.registration.past_figures import is_list, load_figures
from server.remote import follow as following
from server.schedule.loading import load_programme
from server.schedule.taking_in import TABLES, load_foreign
from server.serving import Server, Workers
from server.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Run an open meeting end to end.")
Port = Annotated[int, typer.Option(help="TCP port to listen on.")]
Slug = Annotated[str, typer.Option("--meeting", metavar="SLUG", help="The meeting's slug, as in its address.")]


def _open(settings: Settings) -> Store:
    return Store(settings.database, notice_board())


def _open_migrated(settings: Settings) -> Store:
    store = _open(settings)
    if not schema.is_migrated(store.engine):
        raise _fail("The database does not have the newest schema. Run `plenary migrate` first.")
    return store


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
def load(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="A programme (.yaml), a list of meetings or of figures of past ones (.csv); with --meeting an exchange "
            "file (.json, .xml) or a table of sessions (.csv, .xlsx).",
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    meeting: Annotated[
        str,
        typer.Option(metavar="SLUG", help="The meeting of an exchange file, which it makes if need be, or of a table."),
    ] = "",
    cancel_missing: Annotated[
        bool, typer.Option("--cancel-missing", help="Cancel sessions that came from such a file and are in it no more.")
    ] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="Leave the changes in the draft, to be published at the desk.")
    ] = False,
    letters: Annotated[
        bool, typer.Option("--letters/--no-letters", help="Write to those whom changes concern.")
    ] = True,
) -> None:
    """Load a programme or a list: all of it or nothing, and the same file again changes nothing."""
    kind = file.suffix.lower()
    work = _loading(file, kind, meeting, cancel_missing=cancel_missing, draft=draft, letters=letters)
    store = _open_migrated(_start())
    try:
        with store.writing() as db:
            report = work(db)
            lines = report.lines or ["Everything is as in the file already."]
            if dry_run:
                typer.echo("\n".join(["Nothing is done yet. This would be:", *lines]))
                raise typer.Exit  # leaving by an exception undoes it all
        typer.echo("\n".join(lines))
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise _fail(f"{file}:{line}: this is not UTF-8 text") from fault
    except Refused as refused:
        raise _fail(
            "\n".join(f"{file}:{line}: {why}" if line else f"{file}: {why}" for line, why in refused.faults)
        ) from refused
    except Problem as problem:
        raise _fail(f"{file}: {problem}") from problem


def _loading(
    file: Path, kind: str, meeting: str, *, cancel_missing: bool, draft: bool, letters: bool
) -> Callable[[Database], Report]:
    """What loading this file is. Ends the command with a sentence when nothing can be made of it."""
    now = clock.now()
    if kind in (".yaml", ".yml", ".csv") and not meeting:
        if cancel_missing or draft:
            raise _fail(f"{file}: --cancel-missing and --draft are for files that are loaded with --meeting.")
        if kind == ".csv":
            return lambda db: _load_list(db, file.read_text("utf-8-sig"), now)
        return lambda db: load_programme(db, file.read_text("utf-8-sig"), now, tell=letters)
    if kind in (".yaml", ".yml"):
        raise _fail(f"{file}: this file names its meeting itself; leave --meeting out.")
    if kind not in (".json", ".xml", *TABLES):
        raise _fail(
            f"{file}: please name a programme (.yaml, .yml), a list of meetings (.csv), an exchange file (.json, .xml) "
            "or a table of sessions (.csv, .xlsx)."
        )
    if not meeting:
        raise _fail(f"{file}: please say with --meeting SLUG which meeting this is the programme of.")
    if not SLUG.fullmatch(meeting) or meeting in RESERVED_SLUGS or len(meeting) > LONGEST_SLUG:
        raise _fail(f"{file}: “{meeting}” cannot name a meeting: use small letters, digits and hyphens.")
    return lambda db: load_foreign(
        db, meeting, file.name, file.read_bytes(), now, cancel_gone=cancel_missing, publish_it=not draft, tell=letters
    )


def _load_list(db: Database, text: str, now: datetime) -> Report:
    """What a list without a meeting of its own is, its header says."""
    return load_figures(db, text) if is_list(text) else load_listing(db, text, now)


@app.command()
def invite(email: str, meeting: Slug, role: Annotated[Role, typer.Option(help="What they will be.")]) -> None:
    """Grant a role at once and print a sign-in link (7 days, single use)."""
    settings = _start()
    now = clock.now()
    try:
        with _open_migrated(settings).writing() as db:
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
        with _open_migrated(settings).writing() as db:
            made = make_token(db, person_for(db, email, now), label, now)
    except ValueError as problem:
        raise _fail(str(problem)) from problem
    typer.echo(made)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Serve."""
    settings = _start(port)
    if workers == 1:
        Server(create_app(settings), settings, host, port).run()
        return
    if settings.database.startswith("sqlite"):
        raise _fail("SQLite is for one process. Set PLENARY_DATABASE to a PostgreSQL database to use more.")
    _open(settings).close()  # an address that means nothing ends us here, and not each worker again and again
    Workers(settings, host, port, workers).run()


@app.command()
def demo(
    port: Port = 8000,
    today: Annotated[bool, typer.Option("--today", help="Let the meeting take place now.")] = False,
) -> None:
    """Run the Internet Governance Forum of 2014 as a demonstration."""
    settings = _start(port)
    plenary = create_app(settings)
    schema.migrate(plenary.store.engine)
    with plenary.store.writing() as db:
        links = demonstration.prepare(db, settings, clock.now(), today=today)
    typer.echo(f"\n  The ninth Internet Governance Forum: {links.home}\n")
    if links.live:
        typer.echo(f"  On now, being written:     {links.live}")
    typer.echo(f"  Sign in as an organiser:   {links.organiser}")
    typer.echo(f"  Sign in as a rapporteur:   {links.rapporteur}")
    typer.echo(f"  Letters are written to:    {settings.mail.partition(':')[2]}\n")
    sys.stdout.flush()
    kind = demonstration.DemoServer if today else Server
    kind(plenary, settings, "127.0.0.1", port).run()


@app.command()
def follow(
    url: Annotated[str, typer.Argument(help="A session's address, or that of its live page.")],
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on after this cursor.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")] = False,
) -> None:
    """Follow a session's live summary in the terminal."""

    def note(text: str) -> None:
        typer.echo(text, err=True)

    def tell(line: str) -> None:
        try:
            typer.echo(f"{line}\n".encode(), nl=False)  # as bytes: UTF-8 whatever the terminal thinks
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read it has had enough, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None

    try:
        asyncio.run(following.follow(url, after, tell, note, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except (ValueError, following.NoSuchSummaryError) as problem:
        raise _fail(str(problem)) from problem


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
