"""HTTP: leaderboards of releases."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, status

from backend.core.http.dependencies import (
    CurrentUser,
    Router,
    SessionDep,
    SettingsDep,
    StorageDep,
)
from backend.core.jobs.schemas import JobOut
from backend.domain.evaluation.keypoint_errors import ErrorKind
from backend.domain.skeleton import JOINTS
from backend.publishing.leaderboard import reports, repository, service
from backend.publishing.leaderboard.repository import FrameFilter
from backend.publishing.leaderboard.schemas import (
    BoardFrame,
    BoardFrames,
    ErrorName,
    EvaluationIn,
    EvaluationOut,
    EvaluationStarted,
    LeaderboardOut,
)
from backend.publishing.releases import repository as releases
from backend.publishing.releases.reports import job_out
from backend.publishing.releases.service import require_maintainer, require_reader

router = Router(tags=["leaderboard"])

Id = Annotated[int, Path(ge=1, lt=2**63)]
Key = Annotated[int | None, Query(ge=1, lt=2**63)]


@router.get("/releases/{release_id}/evaluations")
def get_leaderboard(release_id: Id, user: CurrentUser, session: SessionDep) -> LeaderboardOut:
    """A release's leaderboard."""
    require_reader(user)
    return reports.leaderboard(session, releases.get(session, release_id))


@router.post("/releases/{release_id}/evaluations", status_code=status.HTTP_202_ACCEPTED)
def create_evaluation(
    release_id: Id,
    body: EvaluationIn,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    storage: StorageDep,
) -> EvaluationStarted:
    """Measure an uploaded file of predictions on a published release; a job does it."""
    require_maintainer(user, "evaluate predictions")
    folder = settings.uploads_dir
    sha256 = service.hash_of_upload(folder, body.upload_id)
    evaluation, job = service.request(session, user, storage, folder, release_id, body, sha256)
    told: JobOut = job_out(session, job)
    return EvaluationStarted(evaluation=reports.item(session, evaluation), job=told)


@router.get("/evaluations/{evaluation_id}")
def get_evaluation(evaluation_id: Id, user: CurrentUser, session: SessionDep) -> EvaluationOut:
    """All that an evaluation found."""
    require_reader(user)
    return reports.evaluation_out(session, repository.get(session, evaluation_id))


@router.delete("/evaluations/{evaluation_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_evaluation(
    evaluation_id: Id, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> None:
    """Take an evaluation off the leaderboard, with its file."""
    service.delete(session, user, storage, evaluation_id)


@router.get("/evaluations/{evaluation_id}/frames")
def list_evaluation_frames(
    evaluation_id: Id,
    user: CurrentUser,
    session: SessionDep,
    sort: Literal["worst", "best"] = "worst",
    joint: Literal[JOINTS] | None = None,  # type: ignore[valid-type]
    error: ErrorName | None = None,
    recording: Key = None,
    camera: Key = None,
    posture: Annotated[str | None, Query(max_length=80)] = None,
    missed: bool = False,
    after: Key = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 24,
) -> BoardFrames:
    """Frames with truth and prediction, the worst first; ``after`` is the last frame seen."""
    require_reader(user)
    asked = FrameFilter(
        joint=None if joint is None else JOINTS.index(joint),
        kind=None if error is None else ErrorKind[error.upper()],
        recording_id=recording,
        camera_id=camera,
        posture=posture,
        missed=missed,
        best=sort == "best",
    )
    evaluation = repository.get(session, evaluation_id)
    return reports.frames_out(session, evaluation, asked, after=after, limit=limit)


@router.get("/evaluations/{evaluation_id}/frames/{frame_id}")
def get_evaluation_frame(
    evaluation_id: Id, frame_id: Id, user: CurrentUser, session: SessionDep
) -> BoardFrame:
    """One frame with truth and prediction."""
    require_reader(user)
    return reports.frame_out(session, repository.get(session, evaluation_id), frame_id)
