"""The scans of a body fit: stored clouds and depth images as points of the infant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.core.storage import BlobStore
from backend.domain import masks
from backend.domain.scans import MIN_POINTS, ScanKind, points_of_depth
from backend.multiview.fits.inputs import MomentViews, SessionInputs, StoredScan
from backend.multiview.scans.scan_files import read_cloud, read_depth
from worker.context import JobContext
from worker.fitting.session import MIN_JOINTS

Array = NDArray[np.float64]

MAX_POINTS = 8000
"""Points kept of a moment's scans: a point every 6 mm of an infant's skin."""

_NO_CALIBRATION = "their camera is not calibrated"
_NO_MASK = "there is no mask of their view"
_NOTHING_THERE = "the mask holds no depth"


@dataclass(frozen=True)
class FitScans:
    """What the scans of a recording give its fit.

    Attributes:
        moments: Moments with a scan that can be used.
        clouds: (P, 3) world metres by moment; only of the moments that are fitted.
        left_out: How many scans could not be used, by reason.
        any: Whether the recording has scans at all.
        eyes: Places of the cameras by moment, where all its scans are depth images.
    """

    moments: frozenset[int]
    clouds: dict[int, Array]
    left_out: dict[str, int]
    any: bool
    eyes: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def eyes_of(self, moments: Sequence[MomentViews]) -> list[tuple[int, ...]]:
        """Cameras that took the scans of these moments; none where a cloud does not say."""
        return [self.eyes.get(moment.moment_id, ()) for moment in moments]

    def of(self, moments: Sequence[MomentViews]) -> list[Array | None] | None:
        """The clouds of these moments as the solver takes them; None where there are none."""
        found = [self.clouds.get(moment.moment_id) for moment in moments]
        return found if any(cloud is not None for cloud in found) else None


def load_scans(context: JobContext, inputs: SessionInputs, only: Sequence[int] | None) -> FitScans:
    """Read the scans that a fit needs.

    Args:
        context: The job.
        inputs: The session.
        only: Places in ``inputs.moments`` that are fitted again; None for all.

    Raises:
        InvalidInput: a stored depth image is not of the size that its camera was calibrated for.
        NotFound: a scan was removed meanwhile.
    """
    needed = set(range(len(inputs.moments)) if only is None else _with_neighbours(inputs, only))
    left_out: Counter[str] = Counter()
    usable: set[int] = set()
    clouds: dict[int, Array] = {}
    eyes: dict[int, tuple[int, ...]] = {}
    for t, moment in enumerate(inputs.moments):
        parts: list[Array] = []
        taken: list[StoredScan] = []
        for scan in moment.scans:
            reason = _why_not(inputs, moment, scan)
            if reason is None and t in needed:
                context.check_cancelled()
                part = _points(context.storage, inputs, moment, scan)
                reason = None if len(part) >= MIN_POINTS else _NOTHING_THERE
                parts += [part] if reason is None else []
                taken += [scan] if reason is None else []
            if reason is None:
                usable.add(moment.moment_id)
            else:
                left_out[reason] += 1
        if parts:
            clouds[moment.moment_id] = _thinned(np.concatenate(parts))
            if all(scan.kind is ScanKind.DEPTH for scan in taken):
                eyes[moment.moment_id] = tuple(sorted({scan.camera for scan in taken}))
            context.report(len(clouds), None, "Reading scans")
    there = any(moment.scans for moment in inputs.moments)
    return FitScans(frozenset(usable), clouds, dict(left_out), there, eyes)


def _why_not(inputs: SessionInputs, moment: MomentViews, scan: StoredScan) -> str | None:
    """Why a scan cannot be used; None if it can."""
    if inputs.assumed or not any(inputs.cameras):
        return _NO_CALIBRATION
    if scan.kind is ScanKind.CLOUD:
        return None
    if inputs.cameras[scan.camera] is None:
        return _NO_CALIBRATION
    view = moment.views.get(scan.camera)
    return _NO_MASK if view is None or view.mask_counts is None else None


def _points(
    storage: BlobStore, inputs: SessionInputs, moment: MomentViews, scan: StoredScan
) -> Array:
    data = storage.read(scan.key)
    if scan.kind is ScanKind.CLOUD:
        return read_cloud(data, scan.filename)
    camera, view = inputs.cameras[scan.camera], moment.views[scan.camera]
    assert camera is not None
    assert view.mask_counts is not None
    assert scan.depth_unit_mm is not None
    depth = read_depth(data, scan.filename, (camera.width, camera.height))
    width, height = view.size
    mask = masks.decode({"size": [height, width], "counts": view.mask_counts})
    return points_of_depth(camera, depth, scan.depth_unit_mm, mask)


def _thinned(points: Array) -> Array:
    """At most :data:`MAX_POINTS`, the same ones each time."""
    if len(points) <= MAX_POINTS:
        return points
    return points[np.random.default_rng(0).choice(len(points), MAX_POINTS, replace=False)]


def _with_neighbours(inputs: SessionInputs, only: Sequence[int]) -> set[int]:
    """These moments, and those beside them up to the next ones that surely have a fit."""
    known = [camera is not None for camera in inputs.cameras]
    placed = (inputs.joints()[:, known, :, 2] > 0).sum(axis=2)
    sure = placed.max(axis=1, initial=0) >= MIN_JOINTS
    found = set(only)
    for t in only:
        for step in (-1, 1):
            beside = t + step
            while 0 <= beside < len(sure):
                found.add(beside)
                if sure[beside]:
                    break
                beside += step
    return found
