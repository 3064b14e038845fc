"""Jobs and the stream of live events."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from backend.core.accounts.policies import may_control_jobs
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.http.description import binary
from backend.core.jobs import repository, service
from backend.core.jobs.schemas import JobLogOut, JobOut, JobPage
from backend.domain.errors import Forbidden

router = Router(tags=["jobs"])


@router.get("/jobs")
def list_jobs(
    session: SessionDep,
    user: CurrentUser,
    state: str | None = None,
    kind: str | None = None,
    recording_id: int | None = None,
    cursor: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobPage:
    """Jobs, newest first."""
    items = repository.list_jobs(
        session, state=state, kind=kind, recording_id=recording_id, before=cursor, limit=limit + 1
    )
    more = len(items) > limit
    items = items[:limit]
    return JobPage(items=items, next_cursor=items[-1].id if more else None)


@router.get("/jobs/{job_id}")
def show_job(job_id: int, session: SessionDep, user: CurrentUser) -> JobOut:
    """One job."""
    service.get_job(session, job_id)
    return repository.list_jobs(session, job_ids=[job_id])[0]


@router.get("/jobs/{job_id}/log")
def show_log(job_id: int, session: SessionDep, user: CurrentUser) -> list[JobLogOut]:
    """A job's log, oldest line first."""
    service.get_job(session, job_id)
    return [JobLogOut.model_validate(line) for line in repository.log_of(session, job_id)]


@router.post("/jobs/{job_id}/cancel")
def cancel_job(job_id: int, session: SessionDep, user: CurrentUser) -> JobOut:
    """Ask a job to stop."""
    job = service.get_job(session, job_id)
    if not may_control_jobs(user) and job.created_by_id != user.id:
        raise Forbidden("Only a maintainer, or the person who started it, can cancel a job.")
    service.request_cancel(session, job_id)
    return repository.list_jobs(session, job_ids=[job_id])[0]


@router.post("/jobs/{job_id}/retry")
def retry_job(job_id: int, session: SessionDep, user: CurrentUser) -> JobOut:
    """Queue a failed or cancelled job again."""
    job = service.get_job(session, job_id)
    if not may_control_jobs(user) and job.created_by_id != user.id:
        raise Forbidden("Only a maintainer, or the person who started it, can retry a job.")
    service.retry(session, job_id)
    return repository.list_jobs(session, job_ids=[job_id])[0]


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses=binary("text/event-stream", about="Events as they happen, until the reader leaves"),
)
async def events(request: Request, user: CurrentUser) -> StreamingResponse:
    """Server-sent events: ``job``, ``recording``, ``frame``, ``box``, and ``reset``."""
    return StreamingResponse(
        request.app.state.events.stream(user.id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
