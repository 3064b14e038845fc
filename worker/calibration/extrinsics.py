"""Where several cameras stand, from a board that they see together, pair by pair.

Every pair of cameras that shares moments gets a relative pose; a spanning tree of the pairs with
most agreeing moments chains them; bundle adjustment over all boards and cameras makes it exact.
A board that looks the same rotated by 180° is brought into one order across cameras by asking which
turn explains the other cameras' corners with one and the same relative pose at all moments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.boards import BoardView, Moment, Target
from worker.calibration.bundle import LOSS_SCALE_PX, Bundle, Observation, adjust
from worker.calibration.pairs import Pair, board_poses, relate
from worker.calibration.poses import inverse, project, seen_rms
from worker.calibration.uncertainty import board_covariances
from worker.calibration.unplaced import MIRRORED, no_arrangement, refuse, undecided, why_unplaced

Array = NDArray[np.float64]

GOOD_RMS_PX: Final = 1.0
_FAILED_RMS_PX: Final = 5.0
_OUTLIER: Final = 3.0
_NEVER_OUTLIER_PX: Final = 1.5


@dataclass(frozen=True, slots=True)
class DroppedView:
    """A picture of one camera at one moment that was left out, and why."""

    camera: str
    file: str
    reason: str
    rms_px: float | None = None


@dataclass(frozen=True, slots=True)
class Extrinsics:
    """Placed cameras.

    Attributes:
        cameras: All cameras in the order given; those that could not be placed have no pose.
        rms_px: RMS distance of corners from the projected boards.
        camera_rms_px: The same by camera; NaN where a camera could not be placed.
        moments_used: Moments that at least two placed cameras saw.
        flips_resolved: Views whose board was taken the other way round.
        pairs: (index, index, shared moments) of pairs that saw the board together.
        dropped: Views left out.
        boards: Pose of each used moment's board in the world, (4, 4), by moment.
        floor_z: 0.0 if the board said where the floor is, else None.
        warnings: What a person should know.
    """

    cameras: tuple[Camera, ...]
    rms_px: float
    camera_rms_px: tuple[float, ...]
    moments_used: int
    flips_resolved: int
    pairs: tuple[tuple[int, int, int], ...]
    dropped: tuple[DroppedView, ...]
    boards: Mapping[int, Array]
    floor_z: float | None
    warnings: tuple[str, ...] = field(default=())


def calibrate_extrinsics(
    cameras: Sequence[Camera],
    moments: Sequence[Moment],
    board: Target,
    *,
    board_on_floor: bool = False,
) -> Extrinsics:
    """Place cameras in one world.

    Args:
        cameras: Cameras with known lenses; old poses are ignored.
        moments: For each moment the views of the board by camera index.
        board: The board, which gives the scale in metres.
        board_on_floor: Whether the board lies on the floor at the first moment that is used: then
            z points up from it and the floor is z = 0. The world begins at that board in any case.

    Raises:
        InvalidInput: no two cameras ever see the board together; a camera's pictures are mirrored;
            no arrangement of cameras explains the pictures.
    """
    _check_sizes(cameras, moments)
    kept, dropped, mirrored = _same_hand(cameras, moments)
    poses = board_poses(cameras, kept, board)
    pairs = relate(cameras, kept, poses, board)
    if not pairs:
        raise InvalidInput(
            "No two cameras see the board at the same moment. Hold it where at least two cameras"
            " see it whole, and make sure that the n-th pictures of all cameras were taken "
            "together.",
            fault="cameras never overlap",
        )
    warnings = [undecided(cameras, pair) for pair in pairs if pair.ambiguous]
    warnings += [f"{name}: {MIRRORED}" for name in mirrored]
    sure = [p for p in pairs if p.holds]
    if not sure:
        refuse(cameras, kept, pairs, board)
    root, placed = _chain(len(cameras), sure)
    for i, camera in enumerate(cameras):
        if i not in placed and camera.name not in mirrored:
            warnings.append(why_unplaced(cameras, kept, pairs, board, i, placed))
    solved = _Solver(cameras, kept, poses, board, placed, root)
    bundle = solved.run(dropped)
    if bundle.rms_px > _FAILED_RMS_PX:
        raise no_arrangement(bundle.rms_px)
    return _result(cameras, solved, bundle, pairs, dropped, warnings, board_on_floor, board)


def _check_sizes(cameras: Sequence[Camera], moments: Sequence[Moment]) -> None:
    for moment in moments:
        for i, view in moment.items():
            camera = cameras[i]
            if view.size != (camera.width, camera.height):
                raise InvalidInput(
                    f"{view.name}: {view.size[0]}×{view.size[1]} pixels, but {camera.name} was"
                    f" calibrated at {camera.width}×{camera.height}.",
                    file=view.name,
                    fault="resolution differs from the lens calibration's",
                )


def _same_hand(
    cameras: Sequence[Camera], moments: Sequence[Moment]
) -> tuple[list[dict[int, BoardView]], list[DroppedView], list[str]]:
    """Leave out mirrored pictures; also the names of cameras that have no others."""
    by_camera: dict[int, list[int]] = {}
    for moment in moments:
        for i, view in moment.items():
            by_camera.setdefault(i, []).append(view.hand)
    balance = sum(int(np.sign(sum(hands))) for hands in by_camera.values())
    hand = int(np.sign(balance or sum(sum(hands) for hands in by_camera.values())))
    if hand == 0 or all(h in (0, hand) for hands in by_camera.values() for h in hands):
        return [dict(moment) for moment in moments], [], []
    names = [cameras[i].name for i, hs in by_camera.items() if all(h == -hand for h in hs)]
    kept, dropped = [], []
    for moment in moments:
        kept.append({i: v for i, v in moment.items() if v.hand in (0, hand)})
        dropped += [
            DroppedView(cameras[i].name, v.name, "mirrored, unlike the other pictures")
            for i, v in moment.items()
            if v.hand == -hand
        ]
    placeable = {i for moment in kept if len(moment) > 1 for i in moment}
    if names and not placeable:
        raise InvalidInput(
            f"{', '.join(names)}: {MIRRORED}", file=names[0], fault="mirrored pictures"
        )
    return kept, dropped, names


def _chain(count: int, pairs: Sequence[Pair]) -> tuple[int, dict[int, Array]]:
    """Poses T_camera_root along the maximum spanning tree of the best connected cameras."""
    groups = {i: {i} for i in range(count)}
    edges: dict[int, list[tuple[int, Array]]] = {i: [] for i in range(count)}
    for pair in sorted(pairs, key=lambda p: (-p.agreeing, p.rms_px)):
        if groups[pair.a] is groups[pair.b]:
            continue
        merged = groups[pair.a] | groups[pair.b]
        for i in merged:
            groups[i] = merged
        edges[pair.a].append((pair.b, pair.T_b_a))
        edges[pair.b].append((pair.a, inverse(pair.T_b_a)))
    largest = max(groups.values(), key=len)
    root = max(largest, key=lambda i: (len(edges[i]), -i))
    placed = {root: np.eye(4)}
    queue = [root]
    while queue:
        here = queue.pop(0)
        for there, T in edges[here]:
            if there not in placed:
                placed[there] = T @ placed[here]
                queue.append(there)
    return root, placed


class _Solver:
    """Bundle adjustment with views in one order, and without those that do not fit."""

    def __init__(
        self, cameras: Sequence[Camera], moments: Sequence[Moment],
        poses: Mapping[tuple[int, int], list[tuple[Array, float]]], board: Target,
        placed: Mapping[int, Array], root: int,
    ) -> None:  # fmt: skip
        self.cameras, self.board, self.root = cameras, board, root
        self.placed = dict(placed)
        self.points: dict[int, Array] = {}
        self.boards: dict[int, Array] = {}
        self.views: list[tuple[int, int, BoardView]] = []
        self.flips = 0
        for m, moment in enumerate(moments):
            here = {i: v for i, v in moment.items() if i in placed}
            if len(here) < 2:
                continue
            of = next(iter(here.values())).board or board
            orders = of.symmetries()
            self.points[m] = of.points
            best: tuple[float, Array, dict[int, int]] | None = None
            for i in here:
                for T_camera_board, _ in poses[m, i]:
                    T = inverse(self.placed[i]) @ T_camera_board
                    cost, turns = self._cost(T, here, orders, self.points[m])
                    if best is None or cost < best[0]:
                        best = (cost, T, turns)
            if best is None:
                continue
            self.boards[m] = best[1]
            for i, view in here.items():
                turn = best[2][i]
                self.flips += turn != 0
                self.views.append((m, i, view.ordered(orders[turn])))

    def _cost(
        self, T: Array, views: Mapping[int, BoardView], orders: Sequence[NDArray[np.int64]],
        points: Array,
    ) -> tuple[float, dict[int, int]]:  # fmt: skip
        total, turns = 0.0, {}
        for i, view in views.items():
            there = project(self.cameras[i], self.placed[i] @ T, points)
            errors = [seen_rms(view.corners[order], there) for order in orders]
            turns[i] = int(np.argmin(errors))
            total += min(errors[turns[i]], 100.0)
        return total, turns

    def run(self, dropped: list[DroppedView]) -> Bundle:
        """Adjust, leave out what does not fit, adjust again."""
        bundle = self._adjust()
        for _ in range(3):
            limit = max(_OUTLIER * float(np.median(bundle.errors)), _NEVER_OUTLIER_PX)
            bad = [k for k, error in enumerate(bundle.errors) if error > limit]
            if not bad or not self._leave_out(bad, bundle, limit, dropped):
                break
            bundle = self._adjust()
        return bundle

    def _leave_out(
        self, bad: list[int], bundle: Bundle, limit: float, dropped: list[DroppedView]
    ) -> bool:
        """Leave out views, but for a camera's last ones; whether any was."""
        seen_by = [i for _, i, _ in self.views]
        removable = [k for k in bad if seen_by.count(seen_by[k]) > sum(
            seen_by[j] == seen_by[k] for j in bad)]  # fmt: skip
        for k in removable:
            m, i, view = self.views[k]
            dropped.append(
                DroppedView(
                    self.cameras[i].name, view.name,
                    f"fits {bundle.errors[k]:.1f} px badly, the others"
                    f" {np.median(bundle.errors):.1f} px (moved, blurred or not taken at the "
                    "same moment)", float(bundle.errors[k]),
                )
            )  # fmt: skip
        gone = set(removable)
        self.views = [view for k, view in enumerate(self.views) if k not in gone]
        counts: dict[int, int] = {}
        for m, _, _ in self.views:
            counts[m] = counts.get(m, 0) + 1
        self.views = [view for view in self.views if counts[view[0]] >= 2]
        self.placed, self.boards = dict(bundle.cameras), dict(bundle.boards)
        return bool(removable)

    def _adjust(self) -> Bundle:
        present = {m for m, _, _ in self.views}
        seen_by = {i for _, i, _ in self.views}
        self.placed = {i: T for i, T in self.placed.items() if i in seen_by or i == self.root}
        self.boards = {m: T for m, T in self.boards.items() if m in present}
        return adjust(
            self.cameras, self._points(), self._observations(), self.placed, self.boards, self.root
        )

    def _points(self) -> dict[int, Array]:
        most = max(map(len, self.points.values()))
        return {m: np.pad(p, ((0, most - len(p)), (0, 0))) for m, p in self.points.items()}

    def _observations(self) -> list[Observation]:
        most = max(map(len, self.points.values()))
        return [
            Observation(i, m, np.pad(view.corners, ((0, most - len(view.corners)), (0, 0)),
                                     constant_values=np.nan))
            for m, i, view in self.views
        ]  # fmt: skip

    def covariances(self, bundle: Bundle) -> dict[int, CameraCovariance]:
        """How well each camera is known, in the root's axes."""
        return board_covariances(
            self.cameras, self._observations(), self._points(), bundle.cameras, bundle.boards,
            LOSS_SCALE_PX,
        )  # fmt: skip

    def rms_of(self, camera: int, bundle: Bundle) -> float:
        errors = [e for (_, i, _), e in zip(self.views, bundle.errors, strict=True) if i == camera]
        return float(np.sqrt(np.square(errors).mean())) if errors else float("nan")


def _result(
    cameras: Sequence[Camera], solved: _Solver, bundle: Bundle, pairs: Sequence[Pair],
    dropped: list[DroppedView], warnings: list[str], board_on_floor: bool, board: Target,
) -> Extrinsics:  # fmt: skip
    first = min(bundle.boards)
    T_world_root = _upright(bundle, first)
    known = solved.covariances(bundle)
    out = []
    for i, camera in enumerate(cameras):
        if i in bundle.cameras:
            in_root = replace(camera, T_camera_world=bundle.cameras[i], covariance=known[i])
            out.append(in_root.in_world(bundle.cameras[i] @ inverse(T_world_root)))
        else:
            out.append(replace(camera, T_camera_world=None))
    if bundle.rms_px > GOOD_RMS_PX:
        warnings.append(f"RMS {bundle.rms_px:.2f} px; below {GOOD_RMS_PX:g} px is good.")
    if board_on_floor and min(c.centre[2] for c in out if c.placed) < 0.05:
        warnings.append("A camera stands on or below the floor: did the first board lie flat?")
    return Extrinsics(
        tuple(out),
        bundle.rms_px,
        tuple(solved.rms_of(i, bundle) for i in range(len(cameras))),
        len(bundle.boards),
        solved.flips,
        tuple((p.a, p.b, p.shared) for p in pairs),
        tuple(dropped),
        {m: T_world_root @ T for m, T in bundle.boards.items()},
        0.0 if board_on_floor else None,
        tuple(warnings),
    )


def _upright(bundle: Bundle, first: int) -> Array:
    """T_world_root with the first board as world, z towards the cameras."""
    T_root_board = bundle.boards[first]
    centres = np.array([inverse(T)[:3, 3] for T in bundle.cameras.values()])
    side = ((centres - T_root_board[:3, 3]) @ T_root_board[:3, 2]).mean()
    T_board_world = np.eye(4)
    if side < 0:
        T_board_world[1, 1] = T_board_world[2, 2] = -1
    return inverse(T_root_board @ T_board_world)
