"""HTTP: exports."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response, status
from fastapi.responses import FileResponse, StreamingResponse

from backend.core.accounts import policies
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.core.http.description import binary
from backend.publishing.exports import repository, service
from backend.publishing.exports.schemas import (
    ExportAccepted,
    ExportCreate,
    ExportItem,
    FitsExportCreate,
    RuleAsked,
    RuleOut,
)
from backend.publishing.formats.registry import format_of

router = Router(tags=["exports"])


@router.post("/exports", status_code=status.HTTP_202_ACCEPTED)
def create_export(body: ExportCreate, user: CurrentUser, session: SessionDep) -> ExportAccepted:
    """Ask for a COCO file of approved recordings; a job writes it."""
    export, _ = service.request_export(
        session,
        user,
        body.recording_ids,
        include_fits=body.include_fits,
        pixels=body.pixels,
        outside=body.outside,
    )
    item = service.items(session, [export])[0]
    assert item.job is not None
    return ExportAccepted(export=item, job=item.job)


@router.post("/exports/fits", status_code=status.HTTP_202_ACCEPTED)
def create_fits_export(
    body: FitsExportCreate, user: CurrentUser, session: SessionDep
) -> ExportAccepted:
    """Ask for a file of body fits; a job writes it."""
    export, _ = service.request_fits_export(
        session,
        user,
        body.recording_ids,
        include_unverified=body.include_unverified,
        format_name=body.format,
    )
    item = service.items(session, [export])[0]
    assert item.job is not None
    return ExportAccepted(export=item, job=item.job)


@router.post("/exports/rule")
def export_rule(body: RuleAsked, user: CurrentUser, session: SessionDep) -> RuleOut:
    """By which rule joints of recordings are written where none is asked for; nothing is stored."""
    return service.rule_for(session, user, body.recording_ids)


@router.get("/exports")
def list_exports(
    user: CurrentUser,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[ExportItem]:
    """Exports, newest first."""
    policies.require(policies.may_export(user), "see exports")
    return service.items(session, repository.all_exports(session, limit=limit))


@router.get("/exports/{export_id}")
def get_export(export_id: int, user: CurrentUser, session: SessionDep) -> ExportItem:
    """One export."""
    policies.require(policies.may_export(user), "see exports")
    return service.items(session, [service.get(session, export_id)])[0]


@router.get(
    "/exports/{export_id}/file",
    response_class=Response,
    responses=binary(
        "application/json",
        "application/octet-stream",
        "application/zip",
        about="COCO keypoints JSON, body fits as .npz, or motions as an archive",
    )
    | {409: {"description": "It is not written yet"}},
)
def download_export(
    export_id: int, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> Response:
    """The file itself."""
    policies.require(policies.may_export(user), "download exports")
    export = service.get(session, export_id)
    key = service.require_file(export)
    media_type = format_of(export.format).media_type
    path = storage.local_path(key)
    if path is not None and path.exists():
        return FileResponse(path, media_type=media_type, filename=export.filename)
    size, chunks = storage.stream(key)
    return StreamingResponse(
        chunks,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{export.filename}"',
            "Content-Length": str(size),
        },
    )
