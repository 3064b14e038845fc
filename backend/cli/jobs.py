"""``infantnet jobs list|show|retry|cancel``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from backend.cli.common import Json, NoWait, connect, find_recording, group
from backend.cli.output import facts, print_json, say, short_time, table
from backend.cli.waiting import wait_for_job

app = group("Follow, stop and repeat background work.")

JobId = Annotated[int, typer.Argument(metavar="ID", help="Number of the job.")]


class StateName(StrEnum):
    """Where a job stands."""

    ACTIVE = "active"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@app.command("list")
def list_jobs(
    ctx: typer.Context,
    state: Annotated[
        StateName | None,
        typer.Option("--state", help="Only jobs in this state; active: not ended."),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Such as ingest or prelabel.")] = None,
    recording: Annotated[
        str | None, typer.Option("--recording", metavar="NAME|ID", help="Only of this recording.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many.")] = 50,
    as_json: Json = False,
) -> None:
    """List jobs, newest first.

    \b
    Examples:
      infantnet jobs list
      infantnet jobs list --state failed --json
    """
    with connect(ctx) as api:
        recording_id = find_recording(api, recording)["id"] if recording else None
        found = list(
            api.pages(
                "/jobs",
                limit=limit,
                state=state.value if state else None,
                kind=kind,
                recording_id=recording_id,
            )
        )
    if as_json:
        print_json(found)
        return
    table(
        ["id", "job", "state", "progress", "recording", "asked by", "created"],
        [
            [
                job["id"],
                job["title"],
                job["state"],
                _progress(job),
                job["recording"]["name"] if job["recording"] else None,
                job["created_by"]["name"] if job["created_by"] else None,
                short_time(job["created_at"]),
            ]
            for job in found
        ],
        "No jobs.",
    )


@app.command("show")
def show_job(
    ctx: typer.Context,
    job_id: JobId,
    log: Annotated[bool, typer.Option("--log", help="Print its log too.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Watch it until it ends.")] = False,
    as_json: Json = False,
) -> None:
    """Show one job.

    \b
    Examples:
      infantnet jobs show 12 --log
      infantnet jobs show 12 --wait
    """
    with connect(ctx) as api:
        job = api.get(f"/jobs/{job_id}")
        if wait:
            job = wait_for_job(api, job)
        lines = api.get(f"/jobs/{job_id}/log") if log else []
    if as_json:
        print_json({**job, "log": lines} if log else job)
        return
    facts(
        [
            ("id", job["id"]),
            ("job", job["title"]),
            ("state", job["state"]),
            ("progress", _progress(job)),
            ("message", job["message"]),
            ("error", job["error"]),
            ("recording", job["recording"]["name"] if job["recording"] else None),
            ("asked by", job["created_by"]["name"] if job["created_by"] else None),
            ("attempt", job["attempt"]),
            ("created", short_time(job["created_at"])),
            ("started", short_time(job["started_at"])),
            ("ended", short_time(job["finished_at"])),
        ]
    )
    for line in lines:
        print(f"{short_time(line['created_at'])}  {line['level']:<7}  {line['message']}")


@app.command("retry")
def retry_job(
    ctx: typer.Context, job_id: JobId, no_wait: NoWait = False, as_json: Json = False
) -> None:
    """Start a failed or cancelled job again; it goes on from what it had saved.

    \b
    Example:
      infantnet jobs retry 12
    """
    with connect(ctx) as api:
        job = api.post(f"/jobs/{job_id}/retry")
        if not no_wait:
            job = wait_for_job(api, job)
    if as_json:
        print_json(job)
    else:
        say(f"Job {job['id']}: {job['state']}.")


@app.command("cancel")
def cancel_job(ctx: typer.Context, job_id: JobId, as_json: Json = False) -> None:
    """Ask a job to stop; what it saved stays.

    \b
    Example:
      infantnet jobs cancel 12
    """
    with connect(ctx) as api:
        job = api.post(f"/jobs/{job_id}/cancel")
    if as_json:
        print_json(job)
    elif job["state"] == "cancelled":
        say(f"Job {job['id']} is cancelled.")
    else:
        say(f"Job {job['id']} stops at its next step.")


def _progress(job: dict[str, Any]) -> str | None:
    if job["total"]:
        return f"{job['done']}/{job['total']}"
    return str(job["done"]) if job["done"] else None
