"""Which joints of a model are proposed as visible: what their scores say together.

A low score has two causes: the joint is covered, or the model is unsure of this kind of joint, of
this picture or of infants at all. A joint is proposed as occluded only on evidence: its score is
low, *and* its neighbours on the body are far surer, or it is hardly found at all. A face is one
surface: where most of it is seen, a weak nose between two good eyes is seen as well.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from backend.domain.limits import LOW_SCORE
from backend.domain.skeleton import EDGES, FACE, N_JOINTS

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

HARDLY_FOUND: Final = 0.1
"""Below this score a joint is a guess of the model's, wherever it lies."""

NEIGHBOURS_RATIO: Final = 0.5
"""A joint with less than this share of its neighbours' median score is weak for its body."""

FACE_SEEN: Final = 3
"""Of five joints of the face, so many good ones make it a visible face …"""

FACE_NEAR: Final = 1.5
"""… for a joint that lies within so many times the good ones' extent of their middle: an ear
behind the head is found beside the face, not on it."""

FACE_AT_LEAST: Final = 0.15
"""… and has at least this score: half of ``LOW_SCORE``. The far ear of a profile has less."""

_NEXT_TO: Final = tuple(
    tuple(b if a == joint else a for a, b in EDGES if joint in (a, b)) for joint in range(N_JOINTS)
)


def seen_joints(keypoints: Float[Array, "17 2"], scores: Float[Array, "17"]) -> Bool[Flags, "17"]:
    """Which joints are proposed as visible.

    Args:
        keypoints: (17, 2) image pixels.
        scores: (17,) in [0, 1]; 0 where a joint is not present.
    """
    seen = scores >= LOW_SCORE
    weak = (scores > 0) & ~seen
    for joint in np.flatnonzero(weak & (scores >= HARDLY_FOUND)):
        around = scores[[n for n in _NEXT_TO[joint] if scores[n] > 0]]
        seen[joint] = bool(len(around)) and scores[joint] >= NEIGHBOURS_RATIO * np.median(around)
    face = np.array(FACE)
    good = face[scores[face] >= LOW_SCORE]
    if len(good) >= FACE_SEEN:
        middle = keypoints[good].mean(axis=0)
        reach = FACE_NEAR * np.linalg.norm(keypoints[good] - middle, axis=1).max()
        near = np.linalg.norm(keypoints[face] - middle, axis=1) <= reach
        seen[face[near & (scores[face] >= FACE_AT_LEAST)]] = True
    return np.asarray(seen)
