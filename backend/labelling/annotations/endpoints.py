"""Writing to a frame's annotation, and reading its history."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from backend.core.http.dependencies import CurrentUser, IfMatch, Router, SessionDep
from backend.domain.document import operation_from_json
from backend.domain.errors import InvalidInput
from backend.labelling.annotations import service
from backend.labelling.annotations.schemas import AnnotationOut, OperationsIn, RevisionOut, StaleOut

router = Router(tags=["annotations"])

FrameId = Annotated[int, Path(ge=1, lt=2**63)]


@router.post("/frames/{frame_id}/operations", responses={412: {"model": StaleOut}})
def apply_operations(
    frame_id: FrameId,
    body: OperationsIn,
    version: IfMatch,
    user: CurrentUser,
    session: SessionDep,
    response: Response,
) -> AnnotationOut:
    """Perform operations on a frame, all or none; ``If-Match`` names the version that was read."""
    if version is None:
        raise InvalidInput("If-Match: * is not enough here; name the version that you read.")
    operations = [
        operation_from_json(operation.model_dump(by_alias=True)) for operation in body.operations
    ]
    annotation = service.apply_operations(
        session, user, frame_id, version, body.operation_id, operations
    )
    response.headers["ETag"] = f'"{annotation.version}"'
    return annotation


@router.get("/frames/{frame_id}/history")
def get_frame_history(
    frame_id: FrameId, user: CurrentUser, session: SessionDep
) -> list[RevisionOut]:
    """Every version of a frame's annotation, oldest first."""
    return service.history(session, frame_id)
