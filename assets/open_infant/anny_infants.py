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
from worker.synthesis.body import part_of_bone

Array = NDArray[np.float64]

# anny's age −0.33 is a newborn, 0 a baby, 0.33 a child. MEDIAN_AGE gives bodies of .75 m, the
# length of an infant of twelve months (WHO growth standards: .757 m boys, .740 m girls).
MEDIAN_AGE = 0.042
AGES = (-0.33, 0.15)

# Local changes of anny that keep a body symmetric and that tell infants apart.
LOCAL_CHANGES = re.compile(
    r"(upperarm|lowerarm|upperleg|lowerleg)-(fat|scale-(depth|horiz|vert))-incr"
    r"|(foot|hand)-scale-incr|cheek-(volume|bones)-incr|chin-(height|prominent|width)-incr"
    r"|torso-vshape-incr|head-(fat|scale-(vert|depth|horiz)|back-scale-depth)-incr|forehead-scale-vert-incr"
    r"|hip-scale-(horiz|depth)-incr|torso-scale-(horiz|depth)-incr|stomach-tone-incr"
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


def draw(count: int, seed: int, *, adult: bool = False) -> Infants:
    """Draw infants; the first is the plain one of twelve months, all at the median.

    count: bodies. seed: of the random numbers. adult: adults instead, as anny draws them.
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
        chance = _grown if adult else _chance
        phenotype, local, build = chance(rng, changes, still=k == 0)
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
    """Factors on parts of the body.

    head: size. leg, arm: length. leg_girth, arm_girth: thickness about the bones. torso: (x, y, z).
    """

    head: float
    leg: float
    arm: float
    leg_girth: float
    arm_girth: float
    torso: tuple[float, float, float]


# Held against what is measured on infants of twelve months: docs/bodies.md has the table.
MEDIAN_BUILD = Build(1.22, 0.98, 0.94, 1.16, 1.08, (1.12, 1.14, 1.0))
MEDIAN_CHANGES = {
    "torso-vshape-incr": 0.2,
    "l-cheek-volume-incr": 0.3,
    "r-cheek-volume-incr": 0.3,
}


def _chance(
    rng: np.random.Generator, changes: list[list[str]], *, still: bool
) -> tuple[dict[str, float], dict[str, float], Build]:
    """Phenotype, local changes and build of one infant. still: the median of everything."""
    if still:
        middle = dict.fromkeys(("gender", "height", "proportions"), 0.5)
        return (
            {"age": MEDIAN_AGE, "weight": 0.75, "muscle": 0.3, **middle},
            MEDIAN_CHANGES,
            MEDIAN_BUILD,
        )
    far = rng.beta(1.0, 4.5)
    end = AGES[0] if rng.random() < 0.5 else AGES[1]
    phenotype = {
        "age": float(MEDIAN_AGE + far * (end - MEDIAN_AGE)),
        "gender": float(rng.uniform(0, 1)),
        "weight": float(np.clip(rng.normal(0.75, 0.22), 0.2, 1.0)),
        "muscle": float(np.clip(rng.normal(0.3, 0.15), 0.0, 0.7)),
        # Narrow: at these ages anny's height moves the knees' and hips' bones along the limb by
        # centimetres while the skin around them stays. Ages and builds make bodies tall or short.
        "height": float(np.clip(rng.normal(0.5, 0.03), 0.4, 0.6)),
        "proportions": float(np.clip(rng.normal(0.5, 0.2), 0.0, 1.0)),
    }
    local = {}
    for group in changes:
        amount = float(np.clip(rng.normal(0, 0.22), -0.6, 0.6))
        local.update({label: MEDIAN_CHANGES.get(label, 0.0) + amount for label in group})
    m = MEDIAN_BUILD

    def factor(median: float, spread: float) -> float:
        return float(
            np.clip(rng.normal(median, spread), median - 2.5 * spread, median + 2.5 * spread)
        )

    build = Build(
        factor(m.head, 0.05),
        factor(m.leg, 0.04),
        factor(m.arm, 0.04),
        factor(m.leg_girth, 0.05),
        factor(m.arm_girth, 0.05),
        (factor(m.torso[0], 0.035), factor(m.torso[1], 0.035), factor(m.torso[2], 0.035)),
    )
    return phenotype, local, build


PLAIN_BUILD = Build(1.0, 1.0, 1.0, 1.0, 1.0, (1.0, 1.0, 1.0))
ADULT_AGES = (0.6, 1.0)
"""anny's .67 is an adult, 1 an elder."""


def _grown(
    rng: np.random.Generator, changes: list[list[str]], *, still: bool
) -> tuple[dict[str, float], dict[str, float], Build]:
    """Phenotype and local changes of one adult. still: the median of everything."""
    names = ("gender", "weight", "muscle", "height", "proportions")
    if still:
        return {"age": 2 / 3, **dict.fromkeys(names, 0.5)}, {}, PLAIN_BUILD
    phenotype = {name: float(np.clip(rng.normal(0.5, 0.2), 0.0, 1.0)) for name in names}
    phenotype["age"] = float(rng.uniform(*ADULT_AGES))
    local = {}
    for group in changes:
        amount = float(np.clip(rng.normal(0, 0.22), -0.6, 0.6))
        local.update(dict.fromkeys(group, amount))
    return phenotype, local, PLAIN_BUILD


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

    # What hangs on the trunk is carried along when that is scaled.
    about = state["h"][bones.index("spine03")].copy()
    for names, first in (
        (("head",), "neck02"),
        *(((f"thigh.{s}", f"shin.{s}", f"foot.{s}"), f"upperleg01.{s}") for s in "LR"),
        *(((f"upper_arm.{s}", f"forearm.{s}", f"hand.{s}"), f"upperarm01.{s}") for s in "LR"),
    ):
        chosen = np.array([p in names for p in parts])
        shift = (state["h"][bones.index(first)] - about) * (np.asarray(build.torso) - 1)
        state["v"] = state["v"] + weights[:, chosen].sum(axis=1)[:, None] * shift
        state["h"][chosen] += shift
    resize(("torso",), "spine03", np.asarray(build.torso))
    resize(("head",), "neck02", np.full(3, build.head))
    for s in "LR":
        legs = (f"thigh.{s}", f"shin.{s}", f"foot.{s}")
        resize(legs, f"upperleg01.{s}", np.array([1.0, 1.0, build.leg]))
        arms = (f"upper_arm.{s}", f"forearm.{s}", f"hand.{s}")
        resize(arms, f"upperarm01.{s}", np.full(3, build.arm))
    for s in "LR":
        for part, start, end in (
            ("thigh", "upperleg01", "lowerleg01"),
            ("shin", "lowerleg01", "foot"),
            ("upper_arm", "upperarm01", "lowerarm01"),
            ("forearm", "lowerarm01", "wrist"),
        ):
            girth = build.leg_girth if part in ("thigh", "shin") else build.arm_girth
            a, b = (state["h"][bones.index(f"{n}.{s}")] for n in (start, end))
            axis = (b - a) / np.linalg.norm(b - a)
            share = weights[:, [p == f"{part}.{s}" for p in parts]].sum(axis=1)[:, None]
            away = state["v"] - a
            away = away - (away @ axis)[:, None] * axis
            state["v"] = state["v"] + (girth - 1) * share * away
    factor = length / float(np.ptp(state["v"][:, 2]))
    return state["v"] * factor, state["h"] * factor
