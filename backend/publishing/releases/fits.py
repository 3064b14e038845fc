"""The body fits that a release froze, as one file for each split.

Nothing here reads a fit as it is now: pose and place come from the fit's history, at the version
that was frozen, shape and size from the run that made it, cameras from the calibration of that run.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Body,
    Calibration,
    FitRevision,
    FitRun,
    Moment,
    ReleaseFrame,
    ReleaseRecording,
)
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict
from backend.domain.fits import FitStatus
from backend.multiview.bodies.model_file import OPEN_BODY, open_body
from backend.multiview.scans.repository import told
from backend.publishing.body_arrays import ASSUMED, FittedBody, FittedView, body_fits
from backend.publishing.labelled import BodyFits
from backend.publishing.releases.recordings import camera_names, recording_of

_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True)
class BodyUsed:
    """A body model that fits of a release were made with.

    Attributes:
        name: Its name.
        sha256: Hash of its file.
        licence: Its terms, in a few words.
    """

    name: str
    sha256: str
    licence: str


def file_of(split: str) -> str:
    """Where the fits of a split stand in a release."""
    return f"fits/{split}.npz"


def fits_of(
    session: Session, release_id: int, split: str, *, audience: ConsentScope
) -> BodyFits | None:
    """Verified fits of one split, by recording and moment; None where there is none.

    Views are images that the release holds; of those that it leaves out nothing is told.

    Args:
        session: A transaction.
        release_id: The release.
        split: Which side.
        audience: For whom: names that people gave to recordings and cameras stay inside the group.

    Raises:
        Conflict: the history of a frozen fit is gone.
    """
    inside = audience is ConsentScope.INTERNAL
    frames = _frames(session, release_id, split)
    if not frames:
        return None
    states = _states(session, list(frames))
    cameras = names_for(session, release_id, audience)
    runs = {
        run.id: run
        for run in session.scalars(
            select(FitRun).where(FitRun.id.in_({state["run_id"] for state in states.values()}))
        )
    }
    calibrations = _calibrations(session, runs.values(), cameras)
    places = {camera: i for named in cameras.values() for i, camera in enumerate(named)}
    scans = told(
        session, {key for state in states.values() for key in state.get("scans") or ()}, places
    )
    bodies = []
    for key, rows in frames.items():
        state, first = states[key], rows[0]
        run = runs[state["run_id"]]
        named = cameras[first.recording_id]
        order = {camera: place for place, camera in enumerate(named)}
        bodies.append(
            FittedBody(
                session=first.recording if inside else f"r{first.recording_id:05d}",
                moment=first.moment,
                time_s=first.time_s,
                run={
                    "body_name": run.body_name,
                    "body_sha256": run.body_sha256,
                    "config_version": run.config_version,
                    "config": run.config,
                    "betas": run.betas,
                    "scale": run.scale,
                    "shape_covariance": run.shape_covariance,
                    "summary": run.summary,
                },
                state=state,
                calibration=calibrations[run.calibration_id],
                cameras=list(named.values()),
                views=[
                    FittedView(
                        row.frame_id,
                        order[row.camera_id],
                        row.file_name,
                        row.fit_errors,
                        row.fit_mask_iou,
                    )
                    for row in rows
                ],
                scans=[scans[key] for key in state.get("scans") or () if key in scans],
            )
        )
    return body_fits(bodies, file_of(split))


def _frames(session: Session, release_id: int, split: str) -> dict[tuple[int, int], list[Any]]:
    """Frozen frames by fit and version, by recording and moment."""
    of = ReleaseFrame
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            of.frame_id,
            of.fit_id,
            of.fit_version,
            of.recording_id,
            of.camera_id,
            of.file_name,
            of.fit_errors,
            of.fit_mask_iou,
            Moment.index.label("moment"),
            Moment.time_s,
            ReleaseRecording.name.label("recording"),
        )
        .join(Moment, Moment.id == of.moment_id)
        .join(ReleaseRecording, recording_of(of))
        .where(of.release_id == release_id, of.split == split, of.fit_id.is_not(None))
        .order_by(of.recording_id, Moment.index, of.frame_id)
    ):
        found[row.fit_id, row.fit_version].append(row)
    return found


def _states(
    session: Session, wanted: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any]]:
    """Fits as they were at their frozen versions."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    key = tuple_(FitRevision.fit_id, FitRevision.version)
    for at in range(0, len(wanted), _AT_A_TIME):
        some = wanted[at : at + _AT_A_TIME]
        for row in session.execute(
            select(FitRevision.fit_id, FitRevision.version, FitRevision.state).where(key.in_(some))
        ):
            if row.state["status"] == FitStatus.VERIFIED.value:
                found[row.fit_id, row.version] = row.state
    if missing := len(wanted) - len(found):
        raise Conflict(
            f"Of {len(wanted):,} body fits, {missing:,} have no history of their verified version"
            " any more: check the release again."
        )
    return found


def names_for(
    session: Session, release_id: int, audience: ConsentScope
) -> dict[int, dict[int, str]]:
    """By recording what each of its cameras is called in a release, in their order."""
    inside = audience is ConsentScope.INTERNAL
    return {
        recording: {
            camera: name if inside else f"c{place:02d}"
            for place, (camera, name) in enumerate(cameras.items(), 1)
        }
        for recording, cameras in camera_names(session, release_id).items()
    }


def _calibrations(
    session: Session,
    runs: Collection[FitRun],
    names: Mapping[int, Mapping[int, str]],
) -> dict[int | None, tuple[str, str]]:
    """Version and cameras (JSON) by calibration; cameras under the names that the release uses."""
    found: dict[int | None, tuple[str, str]] = {None: ASSUMED}
    ids = {run.calibration_id for run in runs if run.calibration_id is not None}
    for row in session.scalars(select(Calibration).where(Calibration.id.in_(ids))):
        named = names[row.recording_id]
        cameras = [
            {key: value for key, value in camera.items() if key != "camera_id"}
            | {"name": named[camera["camera_id"]]}
            for camera in row.cameras
            if camera.get("camera_id") in named
        ]
        found[row.id] = (f"v{row.version}", json.dumps(cameras, sort_keys=True))
    return found


def bodies_of(session: Session, used: Collection[tuple[str, str]]) -> list[BodyUsed]:
    """Body models with their terms.

    Args:
        session: A session.
        used: Names and hashes.
    """
    rows = session.execute(
        select(Body.name, Body.licence).where(Body.name.in_({name for name, _ in used}))
    )
    licences = {row.name: row.licence for row in rows}
    if any(name == OPEN_BODY for name, _ in used):
        licences[OPEN_BODY] = open_body().licence
    return [BodyUsed(name, sha, licences.get(name, "not known")) for name, sha in sorted(used)]
