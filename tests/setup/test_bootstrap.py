"""The set-up behind ``make run``: killed half-way, run again, run with nothing to do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.ops.bootstrap import OFFLINE, _recent_node, digest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """As much of the working copy as the first step of the set-up needs."""
    for name in ("pyproject.toml", "backend/ops/bootstrap.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def set_up(copy: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", "backend/ops/bootstrap.py", "--bare"],
        cwd=copy,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.e2e
def test_a_set_up_that_was_killed_goes_on_and_then_has_nothing_to_do(copy: Path) -> None:
    killed = set_up(copy)
    python = copy / ".venv" / "bin" / "python"
    while not python.exists() and killed.poll() is None:
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()

    again = set_up(copy)
    _, said = again.communicate()
    if OFFLINE in said:
        pytest.skip("the Python package index cannot be reached from here")
    assert again.returncode == 0, said
    subprocess.run([copy / ".venv" / "bin" / "uv", "--version"], check=True)
    assert (copy / ".venv" / "bin" / "infantnet").exists()

    third = set_up(copy)
    _, said = third.communicate()
    assert (third.returncode, said) == (0, "")


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("no version", False),
    ],
)
def test_a_node_that_the_build_cannot_run_on_is_passed_over(
    tmp_path: Path, version: str, good: bool
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    assert _recent_node(str(node)) is good


def test_a_stamp_changes_with_contents_and_with_names(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("a")
    seen = {digest([one]), digest([two]), digest([one, two]), digest([one], "more")}
    one.write_text("b")
    seen.add(digest([one]))
    assert len(seen) == 5
