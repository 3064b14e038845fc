"""HTTP: how much is checked, gold frames, single frames, training, decisions of two answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from backend.core.accounts import policies
from backend.core.http.blobs import IfNoneMatch, blob_answer
from backend.core.http.dependencies import CurrentUser, IfMatch, Router, SessionDep, StorageDep
from backend.core.http.description import PICTURE
from backend.domain.attempts import GoldUse
from backend.domain.errors import InvalidInput
from backend.domain.operations import operation_from_json
from backend.labelling.attempts import adjudicating, marking, repository, service
from backend.labelling.attempts.schemas import (
    AdjudicatedOut,
    AdjudicationIn,
    ClosedOut,
    GoldMarked,
    GoldOut,
    MarkGoldIn,
    QualityRulesBody,
    StackOut,
    TrainingOut,
    TrainingWaiver,
    WaitingOut,
)
from backend.labelling.documents.schemas import OperationsIn, SavedOut, StaleOut
from backend.recordings import handing_out

router = Router(tags=["quality"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/quality/rules")
def quality_rules(session: SessionDep, user: CurrentUser) -> QualityRulesBody:
    """How much is checked, and what a newcomer has to reach."""
    policies.require(policies.may_set_quality(user), "set how much is checked")
    return QualityRulesBody.model_validate(repository.rule_row(session))


@router.put("/quality/rules")
def change_quality_rules(
    body: QualityRulesBody, session: SessionDep, user: CurrentUser
) -> QualityRulesBody:
    """Set how much is checked; shares count for what is decided from now on."""
    return marking.change_rules(session, user, body)


@router.get("/quality/gold")
def list_gold(session: SessionDep, user: CurrentUser) -> list[GoldOut]:
    """Gold frames by recording, and recordings whose approved frames could become gold."""
    return marking.gold(session, user)


@router.post("/quality/gold")
def mark_gold(body: MarkGoldIn, session: SessionDep, user: CurrentUser) -> GoldMarked:
    """Make approved frames gold: named ones, or some drawn by chance."""
    return marking.mark_gold(session, user, body)


@router.delete("/quality/gold/{recording_id}/{use}", status_code=204)
def take_gold_back(recording_id: Id, use: GoldUse, session: SessionDep, user: CurrentUser) -> None:
    """Gold frames of a recording are ordinary frames again; answers given to them stay."""
    marking.take_back(session, user, recording_id, use)


@router.put("/quality/people/{person_id}/training", status_code=204)
def set_training(
    person_id: Id, body: TrainingWaiver, session: SessionDep, user: CurrentUser
) -> None:
    """Let somebody's training count as done, or begin anew."""
    service.set_training(session, user, person_id, passed=body.passed)


@router.post("/quality/pairs/{attempt_id}/adjudication")
def adjudicate_pair(
    attempt_id: Id, body: AdjudicationIn, session: SessionDep, user: CurrentUser
) -> AdjudicatedOut:
    """Make one annotation of two people's answers, joint by joint."""
    return adjudicating.adjudicate(session, user, attempt_id, body)


@router.get("/attempts/waiting")
def show_waiting(session: SessionDep, user: CurrentUser) -> WaitingOut:
    """What waits for the asking person beside their recordings."""
    return WaitingOut(
        single_frames=service.waiting(session, user),
        training_required=policies.is_annotator(user)
        and not handing_out.is_trained(session, user.id),
    )


@router.post("/attempts/stack")
def take_stack(session: SessionDep, user: CurrentUser) -> StackOut:
    """The single frames that lie before the asking person; what they owe by now is given out."""
    return service.stack(session, user)


@router.post("/attempts/training")
def take_training(session: SessionDep, user: CurrentUser) -> TrainingOut:
    """The next training frame of the asking person, and where they stand."""
    return service.training(session, user)


@router.post("/attempts/{attempt_id}/operations", responses={412: {"model": StaleOut}})
def write_attempt(
    attempt_id: Id,
    body: OperationsIn,
    version: IfMatch,
    session: SessionDep,
    user: CurrentUser,
    response: Response,
) -> SavedOut:
    """Perform operations on a single frame, all or none; its annotation is not touched."""
    if version is None:
        raise InvalidInput("If-Match: * is not enough here; name the version that you read.")
    operations = [operation_from_json(operation.model_dump(by_alias=True))
                  for operation in body.operations]  # fmt: skip
    saved = service.apply_operations(
        session,
        user,
        attempt_id,
        version,
        body.operation_id,
        operations,
        seconds_shown=body.seconds_shown,
    )
    response.headers["ETag"] = f'"{saved.version}"'
    return saved


@router.post("/attempts/{attempt_id}/close")
def hand_in_attempt(attempt_id: Id, session: SessionDep, user: CurrentUser) -> ClosedOut:
    """Hand a single frame in; in training the answer tells how far it was."""
    return service.close(session, user, attempt_id)


@router.get("/attempts/{attempt_id}/image", response_class=Response, responses=PICTURE)
def get_attempt_image(
    attempt_id: Id,
    session: SessionDep,
    user: CurrentUser,
    storage: StorageDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The image of a single frame."""
    _, frame = repository.own_attempt(session, user.id, attempt_id)
    return blob_answer(storage, frame.image_key, f'"single-{attempt_id}"', if_none_match)


@router.get("/attempts/{attempt_id}/thumbnail", response_class=Response, responses=PICTURE)
def get_attempt_thumbnail(
    attempt_id: Id,
    session: SessionDep,
    user: CurrentUser,
    storage: StorageDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A small picture of a single frame."""
    _, frame = repository.own_attempt(session, user.id, attempt_id)
    return blob_answer(storage, frame.thumbnail_key, f'"single-{attempt_id}-small"', if_none_match)
