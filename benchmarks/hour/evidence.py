"""A session as the product's engine sees it: pre-labels, motion of the picture, cameras."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain import flow_grids
from backend.domain.cameras import Camera
from backend.domain.trajectories.evidence import CameraEvidence, Flow, SessionEvidence
from benchmarks.hour.noise import Prelabels
from benchmarks.hour.sessions import FPS, SIZE, Session
from worker.propagation import flow

Array = NDArray[np.float64]
Grey = NDArray[np.uint8]


def evidence_of(session: Session, labels: Prelabels, calibrated: bool = True) -> SessionEvidence:
    """Nothing is confirmed yet; flow is measured in the rendered pictures, once."""
    motion = measured_flow(session, labels)
    n = session.moments
    cameras = []
    for c in range(session.cameras):
        camera = Camera(
            f"camera_{c + 1}", *SIZE, session.K[c], np.zeros(0),
            T_camera_world=session.T_camera_world[c],
        )  # fmt: skip
        other = np.concatenate([labels.other[c], labels.other_scores[c][..., None]], axis=-1)
        cameras.append(
            CameraEvidence(
                times=np.arange(n) / FPS,
                width=SIZE[0],
                height=SIZE[1],
                marks=labels.joints[c].copy(),
                scores=np.nan_to_num(labels.scores[c]),
                others=other[:, None],
                confirmed=np.full((n, 17, 2), np.nan),
                confirmed_visibility=np.full((n, 17), -1, np.int64),
                discarded=~session.usable[c],
                flow=motion[c],
                camera=camera if calibrated and session.cameras > 1 else None,
            )
        )
    several = session.cameras > 1
    moments = np.repeat(np.arange(n)[:, None], session.cameras, axis=1)
    return SessionEvidence(tuple(cameras), moments if several else np.zeros((0, 0), np.int64))


def measured_flow(session: Session, labels: Prelabels) -> list[Flow]:
    """Of each camera, kept beside the pictures."""
    digest = hashlib.sha256(np.nan_to_num(labels.joints).tobytes())
    digest.update(np.nan_to_num(labels.other).tobytes())
    # Measured anew where the measure itself has changed.
    for t in (0, session.moments // 2):
        link = _link(labels, 0, t, _grey(session, 0, t), _grey(session, 0, t + 1))
        digest.update(link.displacement.tobytes() + link.reliability.tobytes())
    path = session.folder / f"flow-{digest.hexdigest()[:12]}.npz"
    if not path.exists():
        _measure(session, labels, path)
    with np.load(path) as found:
        return [
            Flow(
                found["origin"][c],
                found["step"][c],
                found["displacement"][c],
                found["reliability"][c].astype(np.float32) / flow_grids.FULL,
            )
            for c in range(session.cameras)
        ]


def _measure(session: Session, labels: Prelabels, path: Path) -> None:
    cv2.setNumThreads(1)
    started = time.monotonic()
    shape = (session.cameras, session.moments - 1)
    grid = (flow_grids.GRID, flow_grids.GRID)
    origin, step = np.zeros((*shape, 2)), np.ones(shape)
    displacement = np.zeros((*shape, *grid, 2), np.float16)
    reliability = np.zeros((*shape, *grid), np.uint8)
    for c in range(session.cameras):
        before = _grey(session, c, 0)
        for t in range(session.moments - 1):
            after = _grey(session, c, t + 1)
            link = _link(labels, c, t, before, after)
            origin[c, t], step[c, t] = link.origin, link.step
            displacement[c, t], reliability[c, t] = link.displacement, link.reliability
            before = after
    handle, draft = tempfile.mkstemp(suffix=".npz", dir=session.folder)
    with os.fdopen(handle, "wb") as file:
        np.savez(file, origin=origin, step=step, displacement=displacement,
                 reliability=reliability)  # fmt: skip
    os.replace(draft, path)
    print(f"  flow of {shape[0] * shape[1]} pairs: {time.monotonic() - started:.0f} s", flush=True)


def _link(labels: Prelabels, c: int, t: int, before: Grey, after: Grey) -> flow.Link:
    """In the square around all who may be the infant, in both frames."""
    people = [
        (*p.min(axis=0), *p.max(axis=0))
        for k in (t, t + 1)
        for p in (labels.joints[c, k], labels.other[c, k])
        if np.isfinite(p).all()
    ]
    return flow.measure(before, after, flow_grids.square_around(people, *SIZE))


def _grey(session: Session, camera: int, moment: int) -> NDArray[np.uint8]:
    path = str(session.image_path(camera, moment))
    return np.asarray(cv2.imread(path, cv2.IMREAD_GRAYSCALE), np.uint8)


def misplaced(evidence: SessionEvidence, off: float, seed: int) -> SessionEvidence:
    """The same session, its cameras known less well: principal points are wrong by ``off`` pixels
    along each axis (a Gaussian's deviation)."""
    rng = np.random.default_rng(seed + 100)
    cameras = []
    for one in evidence.cameras:
        by, camera = rng.normal(0, off, 2), one.camera
        if camera is not None and off:
            K = camera.K.copy()
            K[:2, 2] += by
            camera = replace(camera, K=K)
        cameras.append(replace(one, camera=camera))
    return replace(evidence, cameras=tuple(cameras))
