"""Which server the command line talks to, and with which token.

The address comes from ``--server`` or ``INFANTNET_URL``, else from the file that ``users token
--save`` writes, else from a server running on this machine. The token comes from
``INFANTNET_TOKEN``, else from that file, else (for a server on this machine) from ``cli-token`` in
its data folder, which is made when its database can be reached and an admin or maintainer exists.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend.cli.folder import data_folder
from backend.core.settings import get_settings

TOKEN_FILE = "cli-token"


@dataclass(frozen=True, slots=True)
class Target:
    """A server's address without a slash at the end, and a token if one is known."""

    url: str
    token: str | None

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return urlsplit(self.url).hostname in {"127.0.0.1", "localhost", "::1"}


def find_target(server: str | None = None) -> Target:
    """Find the server and the token as described above."""
    known = _read_config()
    url = (
        server
        or os.environ.get("INFANTNET_URL")
        or known.get("url")
        or _running_here()
        or get_settings().base_url
    ).rstrip("/")
    if "://" not in url:
        url = f"http://{url}"
    target = Target(url, os.environ.get("INFANTNET_TOKEN") or known.get("tokens", {}).get(url))
    if target.token is None and target.is_local:
        target = Target(url, _local_token() or _made_local_token(url))
    return target


def save(target: Target) -> Path:
    """Keep address and token for later commands, readable by this user only; returns the file."""
    path = config_file()
    known = _read_config()
    known["url"] = target.url
    known.setdefault("tokens", {})[target.url] = target.token
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(known, file, indent=1)
    draft.replace(path)
    return path


def config_file() -> Path:
    """Where :func:`save` writes."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "infantnet" / "config.json"


def cache_folder() -> Path:
    """Where unfinished uploads are remembered."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "infantnet"


def _read_config() -> dict[str, Any]:
    try:
        known = json.loads(config_file().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _running_here() -> str | None:
    """Address that a running server left in its data folder's lock file."""
    try:
        note = (data_folder() / ".lock").read_text()
    except OSError:
        return None
    found = re.search(r"https?://[^\s),]+", note)
    return found.group(0) if found else None


def _local_token() -> str | None:
    try:
        return (data_folder() / TOKEN_FILE).read_text().strip() or None
    except OSError:
        return None


def _made_local_token(url: str) -> str | None:
    """A new token file, if this machine's database is the one of the server at ``url``."""
    settings = get_settings()
    of_this_data = url == _running_here()
    if not of_this_data and not (settings.database_url and url == settings.base_url):
        return None
    # Only here, because the database's modules take a while to load.
    from backend.cli.local import running_database
    from backend.core.accounts.local_token import ensure_local_cli_token

    with running_database() as session:
        if session is not None:
            ensure_local_cli_token(session, data_folder() / TOKEN_FILE)
    return _local_token()
