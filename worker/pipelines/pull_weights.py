"""Downloading a checkpoint."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.models.checkpoints import service
from backend.models.checkpoints.payloads import PullPayload
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Fetch the checkpoint that the payload names; an interrupted download goes on."""
    name = context.read(PullPayload).name
    with context.transaction() as session:
        store = service.refresh(session, context.settings)

    def progress(done: int, total: int | None) -> None:
        context.report(done, total, f"Downloading {name}")

    status = store.pull(name, progress, context.cancelled, keep_former=True)

    def finish(session: Session) -> dict[str, Any]:
        service.record_file(session, store, name)
        return {"name": name, "bytes": status.bytes, "sha256": status.sha256}

    return finish
