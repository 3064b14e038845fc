"""Evidence of bodies and images brought together, moment by moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.domain.cameras import Camera
from backend.domain.posture_proposals import (
    Proposal,
    propose,
    shown_by_bodies,
    shown_in_images,
    up_of_cameras,
)
from backend.multiview.posture_proposals import repository
from backend.multiview.posture_proposals.schemas import PostureProposalOut, PostureProposalsOut
from backend.recordings import access

Evidence = dict[int, tuple[float, NDArray[np.float64]]]
"""By moment its time and how likely each posture is."""


def proposals_of(session: Session, recording_id: int) -> PostureProposalsOut:
    """Which postures a recording's joints show.

    A moment's body fit counts where there is one; else all cameras' joints together.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    cameras, floor_known = repository.cameras_in_use(session, recording_id)
    up = up_of_cameras(cameras, floor_known=floor_known)
    images = _from_images(repository.joints_in_images(session, recording_id))
    bodies = _from_bodies(session, recording_id, up) if up is not None else {}
    evidence = images | bodies
    moments = sorted(evidence)
    found: list[Proposal] = []
    if moments:
        found = propose(
            np.array([evidence[moment][1] for moment in moments]),
            np.array(moments, np.int64),
            np.array([evidence[moment][0] for moment in moments]),
        )
    return PostureProposalsOut(
        proposals=[_out(proposal) for proposal in found],
        from_fits=len(bodies),
        from_images=len(images.keys() - bodies.keys()),
        remarks=_remarks(cameras, evidence, bodies, floor_known=floor_known),
    )


def _from_images(columns: dict[str, NDArray[Any]]) -> Evidence:
    joints = columns["joints"]
    if not len(joints):
        return {}
    likely = shown_in_images(joints[:, :, :2], joints[:, :, 2] > 0)
    moments, place = np.unique(columns["moment"], return_inverse=True)
    logs = np.zeros((len(moments), likely.shape[1]))
    np.add.at(logs, place, np.log(np.maximum(likely, 1e-3)))
    # Views of one body err together: their mean, and not their product, is the evidence.
    logs /= np.bincount(place)[:, None]
    powers = np.exp(logs)
    together = powers / powers.sum(axis=1, keepdims=True)
    times = np.full(len(moments), np.inf)
    np.minimum.at(times, place, columns["time_s"])
    return {
        moment: (time, row)
        for moment, time, row in zip(moments.tolist(), times.tolist(), together, strict=True)
    }


def _from_bodies(session: Session, recording_id: int, up: NDArray[np.float64]) -> Evidence:
    moments, times, joints = repository.fitted_joints(session, recording_id)
    if not len(moments):
        return {}
    likely = shown_by_bodies(joints, up, times)
    return {
        moment: (time, row)
        for moment, time, row in zip(moments.tolist(), times.tolist(), likely, strict=True)
    }


def _remarks(
    cameras: Sequence[Camera], evidence: Evidence, bodies: Evidence, *, floor_known: bool
) -> list[str]:
    if not evidence:
        return ["There are no joints yet to propose postures from."]
    found = []
    if len(bodies) < len(evidence):
        found.append(
            "Proposed from joints in images: prone and sitting postures are told as groups only."
        )
    if bodies and not floor_known:
        found.append("The floor is not known; what is up was taken from how the cameras stand.")
    return found


def _out(proposal: Proposal) -> PostureProposalOut:
    return PostureProposalOut.model_validate(
        {
            "first": proposal.first,
            "last": proposal.last,
            "group": proposal.label.group,
            "posture": proposal.label.posture,
            "likely": round(proposal.likely, 3),
        }
    )
