"""``infantnet tools`` hands its arguments on and returns what the tool returned."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", "tools", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_comes_from_the_tools_themselves() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    assert "calibrate-intrinsics" in shown.stdout
    assert "Fit the infant body" in shown.stdout
    assert "Measure predictions" in shown.stdout


def test_options_of_a_tool_are_handed_on() -> None:
    shown = run("fit", "--help")
    assert shown.returncode == 0
    assert "--joints" in shown.stdout


def test_wrong_usage_and_failure_keep_their_exit_codes(tmp_path: object) -> None:
    assert run("unknown").returncode == 2
    failed = run("fit", "--joints", f"{tmp_path}/none.npz", "--out", f"{tmp_path}/fits.npz")
    assert failed.returncode == 1
    assert "there is no such file" in failed.stderr


def test_whoever_stops_the_command_stops_the_tool(tmp_path: Path) -> None:
    long = ["synthesise", "--count", "9000", "--out", str(tmp_path / "renders")]
    with subprocess.Popen([sys.executable, "-m", "backend.cli", *long]) as started:
        try:
            ps = ["ps", "-o", "args=", "-p", str(started.pid)]
            # While one becomes the other, ps sees neither.
            while b"worker.synthesis" not in subprocess.check_output(ps):
                assert started.poll() is None
                time.sleep(0.1)
            started.terminate()
            started.wait()
        finally:
            started.kill()
    assert started.returncode == -signal.SIGTERM
