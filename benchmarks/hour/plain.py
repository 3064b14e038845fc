"""Sessions without pictures: known motions before known cameras, made in a second.

The body and what optical flow would say of it are those of the engine's own tests
(``tests/backend/domain/trajectories/made.py``): limbs of constant length swing about a trunk that
turns and wanders, joints hide, flow errs. Nobody passes, nothing is dark. Pre-labels are those of
``noise.py``, or such as err alike in all frames and views (``alike_everywhere``), or as a model
does that was trained on other bodies: by posture and by view (``by_posture``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from backend.domain.cameras import Camera
from backend.domain.skeleton import SIGMAS
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.sizes import SILHOUETTE
from benchmarks.hour.noise import Prelabels, episodes
from benchmarks.hour.sessions import KINDS, SIZE, Session
from tests.backend.domain.trajectories import made as bodies

Array = NDArray[np.float64]

LIMB_FROM = np.array([3, 3, 4, 5, 6, 11, 12, 5, 6, 7, 8, 5, 6, 11, 12, 13, 14])
"""The joint from which each one's limb comes."""

OFF, SLOW, JITTER = 1.2, 0.6, 0.5
"""Of errors that are alike, in COCO's σ: what stays for good in the body's axes, what changes
within two seconds but is the same in all views, and what each view has by itself."""

POSTURE, STAYS, SHAKES, ASTRAY = 1.8, 0.5, 0.7, 0.06
"""Of errors that follow posture and view, in COCO's σ along an axis: what changes with both, what
stays for good, what changes from frame to frame; and the share of joints on something else."""

_WAVES, _QUICK = 24, 2.5
"""Waves that each error is a sum of; how often they turn as the body does, per unit."""

_BODY_M = 0.3
"""Root of the area of the whole silhouette, metres, for the errors in the world."""


def plain_session(kind: str, seed: int) -> tuple[Session, SessionEvidence]:
    """A session of a kind (one of KINDS) and a seed; its evidence has pre-labels of its own."""
    count, moments = KINDS[kind]
    rng = np.random.default_rng(seed)
    body = bodies.moving_body(rng, moments)
    cameras = bodies.four_cameras()[:count]
    made = [
        bodies.made_camera(rng, body, camera, bodies.Noise(), placed=count > 1)
        for camera in cameras
    ]
    shape = (count, moments, 17)
    nobody = np.full((*shape, 2), np.nan)
    session = Session(
        kind=kind,
        seed=seed,
        K=np.stack([c.K for c in cameras]),
        T_camera_world=np.stack([np.asarray(c.T_camera_world) for c in cameras]),
        joints3d=body,
        adult3d=np.full((moments, 17, 3), np.nan),
        joints2d=np.stack([one.truth for one in made]),
        visibility=np.stack([np.where(one.seen, 2, 1) for one in made]).astype(np.uint8),
        area=np.stack([(SILHOUETTE * one.size) ** 2 for one in made]),
        adult2d=nobody,
        adult_visibility=np.zeros(shape, np.uint8),
        adult_area=np.zeros(shape[:2]),
        condition=np.zeros(shape[:2], np.uint8),
        activity=np.array(["on the back"] * moments),
        folder=Path(),
    )
    together = np.repeat(np.arange(moments)[:, None], count, axis=1)
    return session, SessionEvidence(
        tuple(one.evidence for one in made),
        together if count > 1 else np.zeros((0, 0), np.int64),
    )


def labelled(session: Session, evidence: SessionEvidence, labels: Prelabels) -> SessionEvidence:
    """The evidence with these pre-labels."""
    cameras = []
    for c, camera in enumerate(evidence.cameras):
        other = np.concatenate([labels.other[c], labels.other_scores[c][..., None]], axis=-1)
        cameras.append(
            bodies.evidence_with(
                camera,
                marks=labels.joints[c].copy(),
                scores=np.nan_to_num(labels.scores[c]),
                others=other[:, None],
                discarded=~session.usable[c],
            )
        )
    return SessionEvidence(tuple(cameras), evidence.moments)


def alike_everywhere(
    session: Session, seed: int, off: float = OFF, slow: float = SLOW
) -> Prelabels:
    """Labels of a model that has bodies wrong: each joint is off by the same way in the body's own
    axes, in all frames and views; confident all the same.

    Args:
        session: Without pictures. seed: Of the errors.
        off: What stays, and slow: what changes with time, both in COCO's σ.
    """
    rng = np.random.default_rng([seed, 9])
    joints = session.joints3d
    axes = _axes(joints)
    unit = np.asarray(SIGMAS)[:, None] * _BODY_M
    way = off * rng.normal(size=(17, 3)) + slow * _smooth(rng, joints.shape, 25)
    wrong = joints + np.einsum("tij,tkj->tki", axes, way * unit)
    found, scores = [], []
    for c in range(session.cameras):
        camera = Camera(
            "camera", *SIZE, session.K[c], np.zeros(0), T_camera_world=session.T_camera_world[c]
        )
        views = (*wrong.shape[:2], 2)
        own = JITTER * (_smooth(rng, views, 1.5) + _smooth(rng, views, 20))
        spread = np.sqrt(session.area[c])[:, None] * np.asarray(SIGMAS)
        found.append(camera.project(wrong) + own * spread[..., None])
        sure = np.where(session.visibility[c] == 2, 0.8, 0.55)
        scores.append(np.clip(rng.normal(sure, 0.1), 0.05, 0.98))
    nobody = np.full(np.shape(found), np.nan)
    return Prelabels(
        np.stack(found),
        np.stack(scores),
        nobody,
        nobody[..., 0],
        np.zeros(nobody.shape[:3], np.uint8),
    )


def by_posture(session: Session, seed: int, posture: float = POSTURE) -> Prelabels:
    """Labels of a model that errs by posture and view, as one trained on other bodies does.

    Each joint is off by a smooth function of where the camera stands in the body's axes and of how
    its own limb points in the picture (random Fourier features): alike as long as both are, another
    as they change, the same again when they return. Scores know half of what is astray.

    Args:
        session: Without pictures. seed: Of the errors.
        posture: What changes with posture and view, in COCO's σ.
    """
    rng = np.random.default_rng([seed, 11])
    axes = _axes(session.joints3d)
    count = session.cameras
    found, scores = [], []
    waves = rng.normal(size=(17, _WAVES, 5)) * _QUICK
    shift = rng.uniform(0, 2 * np.pi, (17, _WAVES))
    ways = rng.normal(size=(17, _WAVES, 2)) * np.sqrt(2 / _WAVES)
    stays = rng.normal(size=(17, 2))
    for c in range(count):
        truth = session.joints2d[c]
        spread = np.sqrt(session.area[c])[:, None] * np.asarray(SIGMAS)
        rotation = session.T_camera_world[c, :3, :3]
        seen_from = np.einsum("tij,i->tj", axes, rotation.T @ np.array((0.0, 0.0, 1.0)))
        limb = (truth - truth[:, LIMB_FROM]) / (0.5 * np.sqrt(session.area[c])[:, None, None])
        both = np.concatenate([np.repeat(seen_from[:, None], 17, 1) * 2, limb], axis=-1)
        phase = np.einsum("tjk,jwk->tjw", both, waves) + shift
        off = posture * np.einsum("tjw,jwx->tjx", np.cos(phase), ways) + STAYS * stays
        off = off + SHAKES * (0.7 * _smooth(rng, truth.shape, 2) + 0.7 * rng.normal(size=off.shape))
        astray = episodes(rng, np.full(len(truth), ASTRAY * 3), 8)[:, None] & (
            rng.random((len(truth), 17)) < 1 / 3
        )
        marks = truth + off * spread[..., None]
        marks = np.where(astray[..., None], marks[:, rng.permutation(17)], marks)
        sure = np.where(session.visibility[c] == 2, 0.75, 0.5) - 0.25 * astray
        found.append(marks)
        scores.append(np.clip(rng.normal(sure, 0.12), 0.05, 0.98))
    nobody = np.full(np.shape(found), np.nan)
    none = np.zeros(nobody.shape[:3], np.uint8)
    return Prelabels(np.stack(found), np.stack(scores), nobody, nobody[..., 0], none)


def _axes(joints: Array) -> Array:
    """(T, 3, 3) the body's axes in the world as columns: along the trunk, across it, its front."""
    trunk = _unit(joints[:, 5:7].mean(1) - joints[:, 11:13].mean(1))
    side = joints[:, 5] - joints[:, 6]
    side = _unit(side - (side * trunk).sum(-1, keepdims=True) * trunk)
    return np.stack([trunk, side, np.cross(trunk, side)], axis=-1)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], width: float) -> Array:
    noise = gaussian_filter1d(rng.normal(size=shape), width, axis=0)
    return np.asarray(noise / noise.std())
