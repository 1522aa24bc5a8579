"""What `deploy/` sets up is what the server is and does; a backup made while people write comes back whole."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
import yaml
from starlette.routing import Route
from typer.testing import CliRunner

from scripts.needs import postgresql
from server.__main__ import app as commands
from server.app import routes
from server.database import POOL, connect
from server.limits import LINES
from server.mail import LAST_LETTER
from server.remote.live import LONGEST_WAIT
from server.remote.messages import PING_EVERY
from server.serving import GRACE, Server
from server.settings import Settings
from server.web.address import LONGEST_ADDRESS
from server.web.page import LARGEST_BODY
from server.web.render import static_version
from tests.makers import make_meeting, make_session
from tests.remote.follower import LIVE
from tests.world import World, wait_for

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
FILES = sorted(DEPLOY.iterdir())
PAGE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
APP = "/srv/plenary/app/"


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def nginx(directive: str) -> str:
    """The value of a directive that stands once in the file."""
    values = re.findall(rf"^\s*{directive} ([^;]+);", read("nginx.conf"), re.MULTILINE)
    assert len(values) == 1, (directive, values)
    return values[0]


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


def unit(name: str) -> dict[str, str]:
    """The service part of a unit; of a key that is set again the last value counts."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(read(name))
    return dict(parser["Service"])


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(read("compose.yaml"))


def test_every_file_is_explained_and_no_other() -> None:
    named = set(re.findall(r"`deploy/([\w.-]+)`", PAGE))
    assert named == {path.name for path in FILES}


def test_every_setting_that_is_set_is_one() -> None:
    named = {name for path in FILES for name in re.findall(r"PLENARY_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert named - {f"PLENARY_{name.upper()}" for name in Settings.model_fields} == set()
    assert {"PLENARY_VAR", "PLENARY_DATABASE", "PLENARY_PROXIES"} <= named


def test_every_command_that_is_given_is_one(compose: dict[str, Any]) -> None:
    lines = [unit(name)[key] for name in ("plenary.service",) for key in ("ExecStart", "ExecStartPre")]
    lines += [unit("workers.conf")["ExecStart"], *re.findall(r"^.*bin/plenary .*$", PAGE, re.MULTILINE)]
    lines += [f"plenary {compose['services'][name]['command']}" for name in ("migrate", "plenary")]
    lines += ["plenary " + " ".join(re.findall(r'"([^"]+)"', re.findall(r"^CMD (.*)$", read("Dockerfile"), re.M)[0]))]
    assert len(lines) == 8
    for line in lines:
        command, *words = shlex.split(re.split(r"(?:^|bin/)plenary ", line)[1])
        helped = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}).invoke(
            commands, [command, "--help"]
        )
        assert helped.exit_code == 0, line
        assert [word for word in words if word.startswith("--") and word not in helped.output] == [], line


def test_every_path_leads_to_a_file_of_ours(compose: dict[str, Any]) -> None:
    inside = {path for file in FILES for path in re.findall(rf"{APP}([\w./-]+)", file.read_text(encoding="utf-8"))}
    assert {"deploy", "deploy/backup.sh"} <= inside
    assert [path for path in inside if not path.startswith(".") and not (ROOT / path).exists()] == []
    copied = [word for line in re.findall(r"^COPY (.*)$", read("Dockerfile"), re.M) for word in line.split()[:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    mounted = [volume.split(":")[0] for volume in compose["services"]["web"]["volumes"] if volume.startswith(".")]
    assert [path for path in mounted if not (DEPLOY / path).exists()] == []
    assert (DEPLOY / compose["x-plenary"]["build"]["context"]).resolve() == ROOT


def test_all_speak_of_one_port_and_of_addresses_that_are_there() -> None:
    ports = {
        *re.findall(r"--port (\d+)", unit("plenary.service")["ExecStart"] + unit("workers.conf")["ExecStart"]),
        *re.findall(r"^\s+server 127.0.0.1:(\d+);", read("nginx.conf"), re.MULTILINE),
        *re.findall(r"\$UPSTREAM:127.0.0.1:(\d+)", read("Caddyfile")),
        *re.findall(r"http://127.0.0.1:(\d+)/healthz", read("Dockerfile")),
        *re.findall(r"plenary:(\d+)", read("compose.yaml")),
    }
    assert ports == {"8000"}
    paths = {route.path for route in routes() if isinstance(route, Route)}
    assert {"/healthz", "/readyz", "/metrics", "/{m}/sessions/{s}/live/events"} <= paths
    kept = re.findall(r"path_regexp static (\S+)", read("Caddyfile"))[0]
    assert re.match(kept, f"/static/{static_version()}/css/plenary.css")


def test_the_web_server_waits_longer_than_plenary_is_silent_and_keeps_lines_less_long(plenary: World) -> None:
    kept = Server(plenary.plenary, plenary.settings, "127.0.0.1", 0).config.timeout_keep_alive
    assert seconds(nginx("proxy_read_timeout")) > max(LONGEST_WAIT, PING_EVERY)
    assert kept > 60  # what nginx takes for `keepalive` when nothing else is said
    assert seconds(re.findall(r"keepalive (\d+)s", read("Caddyfile"))[0]) < kept


def test_the_web_server_lets_in_what_plenary_answers_itself() -> None:
    assert int(nginx("client_max_body_size").removesuffix("m")) << 20 > LARGEST_BODY
    assert int(re.findall(r"max_size (\d+)MB", read("Caddyfile"))[0]) * 1_000_000 > LARGEST_BODY
    number, each = nginx("large_client_header_buffers").split()
    assert int(each.removesuffix("k")) << 10 > LONGEST_ADDRESS + len("OPTIONS  HTTP/1.1\r\n")
    assert int(number) * int(each.removesuffix("k")) == int(
        re.findall(r"max_header_size (\d+)KB", read("Caddyfile"))[0]
    )


def test_there_is_time_to_stop_and_room_for_followers(compose: dict[str, Any]) -> None:
    served = compose["services"]["plenary"]
    assert int(unit("plenary.service")["TimeoutStopSec"]) > GRACE + LAST_LETTER
    assert seconds(served["stop_grace_period"]) > GRACE + LAST_LETTER
    files = {int(unit("plenary.service")["LimitNOFILE"]), served["ulimits"]["nofile"]}
    assert files == {131072}
    assert int(nginx("worker_rlimit_nofile")) >= 2 * int(re.findall(r"worker_connections (\d+)", read("nginx.conf"))[0])
    assert compose["services"]["web"]["ulimits"]["nofile"] == 2 * max(files)


def test_the_connections_of_all_workers_fit(compose: dict[str, Any]) -> None:
    workers = int(compose["services"]["plenary"]["command"].split("--workers ")[1])
    most = int(compose["services"]["database"]["command"].split("max_connections=")[1])
    each = POOL + LINES + 1
    assert most >= each * (workers + 1) + 10
    assert f"{each} × (4 + 1) = {each * 5}" in PAGE


def test_whom_to_believe_is_the_network_of_the_containers(compose: dict[str, Any]) -> None:
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert compose["x-plenary"]["environment"]["PLENARY_PROXIES"] == network["subnet"]


def test_what_is_to_be_watched_is_measured() -> None:
    measured = {metric.name for metric in prometheus_client.REGISTRY.collect()}
    named = set(re.findall(r"`((?:plenary|process)_[a-z_]+[a-z])`", PAGE))
    assert len(named) >= 5
    assert {name for name in named if name.removesuffix("_total") not in measured} == set()


# --- backup and restore


def back_up(world: World, folder: Path) -> Path:
    """Run the script as the unit does; the new backup."""
    programs = postgresql()
    assert programs
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PLENARY_VAR": str(world.folder),
        "PLENARY_DATABASE": world.settings.database,
    }
    made = subprocess.run(
        [DEPLOY / "backup.sh", folder], env=environment, cwd=world.folder, capture_output=True, text=True, timeout=60
    )
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.strip())


def restore(backup: Path, database: str) -> None:
    """Follow the page: bring the backup into an empty database and give the logs new names."""
    programs = postgresql()
    assert programs
    embedded = database.startswith("sqlite")
    update = re.findall(rf'{"sqlite3 var/plenary.db" if embedded else "psql plenary_again -c"} "(UPDATE [^"]+)"', PAGE)[
        0
    ]
    if embedded:
        shutil.copy(backup / "plenary.db", database.removeprefix("sqlite:///"))
    else:
        dump = backup / "plenary.dump"
        subprocess.run(
            [programs / "pg_restore", "--no-owner", "--exit-on-error", "--dbname", database, dump], check=True
        )
    engine = connect(database)
    with engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql(update)
    engine.dispose()


def test_a_backup_made_while_people_write_comes_back_whole(plenary: World, bare_database: str, tmp_path: Path) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db))
    writer = plenary.program("ray@example.org", role="rapporteur")
    reader = plenary.browser("ada@example.org")
    acknowledged: list[str] = []
    enough = threading.Event()

    def write() -> None:
        while not enough.is_set():
            text = f"Paragraph {len(acknowledged)}."
            assert writer.post(f"{LIVE}/paragraphs", json={"text": text}).status_code == 201
            acknowledged.append(text)

    writing = threading.Thread(target=write)
    writing.start()
    wait_for(lambda: len(acknowledged) >= 10)
    before = len(acknowledged)
    backup = back_up(plenary, tmp_path / "backups")
    after = len(acknowledged)
    wait_for(lambda: len(acknowledged) >= after + 10)
    enough.set()
    writing.join(20)

    restore(backup, bare_database)
    again = World(backup, bare_database)
    there = plenary.client().get(f"{LIVE}.json").json()
    here = again.client().get(f"{LIVE}.json").json()
    assert before <= len(here["paragraphs"]) <= after + 1
    assert here["paragraphs"] == there["paragraphs"][: len(here["paragraphs"])]
    assert again.client(cookies=reader.cookies).get("/account").status_code == 200
    # Somebody who has read further than the backup goes is given everything anew.
    asked = again.client().get(f"{LIVE}.json", params={"after": f"{there['epoch']}:{here['offset']}"}).json()
    assert (asked["type"], asked["paragraphs"]) == ("snapshot", here["paragraphs"])
    again.close()


def test_a_backup_holds_what_a_new_machine_needs_and_nobody_else_may_read_it(plenary: World, tmp_path: Path) -> None:
    (plenary.folder / "secret").write_text("a secret for tests")
    (plenary.folder / ".env").write_text("PLENARY_LOG=json\n")
    backup = back_up(plenary, tmp_path / "backups")
    database = "plenary.db" if plenary.store.embedded else "plenary.dump"
    assert sorted(path.name for path in backup.iterdir()) == sorted([database, "secret", "env"])
    assert (backup / "secret").read_text() == "a secret for tests"
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [backup.name]
    assert backup.stat().st_mode & 0o077 == 0


def test_a_backup_that_fails_says_so_and_leaves_nothing_that_looks_like_one(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PLENARY_VAR": str(tmp_path / "nowhere")}
    made = subprocess.run(
        [DEPLOY / "backup.sh", tmp_path / "backups"], env=environment, cwd=tmp_path, capture_output=True, timeout=60
    )
    assert made.returncode != 0
    assert [path.name for path in (tmp_path / "backups").iterdir() if not path.name.startswith(".")] == []
