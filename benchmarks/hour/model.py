"""Pre-labels of the model that ships for the demo, on every frame; kept beside the pictures."""

from __future__ import annotations

import os
import tempfile
import time
from functools import partial

import numpy as np
import torch

from backend.domain.candidates import likeliest_infant
from backend.models.checkpoints.designs import RtmoConfig
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from benchmarks.hour.noise import Prelabels
from benchmarks.hour.sessions import Session, frames
from worker.adapters.rtmo import RtmoEstimator


def of_demo_model(session: Session) -> Prelabels:
    """What ``rtmo-t-demo`` finds, the infant chosen by the product's rule."""
    known = KNOWN[DEMO_POSE]
    path = session.folder / f"{DEMO_POSE}-{known.sha256[:12]}.npz"
    if not path.exists():
        found = _run(session)
        handle, draft = tempfile.mkstemp(suffix=".npz", dir=session.folder)
        with os.fdopen(handle, "wb") as file:
            np.savez(file, *found)
        os.replace(draft, path)
    with np.load(path) as file:
        joints, scores, other, other_scores = (file[name] for name in sorted(file.files))
    none = np.zeros(scores.shape, np.uint8)
    return Prelabels(joints, scores, other, other_scores, none)


def _run(session: Session) -> tuple[np.ndarray, ...]:
    started = time.monotonic()
    torch.set_num_threads(1)
    known = KNOWN[DEMO_POSE]
    config = known.used_with
    assert known.shipped is not None
    assert isinstance(config, RtmoConfig)
    model = RtmoEstimator(
        known.variant,  # type: ignore[arg-type]
        known.shipped,
        cores=1,
        score_threshold=config.least_score,
        side=config.side,
    )
    shape = (session.cameras, session.moments, 17)
    joints, other = np.full((*shape, 2), np.nan), np.full((*shape, 2), np.nan)
    scores, other_scores = np.full(shape, np.nan), np.full(shape, np.nan)
    places = list(frames(session))
    images = [partial(session.image, c, t) for c, t in places]
    for (c, t), people in zip(places, model.estimate_stream(images), strict=True):
        chosen = likeliest_infant(people)
        if chosen is None:
            continue
        joints[c, t], scores[c, t] = people[chosen].keypoints, people[chosen].scores
        rest = [p for k, p in enumerate(people) if k != chosen]
        if rest:
            second = max(rest, key=lambda p: p.score)
            other[c, t], other_scores[c, t] = second.keypoints, second.scores
    print(f"  {DEMO_POSE} on {len(places)} frames: {time.monotonic() - started:.0f} s", flush=True)
    return joints, scores, other, other_scores
