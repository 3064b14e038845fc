"""Sessions without pictures: known motions before known cameras, made in a second.

The body and what optical flow would say of it are those of the engine's own tests
(``tests/backend/domain/trajectories/made.py``): limbs of constant length swing about a trunk that
turns and wanders, joints hide, flow errs. Nobody passes, nothing is dark. Pre-labels are those of
``noise.py``, or such as err alike in all frames and views (``alike_everywhere``).
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
from benchmarks.hour.noise import Prelabels
from benchmarks.hour.sessions import KINDS, SIZE, Session
from tests.backend.domain.trajectories import made as bodies

Array = NDArray[np.float64]

OFF, SLOW, JITTER = 1.2, 0.6, 0.5
"""Of errors that are alike, in COCO's σ: what stays for good in the body's axes, what changes
within two seconds but is the same in all views, and what each view has by itself."""

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
    trunk = _unit(joints[:, 5:7].mean(1) - joints[:, 11:13].mean(1))
    side = joints[:, 5] - joints[:, 6]
    side = _unit(side - (side * trunk).sum(-1, keepdims=True) * trunk)
    axes = np.stack([trunk, side, np.cross(trunk, side)], axis=-1)
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


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], width: float) -> Array:
    noise = gaussian_filter1d(rng.normal(size=shape), width, axis=0)
    return np.asarray(noise / noise.std())
