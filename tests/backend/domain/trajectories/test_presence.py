"""Where an infant may be although no model found it."""

from __future__ import annotations

import numpy as np

from backend.domain.skeleton import N_JOINTS
from backend.domain.trajectories.evidence import CameraEvidence, SessionEvidence
from backend.domain.trajectories.presence import surrounded


def _camera(found: str, *, discarded: str = "") -> CameraEvidence:
    """``x`` where a model found the infant, ``p`` where a person placed it, else ``.``."""
    n = len(found)
    marks = np.full((n, N_JOINTS, 2), np.nan)
    said = marks.copy()
    marks[[sign == "x" for sign in found]] = 5.0
    said[[sign == "p" for sign in found]] = 5.0
    return CameraEvidence(
        np.arange(n) / 10, 640, 480, marks, np.ones((n, N_JOINTS)), said,
        np.where(np.isfinite(said[..., 0]), 2, -1),
        np.array([sign == "d" for sign in discarded or "." * n], np.bool_),
    )  # fmt: skip


def test_only_what_lies_between_frames_with_the_infant_is_near_it():
    (near,) = surrounded(SessionEvidence((_camera("..x..x..p."),)))
    assert near.tolist() == [False, False, *[True] * 7, False]


def test_a_mark_in_a_discarded_frame_says_nothing():
    (near,) = surrounded(SessionEvidence((_camera("x.x.x", discarded="....d"),)))
    assert near.tolist() == [True, True, True, False, False]


def test_another_camera_at_the_moment_says_that_the_infant_is_there():
    moments = np.array([[0, 0], [1, -1], [2, 1], [3, 2]])
    cameras = (_camera("...."), _camera("x.x"))
    first, second = surrounded(SessionEvidence(cameras, moments))
    assert first.tolist() == [True, False, False, True]
    assert second.tolist() == [True, True, True]


def test_where_nobody_was_found_nothing_is_near():
    near = surrounded(SessionEvidence((_camera("..."), _camera(""))))
    assert [flags.tolist() for flags in near] == [[False] * 3, []]
