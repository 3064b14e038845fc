"""HTTP: body models."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header, Path, Query, Response, status

from backend.core.http.dependencies import CurrentUser, Router, SessionDep, SettingsDep, StorageDep
from backend.core.http.description import binary
from backend.multiview.bodies import service, viewer
from backend.multiview.bodies.library import find_model
from backend.multiview.bodies.schemas import BodyAdd, BodyOut

router = Router(tags=["bodies"])

Name = Annotated[str, Path(min_length=1, max_length=80)]


@router.get("/bodies")
def list_bodies(user: CurrentUser, session: SessionDep, storage: StorageDep) -> list[BodyOut]:
    """The body models that fits can use, the open one first."""
    return service.list_bodies(session, storage)


@router.post("/bodies", status_code=status.HTTP_201_CREATED)
def add_body(
    body: BodyAdd,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    storage: StorageDep,
) -> BodyOut:
    """Take uploaded files as a body model: SMIL's pickles, or a body model file."""
    return service.add(session, user, settings, storage, body.upload_id, body.prior_upload_id)


@router.delete("/bodies/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove_body(name: Name, user: CurrentUser, session: SessionDep, storage: StorageDep) -> None:
    """Remove an added body model that no fit was made with."""
    service.remove(session, user, storage, name)


@router.get(
    "/bodies/{name}/model.bin",
    response_class=Response,
    responses=binary("application/octet-stream", about="For viewers"),
)
def get_body_model(
    name: Name,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    betas: Annotated[str | None, Query(max_length=1000, description="Comma-separated")] = None,
    v: Annotated[str | None, Query(max_length=64, description="The body's SHA-256")] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A shaped body for the browser: surface, skinning and joints at rest (see docs/bodies.md)."""
    model = find_model(session, storage, name)
    shape = viewer.parse_betas(betas, model)
    etag = hashlib.sha256(f"{viewer.MAGIC!r} {model.sha256} {shape}".encode()).hexdigest()[:32]
    fixed = v is not None and v == model.sha256
    headers = {
        "ETag": f'"{etag}"',
        "Cache-Control": ("private, max-age=31536000, immutable" if fixed else "private, no-cache"),
    }
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(
        viewer.pack(model, shape), media_type="application/octet-stream", headers=headers
    )
