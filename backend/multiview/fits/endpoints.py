"""HTTP: body fits of a recording, verdicts on them, and their meshes."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Response

from backend.core.accounts import policies
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.core.http.description import binary
from backend.core.jobs.repository import to_out
from backend.core.jobs.schemas import JobOut
from backend.domain.fit_quality import GOOD_MM, LEVELS, POOR_MM, RADII
from backend.domain.fits import GATE_PX, FitRejection
from backend.multiview.fits import meshes, repository, service
from backend.multiview.fits.schemas import (
    Choice,
    FitDefaults,
    FitOut,
    FitRequest,
    FitsJudged,
    FitStep,
    SessionFits,
    VerdictIn,
)
from backend.recordings import access

router = Router(tags=["fits"])

Id = Annotated[int, Path(ge=1, lt=2**63)]

_LABELS = {
    FitRejection.WRONG_FACING: "Faces the wrong way",
    FitRejection.LIMB_OFF: "A limb is off",
    FitRejection.SHAPE_OFF: "The shape or size is off",
    FitRejection.THROUGH_FLOOR: "Goes through the floor, or floats",
    FitRejection.THROUGH_BODY: "Goes through itself",
    FitRejection.JOINTS_WRONG: "The joints under it are wrong",
    FitRejection.OTHER: "Something else",
}


@router.get("/fit-defaults")
def fit_defaults(user: CurrentUser) -> FitDefaults:
    """The gate, limits of quality, and why a fit can be rejected, in words."""
    return FitDefaults(
        gate_px=GATE_PX,
        good_mm=GOOD_MM,
        poor_mm=POOR_MM,
        interval_share=LEVELS[1],
        interval_radius=RADII[1],
        rejections=[Choice(value=value.value, label=label) for value, label in _LABELS.items()],
    )


@router.get("/recordings/{recording_id}/fits", response_model=SessionFits)
def list_fits(recording_id: Id, user: CurrentUser, session: SessionDep) -> Response:
    """A recording's body fits, by moment."""
    policies.require(policies.may_see_recording(user), "see recordings")
    found = service.session_fits(session, user, recording_id)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post("/recordings/{recording_id}/fits", status_code=202)
def request_fits(
    recording_id: Id, body: FitRequest, user: CurrentUser, session: SessionDep
) -> JobOut:
    """Ask for body fits; a job makes them."""
    job = service.request_fit(session, user, recording_id, body)
    session.refresh(job)
    return to_out(job, access.get_recording(session, recording_id), user)


@router.post("/recordings/{recording_id}/fits/verdicts")
def judge_fits(
    recording_id: Id, body: VerdictIn, user: CurrentUser, session: SessionDep
) -> FitsJudged:
    """Verify or reject fits, all or none."""
    fits = service.judge(
        session, user, recording_id, body.fits, body.status, body.reason, body.text
    )
    return FitsJudged(fits=fits)


@router.get("/fits/{fit_id}")
def get_fit(fit_id: Id, user: CurrentUser, session: SessionDep) -> FitOut:
    """One body fit."""
    policies.require(policies.may_see_recording(user), "see recordings")
    return service.get_fit(session, fit_id)


@router.get("/fits/{fit_id}/history")
def fit_history(fit_id: Id, user: CurrentUser, session: SessionDep) -> list[FitStep]:
    """A fit's steps, newest first."""
    policies.require(policies.may_see_recording(user), "see recordings")
    service.get_fit(session, fit_id)
    return repository.history(session, fit_id)


@router.get(
    "/fits/{fit_id}/model.bin",
    response_class=Response,
    responses=binary("application/octet-stream", about="For viewers"),
)
def get_fit_model(
    fit_id: Id, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> Response:
    """The shaped body of a fit at rest, with the offsets of its skin (see docs/bodies.md)."""
    policies.require(policies.may_see_recording(user), "see recordings")
    data = meshes.viewer_file(session, storage, fit_id)
    return Response(
        data,
        media_type="application/octet-stream",
        headers={"Cache-Control": "private, no-cache"},
    )


@router.get(
    "/fits/{fit_id}/mesh.{kind}",
    response_class=Response,
    responses=binary("model/obj", "model/gltf-binary", about="The surface"),
)
def get_fit_mesh(
    fit_id: Id,
    kind: Literal["obj", "glb"],
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
) -> Response:
    """The posed surface of a fit: OBJ (z up) or binary glTF (y up, as glTF wants it)."""
    policies.require(policies.may_see_recording(user), "see recordings")
    data = meshes.mesh_file(session, storage, fit_id, kind)
    return Response(
        data,
        media_type=meshes.MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="fit-{fit_id}.{kind}"'},
    )
