"""The command line as a program of its own, before the whole product running."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.cli.main import main
from backend.core.settings import get_settings
from backend.domain.workflow import Role
from tests.fixtures.server import ROOT, Person, Server, start_server


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


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One running product for all tests of the command line.

    It needs no pages and no models: these tests also run where the frontend is not built.
    """
    environment = {"INFANTNET_VITE_DEV_URL": "http://127.0.0.1:9", "INFANTNET_MODELS": "0"}
    with start_server(tmp_path_factory.mktemp("server"), environment) as server:
        yield server


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
def bare(home: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs a command that knows of no server; keywords add to its environment.

    It runs in this process: the whole program, but without a second's start for each command.
    """

    def run(*arguments: object, stdin: str = "", **environment: str) -> Outcome:
        streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
        out, err = streams
        with monkeypatch.context() as patch:
            for name in set(os.environ) - set(home):
                patch.delenv(name)
            for name, value in (home | environment).items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["infantnet", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            get_settings.cache_clear()
            try:
                code = main()
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                get_settings.cache_clear()
            for stream in streams:
                stream.seek(0)
        return Outcome(code, out.read(), err.read())

    return run


@pytest.fixture(scope="package")
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
