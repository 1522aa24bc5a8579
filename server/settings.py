"""Settings are read once, from the environment or `.env`, and never change while the server runs."""

import os
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything an operator can set; each is described in `docs/deploying.md` and `.env.example`."""

    model_config = SettingsConfigDict(env_prefix="PLENARY_", env_file=".env", frozen=True, extra="ignore")

    var: Path = Path("var")
    database: str = Field(default="", repr=False)  # like `mail`, its address may hold a password
    base_url: str = ""
    secret: SecretStr = SecretStr("")
    mail: str = Field(default="", repr=False)
    mail_from: str = "Plenary <plenary@localhost>"
    metrics_token: SecretStr = SecretStr("")
    log: Literal["text", "json"] = "text"
    proxies: str = "127.0.0.1"
    webhooks_local: bool = False

    @field_validator("base_url")
    @classmethod
    def _is_public_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
            raise ValueError(f"PLENARY_BASE_URL is the public address, such as https://igf.example, and not {value!r}")
        return value

    @field_validator("mail")
    @classmethod
    def _is_way_out(cls, value: str) -> str:
        if value and not value.startswith(("folder:", "smtp://", "smtps://")):
            raise ValueError("PLENARY_MAIL is folder:PATH, smtp://HOST:PORT or smtps://HOST:PORT")
        return value

    @classmethod
    def load(cls, port: int = 8000) -> "Settings":
        """Read the settings and fill in what follows from `var` and `port` (the base URL when none is set)."""
        given = cls()
        var = given.var.resolve()
        var.mkdir(parents=True, exist_ok=True)
        return given.model_copy(
            update={
                "var": var,
                "database": given.database or f"sqlite:///{var}/plenary.db",
                "base_url": (given.base_url or f"http://127.0.0.1:{port}").rstrip("/"),
                "mail": given.mail or f"folder:{var}/mail",
                "secret": given.secret if given.secret.get_secret_value() else SecretStr(_kept_secret(var)),
            }
        )

    @property
    def https(self) -> bool:
        """Whether the public address is https, so that cookies are marked Secure."""
        return self.base_url.startswith("https://")


def _kept_secret(var: Path) -> str:
    """The secret in `var/secret`, made on first use. Linked into place, so of two first starts both use one."""
    path = var / "secret"
    if not path.exists():
        draft = var / f".secret-{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret is the one
        finally:
            draft.unlink()
    return path.read_text().strip()
