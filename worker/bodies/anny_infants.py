"""Infants drawn from ``anny``'s phenotypes, corrected towards infants' proportions.

Frame of this module: anny's rest frame, metres, z up, the person faces −y, the left is +x.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import JOINTS
from worker.synthesis.body import PARTS, part_of_bone

Array = NDArray[np.float64]

# anny's age −0.33 is a newborn, 0 a baby, 0.33 a child. MEDIAN_AGE gives bodies of .75 m, the
# length of an infant of twelve months (WHO growth standards: .757 m boys, .740 m girls).
MEDIAN_AGE = 0.037
AGES = (-0.33, 0.15)

# Local changes of anny that keep a body symmetric and that tell infants apart.
LOCAL_CHANGES = re.compile(
    r"(upperarm|lowerarm|upperleg|lowerleg)-(fat|scale-(depth|horiz|vert))-incr"
    r"|(foot|hand)-scale-incr|cheek-(volume|bones)-incr|chin-(height|prominent|width)-incr"
    r"|head-(fat|scale-(vert|depth|horiz)|back-scale-depth)-incr|forehead-scale-vert-incr"
    r"|hip-scale-(horiz|depth)-incr|torso-scale-(horiz|depth|vert)-incr|stomach-tone-incr"
    r"|neck-(double|scale-(depth|horiz|vert))-incr|buttocks-volume-incr"
    r"|measure-(shoulder|napetowaist)-dist-incr|(upperlegs|lowerlegs)-height-incr"
    r"|measure-(upperarm|lowerarm)-length-incr"
)
REGIONS = (
    "head",
    "eye_front.L",
    "eye_front.R",
    "eye_back.L",
    "eye_back.R",
    "eye_cavity.L",
    "eye_cavity.R",
    "mouth_cavity",
    "tongue",
)


@dataclass(frozen=True)
class Infants:
    """N bodies of one topology in anny's rest pose.

    vertices: (N, V, 3). heads: (N, B, 3), where each of the B bones turns. bones: names.
    weights: (V, B). coco: (17, V). faces: (F, 3). uv: (U, 2). face_uv: (F, 3). regions: (F,) masks.
    """

    vertices: Array
    heads: Array
    bones: tuple[str, ...]
    weights: Array
    coco: Array
    faces: NDArray[np.int32]
    uv: Array
    face_uv: NDArray[np.int32]
    regions: dict[str, NDArray[np.bool_]]


def draw(count: int, seed: int) -> Infants:
    """Draw infants; the first is the plain one of twelve months, all at the median.

    count: bodies. seed: of the random numbers.
    """
    import anny
    import torch
    from anny.face_segmentation import get_face_segmentation_mask
    from anny.keypoints import KeypointsRegressor

    plain = anny.Anny(skinning_method="lbs", facial_actions="all", local_changes="none")
    model = anny.Anny(skinning_method="lbs", facial_actions="all", local_changes="default")
    if not torch.equal(plain.faces, model.faces):
        raise RuntimeError("anny's topology depends on its options")
    rng = np.random.default_rng(seed)
    weights = np.asarray(model.dense_vertex_bone_weights.double().numpy())
    bones = tuple(model.bone_labels)
    changes = _local_changes(model.local_change_labels)
    vertices, heads = [], []
    for k in range(count):
        phenotype, local, build = _chance(rng, changes, still=k == 0)
        with torch.no_grad():
            out = model(
                phenotype_kwargs=phenotype,
                local_changes_kwargs=local,
                facial_actions={
                    # A friendly, awake face: it matters for renders only.
                    "mouthSmileLeft": 0.3,
                    "mouthSmileRight": 0.3,
                    "eyeWideLeft": 0.5,
                    "eyeWideRight": 0.5,
                },
            )
        v, h = _in_proportion(
            out["rest_vertices"][0].double().numpy(),
            out["rest_bone_heads"][0].double().numpy(),
            bones,
            weights,
            build,
        )
        vertices.append(v)
        heads.append(h)
    regressor = KeypointsRegressor.coco(model)
    order = [list(regressor.labels).index(name) for name in JOINTS]
    return Infants(
        np.stack(vertices),
        np.stack(heads),
        bones,
        weights,
        regressor.regression_weights.double().numpy()[order],
        model.faces.numpy().astype(np.int32),
        model.texture_coordinates.double().numpy(),
        model.face_texture_coordinate_indices.numpy().astype(np.int32),
        {
            name: np.asarray(get_face_segmentation_mask(model, [name]).numpy(), bool)
            for name in REGIONS
        },
    )


def _local_changes(labels: list[str]) -> list[list[str]]:
    """Labels to be moved together (left with right)."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        both = re.sub(r"^[lr]-", "", label)
        if LOCAL_CHANGES.fullmatch(both):
            groups.setdefault(both, []).append(label)
    return list(groups.values())


@dataclass(frozen=True)
class Build:
    """Factors on parts of the body. torso: (x, y, z)."""

    head: float
    leg: float
    arm: float
    torso: tuple[float, float, float]


MEDIAN_BUILD = Build(1.26, 0.90, 0.93, (1.10, 1.12, 1.0))


def _chance(
    rng: np.random.Generator, changes: list[list[str]], *, still: bool
) -> tuple[dict[str, float], dict[str, float], Build]:
    """Phenotype, local changes and build of one infant. still: the median of everything."""
    if still:
        middle = dict.fromkeys(("gender", "height", "proportions"), 0.5)
        return {"age": MEDIAN_AGE, "weight": 0.75, "muscle": 0.3, **middle}, {}, MEDIAN_BUILD
    far = rng.beta(1.0, 4.5)
    end = AGES[0] if rng.random() < 0.5 else AGES[1]
    phenotype = {
        "age": float(MEDIAN_AGE + far * (end - MEDIAN_AGE)),
        "gender": float(rng.uniform(0, 1)),
        "weight": float(np.clip(rng.normal(0.75, 0.22), 0.2, 1.0)),
        "muscle": float(np.clip(rng.normal(0.3, 0.15), 0.0, 0.7)),
        "height": float(np.clip(rng.normal(0.5, 0.15), 0.1, 0.9)),
        "proportions": float(np.clip(rng.normal(0.5, 0.2), 0.0, 1.0)),
    }
    local = {}
    for group in changes:
        amount = float(np.clip(rng.normal(0, 0.22), -0.6, 0.6))
        local.update(dict.fromkeys(group, amount))
    m = MEDIAN_BUILD
    torso = tuple(float(np.clip(rng.normal(t, 0.035), t - 0.1, t + 0.1)) for t in m.torso)
    build = Build(
        float(np.clip(rng.normal(m.head, 0.05), m.head - 0.13, m.head + 0.13)),
        float(np.clip(rng.normal(m.leg, 0.04), m.leg - 0.1, m.leg + 0.1)),
        float(np.clip(rng.normal(m.arm, 0.04), m.arm - 0.1, m.arm + 0.1)),
        (torso[0], torso[1], torso[2]),
    )
    return phenotype, local, build


def _in_proportion(
    vertices: Array, heads: Array, bones: tuple[str, ...], weights: Array, build: Build
) -> tuple[Array, Array]:
    """Enlarge the head and trunk and shorten the limbs; the length stays that of anny's body."""
    parts = [part_of_bone(b) for b in bones]
    length = float(np.ptp(vertices[:, 2]))
    state: dict[str, Any] = {"v": vertices.copy(), "h": heads.copy()}

    def resize(names: tuple[str, ...], pivot_bone: str, factor: Array) -> None:
        chosen = np.array([p in names for p in parts])
        pivot = state["h"][bones.index(pivot_bone)].copy()
        share = weights[:, chosen].sum(axis=1)[:, None]
        # Smoothstep: the change fades out within the skinning weights' overlap.
        share = share * share * (3 - 2 * share)
        state["v"] = pivot + (state["v"] - pivot) * (1 + (factor - 1) * share)
        state["h"][chosen] = pivot + (state["h"][chosen] - pivot) * factor

    resize(("head",), "neck02", np.full(3, build.head))
    resize(("torso",), "spine03", np.asarray(build.torso))
    for s in "LR":
        legs = (f"thigh.{s}", f"shin.{s}", f"foot.{s}")
        resize(legs, f"upperleg01.{s}", np.array([1.0, 1.0, build.leg]))
        arms = (f"upper_arm.{s}", f"forearm.{s}", f"hand.{s}")
        resize(arms, f"upperarm01.{s}", np.full(3, build.arm))
    assert set(parts) <= set(PARTS)
    factor = length / float(np.ptp(state["v"][:, 2]))
    return state["v"] * factor, state["h"] * factor
