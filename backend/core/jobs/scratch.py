"""What workers that died left on their way into the store."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Job
from backend.core.database.tables.jobs import JobState


def remove_left(session: Session, folder: Path, older_than: timedelta = timedelta(0)) -> list[str]:
    """Remove the folders of jobs that do not run.

    Args:
        session: A transaction.
        folder: Where workers have their scratch folders, ``job-<id>-<claim>-…``.
        older_than: Younger ones stay.

    Returns:
        Names of the folders.
    """
    before = time.time() - older_than.total_seconds()
    old = []
    for left in folder.glob("job-*"):
        with suppress(FileNotFoundError):  # its job has just ended
            if left.stat().st_mtime <= before:
                old.append(left)
    if not old:
        return []
    running = select(Job.id).where(Job.state == JobState.RUNNING.value)
    numbers = set(map(str, session.scalars(running)))
    gone = [left for left in old if left.name.split("-")[1] not in numbers]
    for left in gone:
        shutil.rmtree(left, ignore_errors=True)
    return [left.name for left in gone]
