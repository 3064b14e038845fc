"""Watching a job until it ends; leaving it never stops it."""

from __future__ import annotations

import time
from typing import Any

from backend.cli.client import Api
from backend.cli.output import Task, progress, say
from backend.cli.stop import Exit, Stop

ENDED = ("succeeded", "failed", "cancelled")
_POLL_S = 0.5
_PATIENCE_S = 60.0


def wait_for_job(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    """Show a job's progress until it succeeded, and return it.

    Raises:
        Stop: it failed or was cancelled (code 1), the server went away (code 3), or Ctrl-C was
            pressed (code 130); in the last two cases the job goes on.
    """
    title = str(job.get("title") or job["kind"])
    try:
        with progress(title) as bar:
            job = _watch(api, job, bar)
    except KeyboardInterrupt:
        raise Stop(
            f"Job {job['id']} ({title}) continues on the server. Follow it with"
            f" `infantnet jobs show {job['id']}`, stop it with"
            f" `infantnet jobs cancel {job['id']}`.",
            Exit.INTERRUPTED,
        ) from None
    if job["state"] == "failed":
        again = f"\nTry again with `infantnet jobs retry {job['id']}`."
        refused = (job.get("result") or {}).get("bad_input")  # the same file is refused again
        raise Stop(f"{title} failed: {job['error']}{'' if refused else again}")
    if job["state"] == "cancelled":
        raise Stop(
            f"{title} was cancelled. Start it again with `infantnet jobs retry {job['id']}`."
        )
    return job


def _watch(api: Api, job: dict[str, Any], bar: Task) -> dict[str, Any]:
    silent_since: float | None = None
    while True:
        bar.update(job["done"], job["total"], _message(job))
        if job["state"] in ENDED:
            return job
        time.sleep(_POLL_S)
        try:
            job = api.get(f"/jobs/{job['id']}")
            silent_since = None
        except Stop as stop:
            if stop.code is not Exit.UNREACHABLE:
                raise
            silent_since = silent_since or time.monotonic()
            if time.monotonic() - silent_since > _PATIENCE_S:
                say(f"Job {job['id']} was still {job['state']} when the server went away.")
                raise


def _message(job: dict[str, Any]) -> str | None:
    if job["state"] == "queued":
        return "waiting for a worker"
    return job["message"] or None
