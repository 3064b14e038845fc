"""The command line of ``infantnet synthesise``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from backend.domain.errors import InvalidInput
from worker.synthesis.command import parse_size


def infantnet(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from backend.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "synthesise", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_writes_a_coco_folder(tmp_path: Path) -> None:
    out = tmp_path / "renders"
    done = infantnet("--count", "2", "--seed", "3", "--size", "96x64", "--out", str(out))
    assert (done.returncode, done.stdout) == (0, f"{out}/annotations.json: 2 pictures\n")
    assert "2 of 2 pictures" in done.stderr
    assert len(json.loads((out / "annotations.json").read_text())["images"]) == 2


def test_bad_arguments_are_explained_and_leave_nothing(tmp_path: Path) -> None:
    out = tmp_path / "renders"
    done = infantnet("--count", "2", "--size", "big", "--out", str(out))
    assert done.returncode == 1
    assert "write it as 640x480" in done.stderr
    assert infantnet("--count", "x", "--out", str(out)).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_sizes_are_read() -> None:
    assert parse_size("640x480") == (640, 480)
    with pytest.raises(InvalidInput):
        parse_size("640")
