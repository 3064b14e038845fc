"""The surface of a fit: for the browser, and as files that other programs open."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Fit, FitRun
from backend.core.storage import BlobStore
from backend.domain.errors import Conflict, NotFound
from backend.multiview.bodies import export_mesh, viewer
from backend.multiview.bodies.library import find_model
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import BodyModel

MEDIA_TYPES = {"obj": "model/obj", "glb": "model/gltf-binary"}


def _read(
    session: Session, storage: BlobStore, fit_id: int
) -> tuple[Fit, FitRun, BodyModel, NDArray[np.float64] | None]:
    found = session.execute(
        select(Fit, FitRun).join(FitRun, FitRun.id == Fit.run_id).where(Fit.id == fit_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no fit {fit_id}.")
    fit, run = found
    model = find_model(session, storage, run.body_name)
    if model.sha256 != run.body_sha256:
        raise Conflict(
            f"{run.body_name} is a different file from the one with which this fit was made: "
            "fit the recording"
            " again to see its surface."
        )
    offsets = None
    if fit.surface_key is not None:
        offsets = np.load(io.BytesIO(storage.read(fit.surface_key)), allow_pickle=False)
    return fit, run, model, offsets


def viewer_file(session: Session, storage: BlobStore, fit_id: int) -> bytes:
    """The body of a fit at rest, with its shape and the offsets of its skin, for the browser.

    Raises:
        NotFound: there is no such fit, or its body model is gone.
        Conflict: the body model of that name is another one now.
    """
    _, run, model, offsets = _read(session, storage, fit_id)
    return viewer.pack(model, run.betas, offsets)


def mesh_file(
    session: Session, storage: BlobStore, fit_id: int, kind: Literal["obj", "glb"]
) -> bytes:
    """The posed surface of a fit in world metres; errors as :func:`viewer_file`."""
    fit, run, model, offsets = _read(session, storage, fit_id)
    posed = pose_body(model, run.betas, fit.pose, run.scale, fit.translation, offsets)
    facts = {
        "body_model": run.body_name,
        "body_sha256": run.body_sha256,
        "fit": str(fit.id),
        "verdict": fit.status,
    }
    if kind == "glb":
        return export_mesh.to_glb(posed.vertices, model.faces, facts)
    comments = [f"{name}: {value}" for name, value in facts.items()]
    return export_mesh.to_obj(posed.vertices, model.faces, comments)
