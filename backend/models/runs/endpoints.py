"""HTTP: recipes and training runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response, status

from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.models.runs import reports, repository, service
from backend.models.runs.recipes import known_recipes
from backend.models.runs.schemas import CurvesOut, RecipeOut, RunDecision, RunItem, RunOut

router = Router(tags=["runs"])

RunId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recipes")
def list_recipes(user: CurrentUser) -> list[RecipeOut]:
    """Models that can be trained."""
    return [RecipeOut.model_validate(recipe) for recipe in known_recipes().values()]


@router.get("/runs")
def list_runs(
    user: CurrentUser,
    session: SessionDep,
    release_id: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> list[RunItem]:
    """Training runs, newest first."""
    return reports.items(session, repository.listed(session, release_id))


@router.get("/runs/{run_id}")
def get_run(run_id: RunId, user: CurrentUser, session: SessionDep) -> RunOut:
    """All that is known of a run."""
    return reports.whole(session, repository.get(session, run_id))


@router.get("/runs/{run_id}/curves")
def get_curves(
    run_id: RunId, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> CurvesOut:
    """Losses, learning rate and scores so far."""
    return CurvesOut(rows=service.curves(storage, repository.get(session, run_id)))


@router.get("/runs/{run_id}/pictures/{file}", response_class=Response)
def get_picture(
    run_id: RunId, file: str, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> Response:
    """Predictions on a validation image: the true joints in white, the found ones in orange."""
    data = service.picture(storage, repository.get(session, run_id), file)
    headers = {"Cache-Control": "private, max-age=86400"}
    return Response(data, media_type="image/jpeg", headers=headers)


@router.post("/runs/{run_id}/decision")
def decide(run_id: RunId, body: RunDecision, user: CurrentUser, session: SessionDep) -> RunOut:
    """Take a trained model as pre-labeller of the next recordings, or decline it."""
    return reports.whole(session, service.decide(session, user, run_id, body.decision))


@router.delete("/runs/{run_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_run(run_id: RunId, user: CurrentUser, session: SessionDep, storage: StorageDep) -> None:
    """Delete a run with its files; a checkpoint that it made stays."""
    service.delete(session, user, storage, run_id)
