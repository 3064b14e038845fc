"""Relative poses of two cameras that saw a board together, whichever way round it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.pixels import OPENCV, to_outside
from worker.calibration.boards import Board, BoardView, Target
from worker.calibration.bundle import mean_transform
from worker.calibration.poses import angle_deg, inverse, object_poses

Array = NDArray[np.float64]
Poses = Mapping[tuple[int, int], list[tuple[Array, float]]]

_AGREES_PX = 8.0
_MAX_COST_PX = 60.0
_MAX_HYPOTHESES = 12
_MAX_JUDGES = 40


@dataclass(frozen=True, slots=True)
class Pair:
    """How camera ``b`` stands to camera ``a``.

    Attributes:
        a: Index of a camera.
        b: Index of the other.
        T_b_a: (4, 4) from the axes of ``a`` into those of ``b``.
        shared: Moments that both saw.
        agreeing: How many of them the pose explains.
        rms_px: Median error at these moments in ``b``, pixels.
        ambiguous: Whether another arrangement explains the pictures as well.
    """

    a: int
    b: int
    T_b_a: Array
    shared: int
    agreeing: int
    rms_px: float
    ambiguous: bool

    @property
    def holds(self) -> bool:
        """Whether the relative pose can be relied on."""
        return not self.ambiguous and self.agreeing >= max(1.0, 0.3 * self.shared)


def board_poses(
    cameras: Sequence[Camera], moments: Sequence[Mapping[int, BoardView]], board: Target
) -> dict[tuple[int, int], list[tuple[Array, float]]]:
    """Poses T_camera_board in which each view may show the board, by (moment, camera)."""
    return {
        (m, i): object_poses(cameras[i], *view.pairs(board))
        for m, moment in enumerate(moments)
        for i, view in moment.items()
    }


def relate(
    cameras: Sequence[Camera], moments: Sequence[Mapping[int, BoardView]], poses: Poses,
    board: Target,
) -> list[Pair]:  # fmt: skip
    """All pairs of cameras that share moments."""
    found = []
    for a, b in combinations(range(len(cameras)), 2):
        shared = [
            m for m, moment in enumerate(moments)
            if a in moment and b in moment and poses[m, a] and poses[m, b]
        ]  # fmt: skip
        if shared:
            found.append(_relate(cameras, moments, poses, board, a, b, shared))
    return found


def _relate(
    cameras: Sequence[Camera], moments: Sequence[Mapping[int, BoardView]], poses: Poses,
    board: Target, a: int, b: int, shared: Sequence[int],
) -> Pair:  # fmt: skip
    boards = {m: moments[m][a].board or board for m in shared}
    points = {m: of.points for m, of in boards.items()}
    orders = {m: of.symmetries() for m, of in boards.items()}
    turned = {m: [_turn(points[m], order) for order in orders[m]] for m in shared}
    most = max(map(len, points.values()))

    def pick(count: int) -> list[int]:
        step = max(1, len(shared) / count)
        return sorted({shared[int(k * step)] for k in range(count) if k * step < len(shared)})

    judges = pick(_MAX_JUDGES)

    # Everything that does not depend on the relative pose, once: corners in the axes of a.
    in_a = {
        m: np.stack([_padded(points[m] @ T[:3, :3].T + T[:3, 3], most) for T, _ in poses[m, a]])
        for m in shared
    }
    seen = {
        m: np.stack([_padded(moments[m][b].corners[order], most) for order in orders[m]])
        for m in shared
    }

    def errors(T_b_a: Array, among: Sequence[int]) -> Array:
        stacked = np.concatenate([in_a[m] for m in among])
        local = stacked @ T_b_a[:3, :3].T + T_b_a[:3, 3]
        there = to_outside(cameras[b].project_local(local), OPENCV)
        out, at = [], 0
        for m in among:
            mine = there[at : at + len(in_a[m])]
            at += len(in_a[m])
            squares = np.square(mine[:, None] - seen[m][None]).sum(axis=-1)
            # What b does not show says nothing; what would lie behind it is impossible.
            shown = np.asarray(np.isfinite(seen[m]).all(axis=-1))[None]
            squares = np.where(shown, np.nan_to_num(squares, nan=1e12), 0.0).sum(axis=-1)
            best = np.sqrt(squares / shown.sum(axis=-1)).min()
            out.append(min(float(best), _MAX_COST_PX))
        return np.array(out)

    scored: list[tuple[float, Array]] = []
    for m in pick(_MAX_HYPOTHESES):
        for T_a_board, miss_a in poses[m, a]:
            for T_b_board, miss_b in poses[m, b]:
                if miss_a > _AGREES_PX or miss_b > _AGREES_PX:
                    continue
                for turn in turned[m]:
                    T = T_b_board @ turn @ inverse(T_a_board)
                    own = (miss_a + miss_b) / 2 if len(shared) == 1 else 0.0
                    scored.append((float(errors(T, judges).mean()) + own, T))
    if not scored:
        T = poses[shared[0], b][0][0] @ inverse(poses[shared[0], a][0][0])
        return Pair(a, b, T, len(shared), 0, _MAX_COST_PX, ambiguous=False)
    scored.sort(key=lambda entry: entry[0])
    T = _averaged(scored[0][1], poses, turned, a, b, shared)
    if errors(T, judges).mean() > scored[0][0]:
        T = scored[0][1]
    all_errors = errors(T, shared)
    rival = next((cost for cost, other in scored if angle_deg(other, T) > 15.0), np.inf)
    agreeing = all_errors < _AGREES_PX
    level = float(np.median(all_errors[agreeing])) if agreeing.any() else _MAX_COST_PX
    return Pair(
        a, b, T, len(shared), int(agreeing.sum()), level,
        ambiguous=bool(
            scored[0][0] < _AGREES_PX and rival < max(1.5 * scored[0][0], scored[0][0] + 0.25)
        ),
    )  # fmt: skip


def _padded(points: Array, count: int) -> Array:
    return np.pad(points, ((0, count - len(points)), (0, 0)), constant_values=np.nan)


def _turn(points: Array, order: NDArray[np.int64]) -> Array:
    """(4, 4) that takes board points onto themselves in another order."""
    source, target = points, points[order]
    centre_a, centre_b = source.mean(axis=0), target.mean(axis=0)
    H = (source - centre_a).T @ (target - centre_b)
    angle = np.arctan2(H[0, 1] - H[1, 0], H[0, 0] + H[1, 1])
    T = np.eye(4)
    T[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    T[:3, 3] = centre_b - T[:3, :3] @ centre_a
    return T


def _averaged(
    T: Array, poses: Poses, turned: Mapping[int, Sequence[Array]], a: int, b: int,
    shared: Sequence[int],
) -> Array:  # fmt: skip
    """The middle of what all moments say that roughly agree with ``T``."""
    near = [
        candidate
        for m in shared
        for T_a_board, _ in poses[m, a]
        for T_b_board, _ in poses[m, b]
        for turn in turned[m]
        for candidate in (T_b_board @ turn @ inverse(T_a_board),)
        if angle_deg(candidate, T) < 3.0
        and np.linalg.norm(candidate[:3, 3] - T[:3, 3])
        < 0.05 * max(0.5, float(np.linalg.norm(T[:3, 3])))
    ]
    return mean_transform(near) if near else T


def looks_mirrored(
    cameras: Sequence[Camera], moments: Sequence[Mapping[int, BoardView]], board: Target, i: int
) -> bool:
    """Whether a camera's pictures fit the others' once they are mirrored, and not as they are.

    Markers cannot be read in a mirror, so that only checkerboards are asked.
    """
    if not isinstance(board, Board):
        return False
    near = [dict(moment) for moment in moments if i in moment and len(moment) > 1][:12]
    flipped = [
        {j: (v.mirrored(board) if j == i else v) for j, v in moment.items()} for moment in near
    ]

    def agreeing(views: Sequence[Mapping[int, BoardView]]) -> tuple[int, int]:
        poses = board_poses(cameras, views, board)
        mine = [p for p in relate(cameras, views, poses, board) if i in (p.a, p.b)]
        return sum(p.agreeing for p in mine), sum(p.shared for p in mine)

    as_they_are, _ = agreeing(near)
    mirrored, shared = agreeing(flipped)
    return shared >= 3 and mirrored > 0.6 * shared and as_they_are < 0.5 * mirrored
