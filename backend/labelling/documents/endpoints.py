"""Writing to a frame."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from backend.core.http.dependencies import CurrentUser, IfMatch, Router, SessionDep
from backend.domain.errors import InvalidInput
from backend.domain.operations import operation_from_json
from backend.labelling.documents import service
from backend.labelling.documents.schemas import OperationsIn, SavedOut, StaleOut

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
) -> SavedOut:
    """Perform operations on a frame, all or none.

    ``If-Match`` names the version of the joints that was read, ``box_version`` that of the box.
    """
    if version is None:
        raise InvalidInput("If-Match: * is not enough here; name the version that you read.")
    operations = [operation_from_json(operation.model_dump(by_alias=True))
                  for operation in body.operations]  # fmt: skip
    read = service.Read(version, body.box_version)
    saved = service.apply_operations(
        session,
        user,
        frame_id,
        read,
        body.operation_id,
        operations,
        seconds_shown=body.seconds_shown,
    )
    response.headers["ETag"] = f'"{saved.version}"'
    return saved
