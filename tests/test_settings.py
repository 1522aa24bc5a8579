"""Settings: what they are when nobody sets them, the secret, and that each is written down."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def bare_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with no `.env` and an environment with no setting."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PLENARY_{name.upper()}", raising=False)


def test_without_any_setting_everything_is_in_var(tmp_path: Path) -> None:
    settings = Settings.load(8123)
    assert settings.var == tmp_path / "var"
    assert settings.database == f"sqlite:///{tmp_path}/var/plenary.db"
    assert settings.mail == f"folder:{tmp_path}/var/mail"
    assert settings.base_url == "http://127.0.0.1:8123"
    assert not settings.https
    assert (tmp_path / "var").is_dir()


def test_settings_come_from_the_environment_and_before_it_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PLENARY_BASE_URL=https://file.example\nPLENARY_MAIL=smtp://file.example\n")
    monkeypatch.setenv("PLENARY_BASE_URL", "https://igf.example/")
    settings = Settings.load()
    assert (settings.base_url, settings.mail) == ("https://igf.example", "smtp://file.example")
    assert settings.https


def test_the_folder_is_there_even_when_the_secret_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLENARY_SECRET", "x" * 32)
    assert Settings.load().secret.get_secret_value() == "x" * 32
    assert [path.name for path in (tmp_path / "var").iterdir()] == []


def test_the_secret_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    first = Settings.load().secret.get_secret_value()
    kept = tmp_path / "var" / "secret"
    assert len(first) >= 64
    assert kept.read_text() == first
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Settings.load().secret.get_secret_value() == first


def test_of_parallel_first_starts_all_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as starts:
        secrets = {settings.secret.get_secret_value() for settings in starts.map(Settings.load, [8000] * 16)}
    assert len(secrets) == 1
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret"]


def test_a_base_url_that_is_none_is_refused_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("igf.example", "ftp://igf.example", "https://", "https://igf.example/sub/path"):
        monkeypatch.setenv("PLENARY_BASE_URL", wrong)
        with pytest.raises(ValidationError, match=r"PLENARY_BASE_URL is the public address, such as https://"):
            Settings.load()


def test_a_way_out_for_letters_that_is_none_is_refused_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLENARY_MAIL", "sendmail")
    with pytest.raises(ValidationError, match=r"PLENARY_MAIL is folder:PATH, smtp://HOST"):
        Settings.load()


def test_secrets_are_not_shown_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLENARY_METRICS_TOKEN", "a token nobody should see")
    monkeypatch.setenv("PLENARY_MAIL", "smtp://ada:nobody%20should%20see@mail.example")
    monkeypatch.setenv("PLENARY_DATABASE", "postgresql://ada:nobody@db.example/plenary")
    settings = Settings.load()
    shown = f"{settings} {settings!r}"
    assert settings.secret.get_secret_value() not in shown
    assert "nobody" not in shown


@pytest.mark.parametrize("file", ["docs/deploying.md", ".env.example"])
def test_every_setting_is_written_down_and_nothing_else(file: str) -> None:
    settings = {f"PLENARY_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bPLENARY_[A-Z_]+\b", (ROOT / file).read_text())) == settings
