"""What the solver says of a recording, as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Fit, FitRun, FitView, Frame, Recording
from backend.core.events import announce
from backend.domain.fit_quality import pack
from backend.domain.fits import FitStatus
from backend.multiview.fits import repository
from backend.multiview.fits.standing import STALE_FIT

UNMOVED_M = 0.002
"""A neighbour that moves by less on average than this keeps its fit and its verdict."""


@dataclass(frozen=True, slots=True)
class ViewProposal:
    """One view of a fitted moment.

    Attributes:
        made_from: The frame's 51 numbers that were fitted.
        errors: (17,) pixels; NaN where no joint was, or the camera is not calibrated.
        mask_iou: Overlap of silhouette and mask in [0, 1], where there is a mask.
    """

    made_from: Sequence[float]
    errors: NDArray[np.float64]
    mask_iou: float | None


@dataclass(frozen=True, slots=True)
class FitProposal:
    """The body of one moment.

    Attributes:
        moment_id: The moment.
        pose: (72,) axis-angles in SMPL's order.
        translation: (3,) the pelvis, world metres.
        joints: (17, 3) COCO joints, world metres.
        body_joints: (24, 3) the body's own joints, world metres.
        mean_error_px: Over all views and joints; None where there is none.
        gate_passed: Whether that is within the gate.
        converged: Whether the solver came to rest.
        assumed_camera: Whether nothing was known of the camera.
        self_intersections: Pairs of limbs that pass through each other.
        views: By frame id.
        metrics: Limb lengths and the like, JSON-serialisable.
        surface_key: Where the vertex offsets of the surface step are stored.
        scans: Ids of the moment's scans, rising.
        covariance: (17, 3, 3) of the COCO joints, m².
        quality_mm: Expected mean error of the joints.
        doubts: What is odd, JSON-serialisable; cameras by their id, views by their frame.
        raw: Pose (72,), pelvis (3,) and COCO joints (17, 3) without the sequence; None where there
            was none, or where only the sequence places the moment.
    """

    moment_id: int
    pose: NDArray[np.float64]
    translation: NDArray[np.float64]
    joints: NDArray[np.float64]
    body_joints: NDArray[np.float64]
    mean_error_px: float | None
    gate_passed: bool
    converged: bool
    assumed_camera: bool
    self_intersections: int
    views: Mapping[int, ViewProposal]
    metrics: dict[str, Any] = field(default_factory=dict)
    surface_key: str | None = None
    scans: Sequence[int] = ()
    covariance: NDArray[np.float64] | None = None
    quality_mm: float | None = None
    doubts: Sequence[dict[str, Any]] = ()
    raw: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None = None


def store_fits(
    session: Session,
    recording: Recording,
    run: FitRun,
    proposals: Sequence[FitProposal],
    *,
    replace_verified: bool,
    neighbours: frozenset[int] = frozenset(),
) -> int:
    """Store a run's fits, each as its moment's next version.

    Args:
        session: The transaction that ends the job.
        recording: The recording, locked.
        run: The run, flushed.
        proposals: One per moment.
        replace_verified: Whether verified fits that are not stale are replaced too.
        neighbours: Moments that were fitted again only because one beside them was; those that
            hardly moved stay as they are, verdict included.

    Returns:
        How many fits were written.
    """
    held = {
        fit.moment_id: (fit, stale)
        for fit, stale in session.execute(
            select(Fit, STALE_FIT)
            .where(Fit.recording_id == recording.id)
            .with_for_update(of=Fit)
            .execution_options(populate_existing=True)
        )
    }
    # A moment may have gone since, when the cameras were synchronised anew.
    moments = set(
        session.scalars(select(Frame.moment_id).where(Frame.recording_id == recording.id))
    )
    written: list[tuple[Fit, FitProposal]] = []
    for proposal in proposals:
        if proposal.moment_id not in moments:
            continue
        fit, stale = held.get(proposal.moment_id, (None, False))
        if fit is not None and not stale:
            if fit.status == FitStatus.VERIFIED.value and not replace_verified:
                continue
            if proposal.moment_id in neighbours and _unmoved(fit, proposal):
                continue
        if fit is None:
            fit = Fit(recording_id=recording.id, moment_id=proposal.moment_id, version=0)
            session.add(fit)
        _fill(fit, run, proposal)
        written.append((fit, proposal))
    session.flush()
    ids = [fit.id for fit, _ in written]
    session.execute(delete(FitView).where(FitView.fit_id.in_(ids)))
    session.add_all(
        FitView(
            fit_id=fit.id,
            frame_id=frame_id,
            made_from=[float(x) for x in view.made_from],
            errors=[float(x) for x in view.errors],
            mask_iou=None if view.mask_iou is None else float(view.mask_iou),
        )
        for fit, proposal in written
        for frame_id, view in proposal.views.items()
    )
    repository.append_revisions(session, ids, author_id=None, run_id=run.id)
    announce(session, "fits", {"recording_id": recording.id})
    return len(written)


def _unmoved(fit: Fit, proposal: FitProposal) -> bool:
    before = np.asarray(fit.body_joints).reshape(24, 3)
    return bool(np.linalg.norm(before - proposal.body_joints, axis=1).mean() < UNMOVED_M)


def _stored(values: NDArray[np.float64]) -> list[float]:
    # A tenth of a micrometre or microradian: what lies beyond is noise and doubles the traffic.
    return [float(value) for value in np.round(np.ravel(values), 7)]


def _fill(fit: Fit, run: FitRun, proposal: FitProposal) -> None:
    fit.run_id = run.id
    fit.version += 1
    for name in ("pose", "translation", "joints", "body_joints"):
        setattr(fit, name, _stored(getattr(proposal, name)))
    raw = proposal.raw
    for place, name in enumerate(("raw_pose", "raw_translation", "raw_joints")):
        setattr(fit, name, None if raw is None else _stored(raw[place]))
    fit.mean_error_px = proposal.mean_error_px
    fit.gate_passed = proposal.gate_passed
    fit.converged = proposal.converged
    fit.assumed_camera = proposal.assumed_camera
    fit.self_intersections = proposal.self_intersections
    fit.metrics = proposal.metrics
    fit.surface_key = proposal.surface_key
    fit.scans = list(proposal.scans)
    fit.covariance = (
        None
        if proposal.covariance is None
        # A standard deviation of a hundredth of a millimetre.
        else np.round(pack(proposal.covariance), 10).astype(float).tolist()
    )
    fit.quality_mm = None if proposal.quality_mm is None else round(proposal.quality_mm, 2)
    fit.doubts = list(proposal.doubts)
    fit.status = FitStatus.FITTED.value
    fit.reason = fit.reason_text = None
    fit.reviewed_by_id = fit.reviewed_at = None
