"""Masks and scans as correspondences: which vertex should be where, and how sure that is.

Both directions. m2s: vertices that are projected outside of the mask go to its nearest pixel (by
distance transform); vertices go to the nearest point of a scan (where several views have placed the
body, only if that point's own nearest vertex is near them). s2m: each point of the mask's contour
draws the nearest projected vertex; each point of the scan draws its nearest vertex.
Geman–McClure, so that what the mask or scan lacks (occlusion, one-sided depth) does not pull.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from backend.domain import masks
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.fitting.config import FitConfig
from worker.fitting.projection import project_points

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
BoolMask = NDArray[np.bool_]

_SPARSE = 2
"""Every how many vertices count as nearest to a contour: projected ones are dense at the rim."""

_MUTUAL_M = 0.02
"""A vertex counts as seen by a scan if the point nearest to it has its nearest vertex so near."""

_CELLS = 384
"""Longest side of the distance transform: a 4K mask costs no more than a small one."""


@dataclass(frozen=True, eq=False)
class MaskView:
    """A mask in one view, cut out and shrunk for its distance transform.

    corner: (2,) px of the cut-out. step: px per cell. inside: (h, w). nearest: (h, w, 2) px of the
    nearest mask pixel. contour: (N, 2) px.
    """

    camera: Camera
    corner: Float[Array, "2"]
    step: int
    inside: Bool[BoolMask, "h w"]
    nearest: Float[NDArray[np.float32], "h w 2"]
    contour: Float[Array, "n 2"]

    def look_up(
        self, pixels: Float[Array, "n 2"]
    ) -> tuple[Bool[BoolMask, " n"], Float[Array, "n 2"]]:
        """Which pixels (N, 2) lie in the mask, and the mask's nearest pixel (N, 2)."""
        cell = ((pixels - self.corner) / self.step).astype(int)
        limit = np.array(self.inside.shape[::-1]) - 1
        held = np.clip(cell, 0, limit)
        return (
            self.inside[held[:, 1], held[:, 0]] & (cell == held).all(1),
            self.nearest[held[:, 1], held[:, 0]].astype(float),
        )


class MaskStore:
    """The masks of a recording, decoded and prepared when they are needed.

    Args:
        given: (T, C) nested: run lengths, bool images (height, width), None or "" for none.
        cameras: (C), None where a view is missing; its masks are not looked at.
        moments: Which rows of ``given`` are asked for by 0, 1, ….
    """

    def __init__(
        self, given: Sequence[Sequence[Any]] | None, cameras: Sequence[Camera | None],
        moments: Sequence[int], points: int,
    ) -> None:  # fmt: skip
        self._given, self._cameras, self._points = given, cameras, points
        self._moments = list(moments)
        self.views = lru_cache(maxsize=32)(self._views)
        self._check()

    def _check(self) -> None:
        """Sizes of all masks, before hours are spent."""
        for t in self._moments if self._given is not None else ():
            row = self._given[t] if self._given is not None else ()
            if len(row) != len(self._cameras):
                fault = f"moment {t} has masks of {len(row)} views, not of {len(self._cameras)}"
                raise InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
            for value, camera in zip(row, self._cameras, strict=True):
                if camera is None or value is None or isinstance(value, str):
                    continue
                size = value["size"] if isinstance(value, dict) else np.shape(value)
                if tuple(size) != (camera.height, camera.width):
                    fault = (
                        f"the mask of moment {t}, camera {camera.name} is {tuple(size)[::-1]} px, "
                        f"the image {camera.width} × {camera.height}"
                    )
                    raise InvalidInput(f"The fit cannot start: {fault}.", fault=fault)

    def has(self, t: int) -> bool:
        """Whether any view of the moment has a mask."""
        return self._given is not None and any(
            value is not None and not (isinstance(value, str) and not value) and k is not None
            for value, k in zip(self._given[self._moments[t]], self._cameras, strict=True)
        )

    def mask(self, t: int, c: int) -> BoolMask | None:
        """The mask of a moment in a view, or None.

        Raises:
            InvalidInput: its run lengths are damaged.
        """
        camera = self._cameras[c]
        if self._given is None or camera is None:
            return None
        return read_mask(self._given[self._moments[t]][c])

    def _views(self, t: int) -> list[MaskView]:
        found = []
        for c, camera in enumerate(self._cameras):
            mask = self.mask(t, c)
            if mask is not None and camera is not None:
                found.append(prepare_mask(camera, mask, self._points))
        return found


def read_mask(value: Any) -> BoolMask | None:
    """A mask given as run lengths, as a bool image or not at all; None where it is empty.

    Raises:
        InvalidInput: the run lengths are damaged.
    """
    if value is None or isinstance(value, str):
        return None
    coded = isinstance(value, dict)
    mask = masks.decode(cast(masks.Rle, value)) if coded else np.asarray(value, bool)
    return mask if mask.any() else None


def prepare_mask(camera: Camera, mask: Bool[BoolMask, "h w"], points: int) -> MaskView:
    """Distance transform and contour of a mask that is not empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    pad = max(16, (rows[-1] - rows[0]) // 2, (columns[-1] - columns[0]) // 2)
    top, left = max(0, rows[0] - pad), max(0, columns[0] - pad)
    cut = mask[top : rows[-1] + pad + 1, left : columns[-1] + pad + 1]
    step = -(-max(cut.shape) // _CELLS)
    small = cut[step // 2 :: step, step // 2 :: step]
    if not small.any():
        step, small = 1, cut
    _, labels = cv2.distanceTransformWithLabels(
        (~small).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    y, x = np.nonzero(small)
    corner = np.array([left, top], float)
    place = np.zeros((int(labels.max()) + 1, 2), np.float32)
    place[labels[y, x]] = corner + step * (np.stack([x, y], 1) + 0.5)
    found, _ = cv2.findContours(cut.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    contour = np.concatenate([np.asarray(c).reshape(-1, 2) for c in found]) + 0.5 + corner
    # Where the image ends the mask does too, but not the infant.
    inside = (
        (contour > 1.5).all(1)
        & (contour[:, 0] < camera.width - 1.5)
        & (contour[:, 1] < camera.height - 1.5)
    )
    contour = contour[inside]
    return MaskView(
        camera, corner, step, small, place[labels],
        contour[:: max(1, len(contour) // max(points, 1))],
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pulls:
    """Correspondences of one moment, linearised: E ≈ Σ rᵀ A r with r the vertex's move.

    vertex: (N,). A: (N, 3, 3) information, 1/m². g: (N, 3) A times the residual. energy: robust.
    """

    vertex: Int[Ints, " n"]
    A: Float[Array, "n 3 3"]
    g: Float[Array, "n 3"]
    energy: float


def pulls_of(
    views: Sequence[MaskView],
    scan: Float[Array, "s 3"] | None,
    vertices: Float[Array, "v 3"],
    chosen: Int[Ints, " n"],
    config: FitConfig,
    scan_rho_m: float,
    *,
    placed: bool = False,
    seen: Bool[BoolMask, " v"] | None = None,
) -> Pulls:
    """Correspondences for posed vertices (V, 3); m2s only of the ``chosen`` ones.

    placed: the body's place is known from several views, and a scan need not bring it there. seen:
    (V,) vertices that the scan's cameras see; the others are not drawn to it. None: not known.

    Each mask or scan weighs in all like 17 joints, however many points it has.
    """
    parts = [_by_mask(view, vertices, chosen, config) for view in views]
    if scan is not None:
        sought = chosen if seen is None else chosen[seen[chosen]]
        parts.append(_by_scan(scan, vertices, sought, config, scan_rho_m, placed))
    if not parts:
        return Pulls(np.zeros(0, np.int64), np.zeros((0, 3, 3)), np.zeros((0, 3)), 0.0)
    return Pulls(
        np.concatenate([p.vertex for p in parts]),
        np.concatenate([p.A for p in parts]) * config.surface_weight,
        np.concatenate([p.g for p in parts]) * config.surface_weight,
        sum(p.energy for p in parts) * config.surface_weight,
    )


def _by_mask(view: MaskView, vertices: Array, chosen: Ints, config: FitConfig) -> Pulls:
    camera = view.camera
    place, derivative, front = project_points(camera, vertices)
    place = np.clip(np.where(front[:, None], place, -1.0), -1e6, 1e6)
    within = (
        (place >= 0).all(1) & (place[:, 0] < camera.width) & (place[:, 1] < camera.height) & front
    )
    ins, nearest = view.look_up(place[chosen])
    outside = within[chosen] & ~ins
    out, target_out = chosen[outside], nearest[outside]
    seen = np.flatnonzero(front)[::_SPARSE]
    distance, which = cKDTree(place[seen]).query(view.contour, distance_upper_bound=200.0)
    hit = np.isfinite(distance)
    near = seen[which[hit]]
    vertex = np.concatenate([out, near])
    target = np.concatenate([target_out, view.contour[hit]])
    r = place[vertex] - target
    length = np.linalg.norm(r, axis=1)
    normal = r / np.maximum(length, 1e-6)[:, None]
    rho2 = config.mask_rho_px**2
    t = rho2 / (rho2 + length**2)
    # m2s sums over vertices, s2m over contour points: each its mean, times 17.
    counts = np.concatenate([np.full(len(out), max(len(chosen), 1)),
                             np.full(len(near), max(len(view.contour), 1))])  # fmt: skip
    weight = 17.0 / counts / config.mask_sigma_px**2
    D = np.einsum("na,nab->nb", normal, derivative[vertex])
    f = weight * t * t
    return Pulls(
        vertex, f[:, None, None] * D[:, :, None] * D[:, None], (f * length)[:, None] * D,
        float((weight * t * length**2).sum()),
    )  # fmt: skip


def _by_scan(
    scan: Array, vertices: Array, chosen: Ints, config: FitConfig, rho: float, placed: bool
) -> Pulls:
    step = max(1, len(scan) // max(config.surface_points * 4, 1))
    some = scan[::step]
    tree = cKDTree(vertices)
    _, nearest = cKDTree(scan).query(vertices[chosen])
    _, near = tree.query(some)
    if placed:
        # A one-sided scan says nothing of the far side, whose nearest point lies through the limb:
        # that point is nearer to another vertex, a limb's thickness away.
        back = vertices[tree.query(scan[nearest])[1]]
        both = np.linalg.norm(back - vertices[chosen], axis=1) < _MUTUAL_M
        chosen, nearest = chosen[both], nearest[both]
    vertex = np.concatenate([chosen, near])
    r = vertices[vertex] - np.concatenate([scan[nearest], some])
    r2 = (r * r).sum(1)
    t = rho * rho / (rho * rho + r2)
    counts = np.concatenate([np.full(len(chosen), max(len(chosen), 1)),
                             np.full(len(near), len(some))])  # fmt: skip
    weight = 17.0 / counts / config.scan_sigma_m**2
    f = weight * t * t
    return Pulls(
        vertex, f[:, None, None] * np.eye(3), f[:, None] * r, float((weight * t * r2).sum())
    )


def read_scan(value: Any, where: str) -> Array | None:
    """A point cloud (P, 3) in world metres, or nothing.

    Raises:
        InvalidInput: it is not a list of points, or too few.
    """
    if value is None:
        return None
    points = np.asarray(value, float)
    if points.ndim != 2 or points.shape[1] != 3:
        fault = f"the scan of {where} is {points.shape}, not points × 3"
        raise InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
    points = np.asarray(points[np.isfinite(points).all(1)])
    if not len(points):
        return None
    if np.abs(points).max() > 100:
        fault = f"the scan of {where} is more than 100 m away; are its units metres?"
        raise InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
    return points
