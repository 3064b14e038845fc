"""The command line as a program of its own, before the whole product running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.domain.workflow import Role
from tests.fixtures.server import ROOT, Person, Server

TIMEOUT_S = 120


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    """The command line needs no pages: these tests also run where the frontend is not built."""
    return {"INFANTNET_VITE_DEV_URL": "http://127.0.0.1:9", "INFANTNET_MODELS": "0"}


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment without anybody's settings: own home, empty data folder, no server known."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("INFANTNET_", "XDG_"))}
    kept.pop("DATABASE_URL", None)
    kept.pop("REDIS_URL", None)
    return kept | {
        "HOME": str(tmp_path / "home"),
        "INFANTNET_DATA": str(tmp_path / "nothing-here"),
        "PYTHONPATH": str(ROOT),
    }


def command(*arguments: object) -> list[str]:
    """A command as a list of words."""
    return [sys.executable, "-m", "backend.cli", *map(str, arguments)]


@pytest.fixture
def bare(home: dict[str, str], tmp_path: Path) -> Cli:
    """Runs a command that knows of no server; keywords add to its environment."""

    def run(*arguments: object, stdin: str = "", **environment: str) -> Outcome:
        done = subprocess.run(
            command(*arguments),
            env=home | environment,
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def maintainer(server: Server) -> Person:
    """Somebody who may import, run models and export."""
    return server.add_person("Mara", [Role.MAINTAINER])


@pytest.fixture
def cli(bare: Cli, server: Server, maintainer: Person) -> Cli:
    """Runs a command as the maintainer, before the running server."""

    def run(*arguments: object, **options: Any) -> Outcome:
        known = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": maintainer.token}
        return bare(*arguments, **(known | options))

    return run
