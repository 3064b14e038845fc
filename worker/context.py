"""What a pipeline knows of the job that it works for."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.core.database.engine import shared_engine
from backend.core.database.session import transaction
from backend.core.jobs import service as jobs
from backend.core.jobs.payloads import P
from backend.core.jobs.payloads import read as read_payload
from backend.core.settings import Settings
from backend.core.storage import BlobStore, open_store
from backend.domain.errors import Cancelled

_REPORT_SECONDS = 0.25

Finish = Callable[[Session], dict[str, Any]]
"""The last step of a pipeline, done in the transaction that ends the job; returns the result."""


@dataclass
class JobContext:
    """What a pipeline knows of its job.

    Attributes:
        id: The job.
        recording_id: The recording, if the job is about one.
        payload: What the asker wrote, as stored; see :meth:`read`.
        resume_at: Units that an earlier attempt of this job has saved.
        claim: Number of this worker's claim on the job; see ``jobs.LostClaim``.
        stop_asked: Set by the runner when somebody cancels the job, or it was lost.
        lost: Set by the runner when another worker has taken the job over.
    """

    id: int
    recording_id: int | None
    payload: dict[str, Any]
    resume_at: int
    claim: int
    settings: Settings
    stop_asked: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)
    _reported: float = 0.0
    _told: str | None = None

    @property
    def engine(self) -> Engine:
        """The process's engine."""
        return shared_engine(self.settings.required_database_url)

    @cached_property
    def storage(self) -> BlobStore:
        """The blob store."""
        return open_store(self.settings)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction of its own, committed at the end of the block."""
        with transaction(self.engine) as session:
            yield session

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for files on their way into the store, removed at the end of the block.

        What a worker that was killed in this job left there is removed first: it may be large.
        """
        folder = self.settings.scratch_dir
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"job-{self.id}-*"):
            claim = left.name.split("-")[2]
            if claim.isdecimal() and int(claim) < self.claim:
                shutil.rmtree(left, ignore_errors=True)
        prefix = f"job-{self.id}-{self.claim}-"
        with tempfile.TemporaryDirectory(prefix=prefix, dir=folder) as name:
            yield Path(name)

    def read(self, model: type[P]) -> P:
        """What the asker wrote, as the model of this kind of job.

        Raises:
            InvalidInput: another version of the program wrote something else.
        """
        return read_payload(model, self.payload)

    def cancelled(self) -> bool:
        """Whether somebody asked the job to stop."""
        return self.stop_asked.is_set()

    def check_cancelled(self) -> None:
        """Stop here if somebody asked for it.

        Raises:
            Cancelled: somebody did.
        """
        if self.cancelled():
            raise Cancelled("Cancelled.")

    def log(self, message: str, level: str = "info") -> None:
        """Write a line that maintainers read on the page of jobs."""
        with self.transaction() as session:
            jobs.add_log(session, self.id, message, level)

    def report(self, done: int, total: int | None, message: str | None = None) -> None:
        """Tell how far the job is, at most a few times a second; other words are told at once."""
        now = time.monotonic()
        if now - self._reported < _REPORT_SECONDS and done != total and message == self._told:
            return
        self._reported, self._told = now, message
        with self.transaction() as session:
            jobs.report(session, self.id, self.claim, done, total, message)
