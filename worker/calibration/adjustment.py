"""One state of a bundle adjustment: cameras and points, its cost, equations and the next state.

Every joint of every moment is a free point, eliminated from the normal equations (Schur
complement). Sources: as :mod:`worker.calibration.refine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from worker.calibration.adjustable import LENS_SIZE, KnownPoint, LensFreedom, StillPoints
from worker.calibration.backdrop import directions, turn_between
from worker.calibration.marks import Marks, Rig, points_of
from worker.calibration.poses import inverse
from worker.calibration.uncertainty import lens_jacobian, local_jacobian, turned

Array = NDArray[np.float64]

CAUCHY: Final = 2.385
"""95 % efficiency on normal errors."""
_TURN_SD, _MOVE_SD_M = np.radians(0.1), 0.004
"""How exact a calibration of boards is in use: tripods settle, clocks and lenses are not exact."""
_KNOCK_SD, _KNOCK_SD_M = np.radians(3.0), 0.006
"""How far a knock moves a camera: it turns on its tripod, some centimetres behind its lens."""
_PUSH_SD_M: Final = 0.03
"""Where the room is seen on both sides: it tells how far a tripod was pushed, joints do not."""
_ANYWHERE: Final = (np.radians(5.0), 0.3)
_LOOSE: Final = 3.0
"""From this many standard deviations on the pull of a calibration weakens."""
_FOCAL_SD, _CENTRE_SD, _BEND_SD = 0.03, 0.02, 0.05
_POINT_SD_PX: Final = 1.5
_FEATURE_SD_PX: Final = 0.7
"""Of features of the room, in pictures no longer than the next number; lenses are not exact."""
_FEATURE_SIZE_PX: Final = 1280
_FEATURES_AS: Final = 60
"""More features count as so many: what lenses do to them is not independent."""
_BEYOND: Final = 1.3
"""How far the room is, against the joints, where no floor is known; and the spread of that."""
_FAR_SD: Final = 0.6
_FLOOR_SD: Final = 0.05
"""Logarithm; what stands on the floor counts less and less."""


@dataclass
class Normal:
    """Equations of one step: cameras (K, K) and (K,), points (N, 3, 3), (N, 3), both (N, K, 3)."""

    A: Array
    a: Array
    H: Array
    h: Array
    W: Array


@dataclass(frozen=True, slots=True)
class _Seen:
    """Points that an entry sees: their rows, pixels, roots of trust; None: the marks' scatter."""

    rows: NDArray[np.int64]
    pixels: Array
    trust: Array
    sd_px: float | None = None


@dataclass(frozen=True, slots=True)
class _Room:
    """Features of the room: from which entry, rows, supposed distances and spreads (logarithms)."""

    entry: int
    rows: NDArray[np.int64]
    far: Array
    spread: Array


def _capped(squared: Array) -> Array:
    """Cauchy's cost of squared numbers of standard deviations."""
    c2 = CAUCHY**2
    return np.asarray(c2 * np.log1p(squared / c2))


class Adjustment:
    """Cameras and points, and what they make of the marks."""

    def __init__(
        self,
        rig: Rig,
        marks: Marks,
        lenses: LensFreedom,
        known: Sequence[KnownPoint],
        still: Sequence[StillPoints],
        floor_z: float | None,
    ) -> None:
        self.knocked = _later_entries(rig)
        # Points of known position say where the cameras stand; where they stood no longer counts.
        self.anchored = len([p for p in known if len(p.seen) >= 2]) >= 3
        self.start, self.marks, self.lenses, self.known = rig.cameras, marks, lenses, known
        self.slot = rig.slot
        self.lens_size = LENS_SIZE[lenses]
        self.size = 6 + self.lens_size
        self.cameras = list(rig.cameras)
        self.poses = [camera.pose for camera in rig.cameras]
        self.values = np.zeros((len(rig.cameras), self.lens_size))
        points = points_of(rig, marks)
        self.shape = points.shape[:2]
        good = np.isfinite(points).all(axis=-1) & (marks.seen.sum(axis=1) >= 2)
        self.points = np.where(good[..., None], points, 0.0).reshape(-1, 3)
        used = marks.seen & good[:, None]
        self.count = int(used.sum())
        joints = self.shape[1]
        self.free_points = int((used.any(axis=1)).sum())
        self.seen: list[list[_Seen]] = []
        for k in range(len(rig.cameras)):
            t, c, j = np.nonzero(used & (self.slot == k)[:, :, None])
            trust = np.sqrt(marks.trust[t, c, j])
            self.seen.append([_Seen(t * joints + j, marks.pixels[t, c, j], trust)])
        self.room: list[_Room] = []
        self.room_seen = frozenset(feature.entries[1] for feature in still)
        for feature in still:
            self._take_still(feature, floor_z)
        # Of a camera with known points: its first entry.
        self.fixed = [
            (int(self.slot[0, c]), np.asarray(p.xyz, float), np.asarray(at, float))
            for p in known for c, at in p.seen.items()
        ]  # fmt: skip
        self.sd_px = 5.0
        if self.count:
            self.rescale()

    def _take_still(self, still: StillPoints, floor_z: float | None) -> None:
        """Features of the room as further points, and the camera turned as they say to begin."""
        a, b = still.entries
        camera = self.cameras[a]
        first, second = (
            directions(camera, still.pixels[:, 0]), directions(camera, still.pixels[:, 1])
        )  # fmt: skip
        T = np.eye(4)
        T[:3, :3] = turn_between(first, second)
        self.poses[b] = T @ self.poses[a]
        self.cameras[b] = replace(self.start[b], T_camera_world=self.poses[b])
        seen = self.points[np.abs(self.points).sum(axis=1) > 0]
        usual = float(np.median(np.linalg.norm(camera.in_camera(seen), axis=1)))
        far = np.full(len(first), np.log(_BEYOND * usual))
        spread = np.full(len(first), _FAR_SD)
        world = first @ camera.pose[:3, :3]
        if floor_z is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                down = (floor_z - camera.centre[2]) / world[:, 2]
            flat = (down > 0.3) & (down < 4 * usual)
            far[flat], spread[flat] = np.log(down[flat]), _FLOOR_SD
        rows = np.arange(len(first)) + len(self.points)
        self.points = np.concatenate((self.points, camera.centre + np.exp(far)[:, None] * world))
        longest = max(camera.width, camera.height)
        sd = _FEATURE_SD_PX * max(1.0, longest / _FEATURE_SIZE_PX)
        trust = np.full(len(rows), np.sqrt(min(1.0, _FEATURES_AS / max(1, len(rows)))))
        for k, pixels in ((a, still.pixels[:, 0]), (b, still.pixels[:, 1])):
            self.seen[k] = [*self.seen[k], _Seen(rows, pixels, trust, sd)]
        self.room.append(_Room(a, rows, far, spread))

    def _residuals(self, k: int, seen: _Seen) -> Array:
        miss = self.cameras[k].project(self.points[seen.rows]) - seen.pixels
        return np.asarray(np.nan_to_num(miss, nan=1e4))

    def _of_marks(self) -> list[Array]:
        return [
            self._residuals(k, seen)
            for k, groups in enumerate(self.seen) for seen in groups if seen.sd_px is None
        ]  # fmt: skip

    def left_px(self) -> Array:
        """Distances of all marks."""
        return np.concatenate([np.linalg.norm(miss, axis=1) for miss in self._of_marks()])

    def _depths(self, room: _Room) -> tuple[Array, Array]:
        """How far features are off their supposed distance, in spreads; by the points (n, 3)."""
        T = self.poses[room.entry]
        local = self.points[room.rows] @ T[:3, :3].T + T[:3, 3]
        size = np.maximum(np.linalg.norm(local, axis=1), 1e-3)
        J = (local / (np.square(size) * room.spread)[:, None]) @ T[:3, :3]
        return (np.log(size) - room.far) / room.spread, J

    def prior(self, k: int) -> tuple[Array, Array]:
        """What has changed since the start, in standard deviations, and their inverses, both
        weakened where the camera is far from where it was calibrated."""
        now, then = self.poses[k], self.start[k].pose
        turn = np.asarray(cv2.Rodrigues(now[:3, :3] @ then[:3, :3].T)[0]).reshape(3)
        apart = inverse(now)[:3, 3] - inverse(then)[:3, 3]
        change = np.concatenate((turn, -now[:3, :3] @ apart, self.values[k]))
        f = float(self.start[k].K[0, 0])
        lens = {
            LensFreedom.FIXED: [],
            LensFreedom.FOCAL: [_FOCAL_SD * f],
            LensFreedom.FREE: [_FOCAL_SD * f] * 2 + [_CENTRE_SD * f] * 2 + [_BEND_SD] * 2,
        }[self.lenses]
        if self.anchored:
            turn_sd, move_sd = _ANYWHERE
        elif k in self.knocked:
            turn_sd = _KNOCK_SD
            move_sd = _PUSH_SD_M if k in self.room_seen else _KNOCK_SD_M
        else:
            turn_sd, move_sd = _TURN_SD, _MOVE_SD_M
        spread = np.array([turn_sd] * 3 + [move_sd] * 3 + lens)
        far = float(np.square(change[:6] / spread[:6]).mean())
        spread[:6] *= np.sqrt(1 + far / _LOOSE**2)
        return change / spread, 1 / spread

    def rescale(self) -> None:
        """The marks' scatter from the middle of what is left over."""
        left = np.concatenate([np.abs(miss).reshape(-1) for miss in self._of_marks()])
        # Each point takes three numbers of its own.
        free = max(0.2, 1 - 3 * self.free_points / max(1, 2 * self.count))
        self.sd_px = float(np.clip(1.4826 * np.median(left) / np.sqrt(free), 0.05, 60.0))

    def cost(self) -> float:
        """What is left over of marks, priors, features and known points, in variances."""
        total = 0.0
        for k in range(len(self.cameras)):
            for seen in self.seen[k]:
                sd = seen.sd_px or self.sd_px
                r2 = np.square(self._residuals(k, seen)).sum(axis=1) / sd**2
                total += float((np.square(seen.trust) * _capped(r2)).sum())
            change, _ = self.prior(k)
            far = np.square(change[:6]).mean()
            # The Cauchy cost whose weights those are: far/(1 + far/9) was returned.
            far = far / max(1 - far / _LOOSE**2, 1e-6)
            total += float(6 * _LOOSE**2 * np.log1p(far / _LOOSE**2))
            total += float(np.square(change[6:]).sum())
        for room in self.room:
            total += float(_capped(np.square(self._depths(room)[0])).sum())
        for k, xyz, at in self.fixed:
            miss = np.nan_to_num(self.cameras[k].project(xyz) - at, nan=1e4)
            total += float(np.square(miss).sum()) / _POINT_SD_PX**2
        return total

    def _jacobians(self, k: int, world: Array) -> tuple[Array, Array]:
        """By the entry's numbers (n, 2, size) and by the points (n, 2, 3)."""
        camera = self.cameras[k]
        T = self.poses[k]
        local = world @ T[:3, :3].T + T[:3, 3]
        front = local[:, 2] > 0.02
        local = np.where(front[:, None], local, (0, 0, 1.0))
        to_pixel = local_jacobian(camera, local)
        parts = [to_pixel @ turned(local), to_pixel]
        if self.lens_size:
            by_lens = lens_jacobian(camera, local)
            if self.lenses is LensFreedom.FOCAL:
                parts.append(by_lens[:, :, :1] + by_lens[:, :, 1:2])
            else:
                parts += [by_lens, self._bend_jacobian(camera, local)]
        J = np.concatenate(parts, axis=2)
        J[~front] = 0.0
        return J, np.where(front[:, None, None], to_pixel @ T[:3, :3], 0.0)

    @staticmethod
    def _bend_jacobian(camera: Camera, local: Array) -> Array:
        least = 4 if camera.lens == "fisheye" else max(5, len(camera.distortion))
        base = np.pad(camera.distortion, (0, max(0, least - len(camera.distortion))))
        columns = []
        for i in range(2):
            h = np.zeros(len(base))
            h[i] = 1e-4
            apart = replace(camera, distortion=base + h).project_local(local) - replace(
                camera, distortion=base - h
            ).project_local(local)
            columns.append(apart / 2e-4)
        return np.stack(columns, axis=-1)

    def linearise(self) -> Normal:
        """The equations of one step from here."""
        size, count = self.size * len(self.cameras), len(self.points)
        A, a = np.zeros((size, size)), np.zeros(size)
        H, h = np.zeros((count, 3, 3)), np.zeros((count, 3))
        W = np.zeros((count, size, 3))
        for k in range(len(self.cameras)):
            at = slice(self.size * k, self.size * (k + 1))
            change, inverse_sd = self.prior(k)
            A[at, at] += np.diag(inverse_sd**2)
            a[at] -= change * inverse_sd
            for seen in self.seen[k]:
                rows = seen.rows
                if not len(rows):
                    continue
                J, P = self._jacobians(k, self.points[rows])
                miss = self._residuals(k, seen)
                sd = seen.sd_px or self.sd_px
                r2 = np.square(miss).sum(axis=1) / sd**2
                w = np.square(seen.trust) / (1 + r2 / CAUCHY**2) / sd**2
                Jw, Pw = J * w[:, None, None], P * w[:, None, None]
                A[at, at] += np.einsum("nij,nik->jk", Jw, J)
                a[at] -= np.einsum("nij,ni->j", Jw, miss)
                H[rows] += np.einsum("nij,nik->njk", Pw, P)
                h[rows] -= np.einsum("nij,ni->nj", Pw, miss)
                W[rows, at] += np.einsum("nij,nik->njk", Jw, P)
        for room in self.room:
            off, D = self._depths(room)
            w = 1 / (1 + np.square(off) / CAUCHY**2)
            H[room.rows] += np.einsum("n,ni,nj->nij", w, D, D)
            h[room.rows] -= (w * off)[:, None] * D
        for k, xyz, pixel in self.fixed:
            at = slice(self.size * k, self.size * (k + 1))
            J, _ = self._jacobians(k, xyz[None])
            miss = np.nan_to_num(self.cameras[k].project(xyz) - pixel, nan=0.0)
            A[at, at] += J[0].T @ J[0] / _POINT_SD_PX**2
            a[at] -= J[0].T @ miss / _POINT_SD_PX**2
        return Normal(A, a, H, h, W)

    def reduced(self, normal: Normal, damping: float) -> tuple[Array, Array, Array, Array]:
        """Equations of the cameras alone (K, K), (K,); points' inverses (N, 3, 3) and (N, K, 3)."""
        trace = np.trace(normal.H, axis1=1, axis2=2)
        held = trace <= 0
        H = normal.H + (damping * trace / 3 + 1e-9 + held)[:, None, None] * np.eye(3)
        inverse_H = np.linalg.inv(H)
        E = normal.W @ inverse_H
        K = len(normal.A)
        flat = E.transpose(1, 0, 2).reshape(K, -1)
        S = normal.A - flat @ normal.W.transpose(1, 0, 2).reshape(K, -1).T
        s = normal.a - flat @ normal.h.reshape(-1)
        return S, s, inverse_H, E

    def stepped(self, normal: Normal, damping: float) -> Adjustment:
        """The state one damped step further."""
        S, s, inverse_H, E = self.reduced(normal, damping)
        S = S + damping * np.diag(np.diag(normal.A))
        step = np.linalg.solve(S, s)
        points = np.einsum("nab,nb->na", inverse_H, normal.h) - np.einsum("nka,k->na", E, step)
        out = object.__new__(Adjustment)
        out.__dict__ |= self.__dict__
        out.points = self.points + np.clip(points, -0.5, 0.5)
        out.poses, out.cameras, out.values = [], [], self.values.copy()
        for k, pose in enumerate(self.poses):
            d = step[self.size * k : self.size * (k + 1)]
            T = np.eye(4)
            T[:3, :3] = cv2.Rodrigues(np.clip(d[:3], -0.3, 0.3))[0]
            T[:3, 3] = np.clip(d[3:6], -0.5, 0.5)
            T = T @ pose
            out.values[k] += d[6:]
            out.poses.append(T)
            out.cameras.append(self._with_lens(k, out.values[k], T))
        return out

    def _with_lens(self, k: int, values: Array, T: Array) -> Camera:
        start = self.start[k]
        if self.lenses is LensFreedom.FIXED:
            return replace(start, T_camera_world=T)
        K, bent = start.K.copy(), start.distortion
        if self.lenses is LensFreedom.FOCAL:
            K[0, 0] += values[0]
            K[1, 1] += values[0]
        else:
            K[0, 0] += values[0]
            K[1, 1] += values[1]
            K[0, 2] += values[2]
            K[1, 2] += values[3]
            least = 4 if start.lens == "fisheye" else max(5, len(bent))
            bent = np.pad(bent, (0, max(0, least - len(bent))))
            bent[:2] += values[4:]
        return replace(start, K=K, distortion=bent, T_camera_world=T)


def _later_entries(rig: Rig) -> set[int]:
    """Entries of cameras that stood elsewhere before."""
    out: set[int] = set()
    for c in range(rig.slot.shape[1]):
        out |= set(rig.slot[:, c].tolist()) - {int(rig.slot[0, c])}
    return out
