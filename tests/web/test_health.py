"""What an operator's machines ask: is it up, is it ready, what does it count."""

import re
import socket
from collections.abc import Callable

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text

from server.remote import bus
from server.web import health
from tests.world import World, wait_for

TOKEN = "metrics-token"


def test_a_running_server_is_up_and_ready(plenary: World) -> None:
    client = plenary.client()
    assert client.get("/healthz").text == "ok\n"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "schema": "ok", "listening": "ok", "serving": "ok"}
    assert answer.headers["cache-control"] == "no-store"


def test_without_the_newest_schema_it_is_up_but_not_ready(plenary: World) -> None:
    with plenary.store.writing() as db:
        db.execute(text("DELETE FROM alembic_version"))
    client = plenary.client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "database": "ok", "schema": "not migrated: run `plenary migrate`", "listening": "ok", "serving": "ok",
    }  # fmt: skip


def test_without_its_database_it_is_up_but_not_ready(start_plenary: Callable[..., World], database: str) -> None:
    gone = make_url(database).set(database="/no/such/plenary.db" if "sqlite" in database else "no_such_database")
    client = start_plenary(database=gone.render_as_string(hide_password=False)).client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "out of reach"
    assert client.get("/meetings").status_code in (500, 503)


def test_a_database_that_says_nothing_is_not_waited_for(
    start_plenary: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "QUICK", 0.2)
    monkeypatch.setattr(bus, "START", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the line, and then says nothing
        world = start_plenary(database=f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/plenary")
        answer = world.client().get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["listening"][:4]) == ("no answer within 0.2 s", "lost")


def test_metrics_count_requests_by_route_and_never_by_address(plenary: World) -> None:
    client = plenary.client()
    client.get("/registration/a.secret")
    client.get("/no/such/page")
    seen = client.get("/metrics").text
    assert re.search(
        r'plenary_http_requests_total\{method="GET",route="/registration/\{secret\}",status="404"\} [1-9]', seen
    )
    assert "a.secret" not in seen
    assert "no/such" not in seen
    assert "plenary_http_request_seconds_bucket" in seen


def test_metrics_are_for_this_machine_and_for_bearers_of_the_token(start_plenary: Callable[..., World]) -> None:
    client = start_plenary(metrics_token=SecretStr(TOKEN)).client()
    assert client.get("/metrics").status_code == 200
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    assert client.get("/metrics", headers=elsewhere).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1, 203.0.113.7"}).status_code == 403
    for bearer, status in ((TOKEN, 200), (TOKEN + "x", 403), ("x", 403), ("ключ", 403)):
        answer = client.get("/metrics", headers={**elsewhere, "Authorization": f"Bearer {bearer}".encode()})
        assert answer.status_code == status, bearer


def test_without_a_metrics_token_no_bearer_is_let_in(plenary: World) -> None:
    answer = plenary.client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.7", "Authorization": "Bearer"})
    assert answer.status_code == 403


def test_a_server_that_stops_is_no_longer_ready_and_ends(plenary: World) -> None:
    plenary.close()
    wait_for(lambda: not plenary._thread.is_alive())
