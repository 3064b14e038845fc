"""The processes that the supervisor keeps running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from backend.core.health.processes import ProcessOut
from backend.ops.embedded.process import log_end, open_log, spawn

ROOT = Path(__file__).resolve().parents[2]
STEADY_S = 30.0
"""A child that ran this long before it ended starts afresh: earlier ends are forgiven."""
MAX_PAUSE_S = 300.0
MIN_FAILURES_DOWN = 2
"""After so many ends in a row a child is called down until it has run steadily."""


@dataclass
class Child:
    """One process: started, watched, started again after a growing pause, stopped.

    Args:
        name: names the log file, and the child in messages.
        arguments: what follows ``python``.
        stop_signals: what ends it, each with the seconds to wait for it.
        death_signal: what the kernel sends it when the supervisor is killed.
    """

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    data_dir: Path
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    death_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    next_start: float = 0.0
    log_begin: int = field(default=0, repr=False)

    @property
    def log(self) -> Path:
        """Its log file."""
        return self.data_dir / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """Number and start time of its process, for the next run to find after a kill."""
        return self.data_dir / "run" / f"{self.name}.pid"

    def start(self) -> None:
        """Start it. Only from the main thread, see :func:`backend.ops.embedded.process.spawn`."""
        self.log_begin = self.log.stat().st_size if self.log.exists() else 0
        with open_log(self.log) as log:
            self.process = spawn(
                [sys.executable, *self.arguments],
                log=log,
                death_signal=self.death_signal,
                environment=self.environment,
                folder=ROOT,
            )
        self.started_at = time.monotonic()
        self.next_start = 0.0
        born = psutil.Process(self.process.pid).create_time()
        with suppress(OSError):  # a full disk must not end what still runs
            self.pid_file.parent.mkdir(parents=True, exist_ok=True)
            self.pid_file.write_text(f"{self.process.pid} {born}\n")

    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def tend(self) -> str | None:
        """Start it again when it has ended and its pause is over.

        One that keeps failing is tried for ever, after growing pauses: the others need not end for
        it.

        Returns:
            A line for the person, when something happened.
        """
        now = time.monotonic()
        if self.running():
            if self.failures and now - self.started_at > STEADY_S:
                self.failures = 0
            return None
        if self.next_start:
            if now >= self.next_start:
                self.start()
            return None
        code = self.process.returncode if self.process is not None else None
        self.sweep()
        self.failures = 1 if now - self.started_at > STEADY_S else self.failures + 1
        pause = min(MAX_PAUSE_S, 2.0 ** (self.failures - 1))
        self.next_start = now + pause
        line = f"{self.name} ended unexpectedly ({code}); starting it again in {pause:.0f} s"
        if self.failures == MIN_FAILURES_DOWN:
            line += f". The others go on. The end of {self.log}:\n{self.log_tail()}"
        return line

    def fares(self) -> ProcessOut:
        """How it fares, for the pages that tell."""
        waits = self.next_start - time.monotonic() if self.next_start else None
        return ProcessOut(
            name=self.name,
            down=self.failures >= MIN_FAILURES_DOWN,
            failures=self.failures,
            last_exit=self.process.returncode if self.process is not None else None,
            next_start_s=None if waits is None else max(0.0, waits),
            log=str(self.log),
        )

    def log_tail(self) -> str:
        """The end of what the present process logged."""
        return log_end(self.log, self.log_begin)

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if self.running():
            assert self.process is not None
            self.process.send_signal(number)

    def end_within(self, seconds: float) -> None:
        """Wait so long for its end, then kill it."""
        assert self.process is not None
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def sweep(self) -> None:
        """End what an ended child left of its own: every child leads a process group."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end_leftover(self) -> None:
        """End the process of an earlier run that was killed, if it still lives."""
        try:
            number, born = self.pid_file.read_text().split()
            leftover = psutil.Process(int(number))
            if abs(leftover.create_time() - float(born)) < 2.0:
                for name, seconds in self.stop_signals:
                    leftover.send_signal(name)
                    with suppress(psutil.TimeoutExpired):
                        leftover.wait(seconds)
                        break
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            pass  # nothing is left, the usual case
        self.pid_file.unlink(missing_ok=True)


def stop_together(children: list[Child]) -> None:
    """Stop all at once, each by its own signals, and wait for all of them."""
    waiting = [child for child in children if child.running()]
    plans = {child.name: list(child.stop_signals) for child in waiting}
    due = {child.name: 0.0 for child in waiting}
    while waiting := [child for child in waiting if child.running()]:
        now = time.monotonic()
        for child in waiting:
            if now >= due[child.name] and plans[child.name]:
                number, seconds = plans[child.name].pop(0)
                child.tell(number)
                due[child.name] = now + seconds
        time.sleep(0.05)
    for child in children:
        child.sweep()
        child.pid_file.unlink(missing_ok=True)
