"""Importing tables of postures."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from sqlalchemy.orm import Session

from backend.core.database.tables import PostureImport
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.names import names_of
from backend.labelling.postures import imports
from backend.labelling.postures.import_schemas import (
    PostureImportIn,
    PostureImportOut,
    PosturePreviewOut,
    PostureTableIn,
    PostureUndoOut,
)

router = Router(tags=["postures"])

ImportId = Annotated[int, Path(ge=1, lt=2**63)]


@router.post("/posture-imports/preview")
def preview_posture_import(
    body: PostureTableIn, user: CurrentUser, session: SessionDep
) -> PosturePreviewOut:
    """What would be painted, and which lines cannot be used; nothing is changed."""
    return imports.preview(session, user, body)


@router.post("/posture-imports")
def import_postures(
    body: PostureImportIn, user: CurrentUser, session: SessionDep
) -> PostureImportOut:
    """Paint what a table says, in all of its recordings or in none."""
    return _out(session, imports.run(session, user, body, body.operation_id))


@router.get("/posture-imports")
def list_posture_imports(user: CurrentUser, session: SessionDep) -> list[PostureImportOut]:
    """The latest imports of postures, newest first."""
    return [_out(session, made) for made in imports.listed(session, user)]


@router.get("/posture-imports/{import_id}/undo")
def preview_posture_undo(
    import_id: ImportId, user: CurrentUser, session: SessionDep
) -> PostureUndoOut:
    """What would go with an import, and what prevents that."""
    return imports.what_undo_does(session, user, import_id)


@router.post("/posture-imports/{import_id}/undo")
def undo_posture_import(
    import_id: ImportId, user: CurrentUser, session: SessionDep
) -> PostureUndoOut:
    """Take an import back as a whole: what held before in its moments holds again."""
    return imports.undo(session, user, import_id)


def _out(session: Session, made: PostureImport) -> PostureImportOut:
    return PostureImportOut(
        id=made.id,
        file_name=made.file_name,
        at=made.created_at,
        by=names_of(session, [made.user_id]).get(made.user_id),
        recordings=imports.recordings_of(session, made.id),
        left_out=made.left_out,
        undone_at=made.undone_at,
    )
