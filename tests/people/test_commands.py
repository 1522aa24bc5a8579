"""The commands about people, as an operator types them."""

from pathlib import Path

import pytest

from tests.process import run

COMMANDS = [("token", "ada@example.org"), ("invite", "ada@example.org", "--role", "desk", "--meeting", "igf2014")]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_database_a_command_says_what_to_do_first(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = run(f"sqlite:///{tmp_path}/empty.db", tmp_path, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The database does not have the newest schema. Run `plenary migrate` first.\n"
