"""Children that stop when told, and leave nothing behind when they are not told."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_LIMIT_BYTES = 20 * 1024**2
# The socket's path must fit in sockaddr_un: 104 bytes on macOS, 108 on Linux, zero included.
SOCKET_PATH_LIMIT = 100


class StartError(RuntimeError):
    """An embedded server did not start; the message carries the end of its log."""


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    user: int | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` so that it gets ``death_signal`` when this process ends, even by kill -9.

    Call it from the main thread: Linux counts the starting *thread* as the parent.

    Args:
        command: an absolute path and its arguments.
        log: where both output streams go; inherited when absent.
        death_signal: what the child gets when its parent dies.
        user: numeric user to run as, for root only.
        environment: the child's environment; inherited when absent.
        folder: working directory.
    """
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
    launcher += ["--signal", str(int(death_signal)), "--parent", str(os.getpid())]
    if user is not None:
        launcher += ["--user", str(user)]
    return subprocess.Popen(
        [*launcher, "--", *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        env=None if environment is None else dict(environment),
        cwd=folder,
        # Ctrl-C goes to the whole terminal group; children are stopped in order instead.
        start_new_session=True,
    )


def stop(
    process: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]
) -> int | None:
    """Send each signal in turn, waiting its number of seconds, until the child has ended."""
    for number, seconds in signals:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    return process.poll()


def end_leftovers(
    program: str, folder: Path, signals: Sequence[tuple[signal.Signals, float]]
) -> None:
    """End the processes that a killed run left working in ``folder``.

    They are known by their name and working directory, not by a number in a file: after a crash
    or a restart of the machine that number may belong to anybody.
    """
    left = [
        process for process in psutil.process_iter(["name"]) if _works_in(process, program, folder)
    ]
    for number, seconds in signals:
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            left = [process for process in left if _works_in(process, program, folder)]
            time.sleep(0.02)
        if not left:
            return


def _works_in(process: psutil.Process, program: str, folder: Path) -> bool:
    try:
        # A zombie has no working directory; another user's process is not ours.
        return process.name() == program and Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def open_log(path: Path) -> IO[bytes]:
    """Open a log file for appending; one that has grown large is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(path.suffix + ".1"))
    return path.open("ab", buffering=0)


def log_end(path: Path, start: int = 0, lines: int = 15) -> str:
    """The last ``lines`` of a log, not reaching further back than byte ``start``."""
    if not path.exists():
        return "(no log was written)"
    with path.open("rb") as file:
        file.seek(max(start, path.stat().st_size - 16_384))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def socket_folder(data_dir: Path, longest_name: str) -> Path:
    """A folder, readable by this user alone, whose socket paths are short enough.

    ``<data_dir>/run`` where that fits, else a folder in the system's temporary directory whose
    name follows from ``data_dir``, so that the next run finds it again.
    """
    folder = data_dir / "run"
    if len(os.fsencode(folder / longest_name)) > SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        base = Path(tempfile.gettempdir())
        if len(os.fsencode(base / digest / longest_name)) > SOCKET_PATH_LIMIT - 20:
            base = Path("/tmp")
        folder = base / f"infantnet-{os.getuid()}-{digest}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = folder.stat().st_uid
    if owner != os.getuid() and os.getuid() != 0:
        raise StartError(f"{folder} belongs to another user (number {owner}); remove it")
    folder.chmod(0o700)
    return folder
