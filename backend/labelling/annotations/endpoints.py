"""The history of a frame's joints and verdict."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.labelling.annotations import service
from backend.labelling.annotations.schemas import RevisionOut

router = Router(tags=["annotations"])

FrameId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/frames/{frame_id}/history")
def get_frame_history(
    frame_id: FrameId, user: CurrentUser, session: SessionDep
) -> list[RevisionOut]:
    """Every version of a frame's annotation, oldest first."""
    return service.history(session, frame_id)
