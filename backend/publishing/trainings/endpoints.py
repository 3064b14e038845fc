"""HTTP: asking for trainings on releases."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, status

from backend.core.http.dependencies import CurrentUser, Router, SessionDep, SettingsDep
from backend.models.runs import reports
from backend.publishing.releases.reports import job_out
from backend.publishing.trainings import service
from backend.publishing.trainings.schemas import TrainIn, TrainStarted

router = Router(tags=["runs"])


@router.post("/releases/{release_id}/runs", status_code=status.HTTP_202_ACCEPTED)
def train(
    release_id: Annotated[int, Path(ge=1, lt=2**63)],
    body: TrainIn,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
) -> TrainStarted:
    """Train a model on a release; a job does it."""
    run, job = service.request(session, user, settings, release_id, body)
    return TrainStarted(run=reports.whole(session, run), job=job_out(session, job))
