"""How the supervisor's processes fare, kept in a small file that the web server reads.

Only the supervisor of ``make run`` writes it; where processes run apart, there is no such file, and
whoever runs them knows how they fare.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import BaseModel, ValidationError


class ProcessOut(BaseModel):
    """One process that the supervisor keeps running.

    Attributes:
        name: Such as ``worker-gpu``.
        down: It ended more than once in a row and is not up again.
        failures: How often it ended in a row.
        last_exit: Its last exit status; negative for a signal.
        next_start_s: Seconds until it is started again, when that was written.
        log: Where to read why.
    """

    name: str
    down: bool
    failures: int
    last_exit: int | None
    next_start_s: float | None
    log: str


def _file(data_dir: Path) -> Path:
    return data_dir / "run" / "processes.json"


def write(data_dir: Path, processes: list[ProcessOut]) -> None:
    """Keep how the processes fare; whole or not at all."""
    path = _file(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps([process.model_dump() for process in processes]))
    os.replace(draft, path)


def forget(data_dir: Path) -> None:
    """The supervisor has ended: nobody keeps anything running."""
    _file(data_dir).unlink(missing_ok=True)


def down(data_dir: Path) -> list[ProcessOut]:
    """Processes that are down; none where nobody supervises, or the file cannot be read."""
    try:
        rows = json.loads(_file(data_dir).read_bytes())
        processes = [ProcessOut.model_validate(row) for row in rows]
    except (OSError, ValueError, ValidationError):
        return []
    return [process for process in processes if process.down]


def in_words(process: ProcessOut) -> str:
    """What a maintainer should know of a process that is down."""
    again = (
        ""
        if process.next_start_s is None
        else f", and is started again in about {max(1, round(process.next_start_s))} s"
    )
    return f"ended {process.failures} times in a row{again}; see {process.log}"
