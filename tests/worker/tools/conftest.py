"""What tests of ``infantnet tools check-splits`` share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from worker.tools.__main__ import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def checked(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
        code = main(["check-splits", *map(str, arguments), "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else {"error": said.err}

    return checked
