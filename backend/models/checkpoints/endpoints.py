"""HTTP: model checkpoints."""

from __future__ import annotations

from fastapi import status

from backend.core.http.dependencies import CurrentUser, Router, SessionDep, SettingsDep
from backend.core.jobs import repository as jobs
from backend.core.jobs.schemas import JobOut
from backend.models.checkpoints import service
from backend.models.checkpoints.schemas import WeightAdd, WeightItem

router = Router(tags=["weights"])


@router.get("/weights")
def list_weights(user: CurrentUser, session: SessionDep, settings: SettingsDep) -> list[WeightItem]:
    """All checkpoints and whether they are on this machine."""
    return service.items(session, service.refresh(session, settings))


@router.post("/weights/{name}/pull", status_code=status.HTTP_202_ACCEPTED)
def pull_weights(
    name: str, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> JobOut:
    """Download a checkpoint from its authors; a job does it."""
    job = service.request_pull(session, user, settings, name)
    return jobs.list_jobs(session, job_ids=[job.id])[0]


@router.post("/weights/{name}/choice")
def choose_weights(
    name: str, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> list[WeightItem]:
    """Let jobs take this checkpoint unless they are told otherwise; answers with all of them."""
    service.refresh(session, settings)
    service.choose(session, user, name)
    return service.items(session, service.refresh(session, settings))


@router.delete("/weights/{name}/choice")
def unchoose_weights(
    name: str, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> list[WeightItem]:
    """Let jobs take what they would take if nobody had chosen; answers with all of them."""
    status = service.refresh(session, settings).status(name)
    service.unchoose(session, user, status.kind)
    return service.items(session, service.refresh(session, settings))


@router.post("/weights/{name}")
def add_weights(
    name: str, body: WeightAdd, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> WeightItem:
    """Take an uploaded file as a checkpoint."""
    return service.add_upload(session, user, settings, name, body)


@router.delete("/weights/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove_weights(
    name: str, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> None:
    """Remove a checkpoint's file; of one that was added under a name of its own, all of it."""
    service.remove(session, user, settings, name)
