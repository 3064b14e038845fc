"""What commands print: results on stdout, everything else on stderr.

On a terminal there are tables and progress bars; in a pipe there are plain lines, tabs between
columns, and nothing that moves.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

_PLAIN_EVERY_S = 10.0


def say(message: str) -> None:
    """A line for the person, on stderr."""
    print(message, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """A result for programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """A list for people; ``empty`` says what to do when there is nothing."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in (list(columns), *texts):
            print("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    if not rows:
        say(empty)
        return
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for i, column in enumerate(columns):
        numbers = all(row[i].replace(".", "", 1).isdigit() for row in texts if row[i])
        shown.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in texts:
        shown.add_row(*(escape(cell) for cell in row))
    Console().print(shown)


def facts(pairs: Sequence[tuple[str, object]]) -> None:
    """One thing, a fact a line; facts that are None are left out."""
    known = [(name, str(value)) for name, value in pairs if value is not None]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        print(f"{name:<{width}}  {value}")


def short_time(text: str | None) -> str:
    """A time of the interface, in local time to the minute."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def megabytes(size: int | None) -> str:
    """A size for people; kilobytes where megabytes would say nothing."""
    if size is None:
        return ""
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


class Task:
    """Something under way that reports how far it is."""

    def update(self, done: int, total: int | None, message: str | None = None) -> None:
        """Show how far it is."""


class _Bar(Task):
    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._id = progress.add_task(escape(title), total=None)

    def update(self, done: int, total: int | None, message: str | None = None) -> None:
        text = f"{self._title}: {message}" if message else self._title
        self._progress.update(self._id, completed=done, total=total, description=escape(text))


class _Lines(Task):
    def __init__(self, title: str, in_bytes: bool) -> None:
        self._title = title
        self._bytes = in_bytes
        self._last: tuple[float, str | None, int] = (0.0, None, -1)

    def update(self, done: int, total: int | None, message: str | None = None) -> None:
        at, said, before = self._last
        now = time.monotonic()
        finished = total is not None and done >= total and done != before
        if message == said and not finished and (now - at < _PLAIN_EVERY_S or done == before):
            return
        self._last = (now, message, done)
        amount = megabytes(done) if self._bytes else str(done)
        if total:
            amount += f" of {megabytes(total)}" if self._bytes else f"/{total}"
        say(f"{self._title}: {amount}{' ' + message if message else ''}")


@contextmanager
def progress(title: str, *, in_bytes: bool = False) -> Iterator[Task]:
    """A progress bar on a terminal; now and then a plain line in a pipe."""
    if not sys.stderr.isatty():
        yield _Lines(title, in_bytes)
        return
    numbers: list[ProgressColumn] = (
        [DownloadColumn(), TransferSpeedColumn()] if in_bytes else [MofNCompleteColumn()]
    )
    columns: list[ProgressColumn] = [
        SpinnerColumn(),
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        *numbers,
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield _Bar(bars, title)
