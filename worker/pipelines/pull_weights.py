"""Downloading a checkpoint."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.models.checkpoints.payloads import PullPayload
from backend.models.checkpoints.store import WeightStore
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Fetch the checkpoint that the payload names; an interrupted download goes on."""
    name = context.read(PullPayload).name
    store = WeightStore(context.settings.weights_dir)

    def progress(done: int, total: int | None) -> None:
        context.report(done, total, f"Downloading {name}")

    status = store.pull(name, progress, context.cancelled)

    def finish(session: Session) -> dict[str, Any]:
        return {"name": name, "bytes": status.bytes, "sha256": status.sha256}

    return finish
