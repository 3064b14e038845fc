"""From SMIL's pickles to the body model file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import (
    FORMAT,
    JOINTS,
    PARENTS,
    POSE_VALUES,
    open_body,
    sha256_of_file,
    write_body,
)
from backend.multiview.bodies.pickles import Mahalanobis, array_of, read_pickle

SMIL = "smil"
VERTICES = 6890
FACES = 13776
BETAS = 20

# COCO's face joints as vertices of SMPL's mesh, and the others as its joints (as smplx's output
# of 45 joints in the order 24 26 25 28 27 16 17 18 19 20 21 1 2 4 5 7 8).
FACE_VERTICES = (332, 2800, 6260, 583, 4071)
BODY_JOINTS = (16, 17, 18, 19, 20, 21, 1, 2, 4, 5, 7, 8)
# SMPL's hips are joints of the skeleton, COCO's lie further out.
HIP_WEIGHT = 0.3

# The hinges' limits: entries of the 69 pose values (left and right knee, left and right elbow).
_KNEES = (9, 12)
_ELBOWS = {52: 1, 55: -1}
_SLACK = 0.1

LICENCE = "SMIL research licence of its authors; not for redistribution"
ABOUT = (
    "SMIL, the Skinned Multi-Infant Linear model (Hesse et al., MICCAI 2018), converted from the "
    "authors' file."
)


def convert_smil(
    model: Path,
    prior: Path | None,
    out: Path,
    *,
    model_called: str | None = None,
    prior_called: str | None = None,
) -> str:
    """Convert SMIL's model, and its pose prior where there is one, to a body model file.

    Without the prior's file, the open body's assumed prior is used and stated. All 20 shape
    directions are kept. Nothing is left behind after an error.

    Args:
        model: ``smil_web.pkl``.
        prior: ``smil_pose_prior.pkl`` or None.
        out: The npz to write.
        model_called: The model's name in errors, for example of an upload.
        prior_called: The prior's.

    Returns:
        SHA-256 of the written file.

    Raises:
        InvalidInput: a file is no SMIL, or wants to run code; the message says which and why.
    """
    called = model_called or model.name
    found = read_pickle(model, called)
    if not isinstance(found, dict):
        raise _wrong(called, "it holds no model")
    arrays = _geometry(found, called)
    arrays |= _prior(prior, prior_called)
    source = sha256_of_file(model)
    return write_body(
        out,
        {
            "format": np.int32(FORMAT),
            "name": np.str_(SMIL),
            "version": np.str_(source[:8]),
            "licence": np.str_(LICENCE),
            "about": np.str_(ABOUT),
            "sha256_source": np.str_(source),
            **arrays,
        },
    )


def _geometry(found: dict[Any, Any], called: str) -> dict[str, Any]:
    def take(name: str, *shape: int) -> NDArray[Any]:
        if name not in found:
            raise _wrong(called, f"it lacks the entry “{name}” of an SMPL model")
        a = array_of(found[name], called, name)
        if a.shape != shape:
            got, want = (" × ".join(map(str, s)) for s in (a.shape, shape))
            raise _wrong(called, f"“{name}” is {got}; SMIL's is {want}")
        return a

    template = take("v_template", VERTICES, 3)
    faces = take("f", FACES, 3)
    tree = array_of(found.get("kintree_table"), called, "kintree_table").astype(np.int64)
    root = {-1, 2**32 - 1, 2**64 - 1}
    parents = tree[0].tolist() if tree.shape == (2, JOINTS) else []
    if not parents or parents[0] not in root or tuple(parents[1:]) != PARENTS[1:]:
        raise _wrong(called, "its joints (kintree_table) are not SMPL's 24")
    regressor = take("J_regressor", JOINTS, VERTICES)
    length = float(np.ptp(template[:, 1]))
    if not 0.3 < length < 1.2:
        raise _wrong(
            called, f"its template is {length:.3g} m tall; an infant in metres is expected"
        )
    coco = np.zeros((17, VERTICES))
    coco[np.arange(5), FACE_VERTICES] = 1.0
    coco[5:] = regressor[list(BODY_JOINTS)]
    weight = np.ones(17)
    weight[[11, 12]] = HIP_WEIGHT
    posedirs = take("posedirs", VERTICES, 3, 9 * (JOINTS - 1))
    return {
        "v_template": template.astype(np.float32),
        "shapedirs": take("shapedirs", VERTICES, 3, BETAS).astype(np.float32),
        "posedirs": posedirs.reshape(-1, posedirs.shape[2]).T.astype(np.float32),
        "faces": faces.astype(np.int32),
        "weights": take("weights", VERTICES, JOINTS).astype(np.float32),
        "J_regressor": regressor.astype(np.float32),
        "parents": np.array(PARENTS, np.int32),
        "coco_regressor": coco.astype(np.float32),
        "coco_weight": weight.astype(np.float32),
        "rest_length": np.float32(length),
    }


def _prior(path: Path | None, called: str | None) -> dict[str, Any]:
    if path is None:
        body = open_body()
        return {
            "pose_mean": body.pose_mean,
            "pose_factor": body.pose_factor,
            "pose_lower": body.pose_lower,
            "pose_upper": body.pose_upper,
            "pose_prior_about": np.str_(
                "SMIL's own prior was not given; that of the open body: " + body.pose_prior_about
            ),
        }
    called = called or path.name
    found = read_pickle(path, called)
    fields = found.fields if isinstance(found, Mahalanobis) else found
    if not isinstance(fields, dict) or not {"mean", "prec"} <= fields.keys():
        raise _wrong(called, "it is not a pose prior with mean and prec")
    mean = array_of(fields["mean"], called, "mean").ravel()
    factor = array_of(fields["prec"], called, "prec")
    # The prior may leave out nothing but the root's three values.
    prefix = int(array_of(fields.get("prefix", 3), called, "prefix").ravel()[:1].sum())
    if prefix != 3 or mean.shape != (POSE_VALUES,) or factor.shape != (POSE_VALUES, POSE_VALUES):
        raise _wrong(
            called,
            f"it covers {mean.size} values after {prefix}; SMIL's prior is over {POSE_VALUES} "
            "after 3",
        )
    lower, upper = np.full(POSE_VALUES, -np.inf), np.full(POSE_VALUES, np.inf)
    lower[list(_KNEES)] = -_SLACK
    for entry, sign in _ELBOWS.items():
        (upper if sign > 0 else lower)[entry] = sign * _SLACK
    return {
        "pose_mean": mean.astype(np.float32),
        "pose_factor": factor.astype(np.float32),
        "pose_lower": lower.astype(np.float32),
        "pose_upper": upper.astype(np.float32),
        "pose_prior_about": np.str_(
            f"SMIL's own (SHA-256 {sha256_of_file(path)[:12]}): distance (θ − mean)·prec; knees "
            "and elbows do not bend backwards."
        ),
    }


def _wrong(called: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{called} is not SMIL: {fault}.", file=called, fault=fault)
