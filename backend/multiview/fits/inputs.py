"""What a body fit is made from: kept views of each moment, their masks, scans, the cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Calibration,
    Camera,
    Fit,
    FitRun,
    Frame,
    FrameBox,
    Moment,
    Recording,
)
from backend.domain import cameras as domain
from backend.domain.errors import InvalidInput
from backend.domain.moving_cameras import at_time, is_placed, places_of
from backend.domain.scans import ScanKind
from backend.labelling.conditions import BOX_USABLE, KEPT
from backend.multiview.scans.repository import scans_by_moment


@dataclass(frozen=True, slots=True)
class View:
    """A kept frame with joints.

    Attributes:
        frame_id: The frame.
        keypoints: 51 numbers, (x, y, visibility) of 17 joints.
        mask_counts: COCO's compressed run-length text, where a usable mask is stored.
        size: Width and height in pixels.
    """

    frame_id: int
    keypoints: Sequence[float]
    mask_counts: str | None
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class StoredScan:
    """A scan of a moment.

    Attributes:
        scan_id: The scan.
        kind: Points in world metres, or depth of a camera.
        camera: Place of its camera in the session.
        key: Where its file is stored.
        filename: As it was called.
        depth_unit_mm: Millimetres of one step of a depth image.
    """

    scan_id: int
    kind: ScanKind
    camera: int
    key: str
    filename: str
    depth_unit_mm: float | None


@dataclass(frozen=True, slots=True)
class MomentViews:
    """One moment with its kept views, by the place of their camera in the recording, and scans."""

    moment_id: int
    index: int
    time_s: float
    views: dict[int, View] = field(default_factory=dict)
    scans: list[StoredScan] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SessionInputs:
    """All that a recording's fit needs.

    Attributes:
        cameras: One per camera of the recording, in order; None where it is not calibrated. Behind
            them the places of cameras that were knocked, from then on views of their own.
        camera_names: Their names.
        moments: Those with at least one kept view, by index.
        floor_z: Height of the floor in the world, where it is known.
        assumed: Whether nothing is known of the only camera, so that its world has no scale.
        camera_ids: Of the cameras.
    """

    cameras: list[domain.Camera | None]
    camera_names: list[str]
    moments: list[MomentViews]
    floor_z: float | None
    assumed: bool = False
    camera_ids: list[int] = field(default_factory=list)

    def joints(self) -> NDArray[np.float64]:
        """(T, C, 17, 3) x, y, visibility; zeros where a view is missing."""
        out = np.zeros((len(self.moments), len(self.cameras), 17, 3))
        for t, moment in enumerate(self.moments):
            for c, view in moment.views.items():
                out[t, c] = np.asarray(view.keypoints, float).reshape(17, 3)
        return out


def session_inputs(
    session: Session, recording: Recording, calibration: Calibration | None
) -> SessionInputs:
    """Read what a recording's fit needs, in four queries.

    Args:
        session: A session.
        recording: The recording session.
        calibration: Its cameras; None for a single view, whose camera is then assumed.

    Raises:
        InvalidInput: a camera was calibrated for images of another size.
    """
    rows = session.scalars(
        select(Camera).where(Camera.recording_id == recording.id).order_by(Camera.index)
    ).all()
    place = {camera.id: c for c, camera in enumerate(rows)}
    moments: dict[int, MomentViews] = {}
    usable = and_(FrameBox.frame_id == Frame.id, BOX_USABLE)
    for frame, moment, keypoints, mask in session.execute(
        select(Frame, Moment, Annotation.keypoints, FrameBox.mask_counts)
        .join(Moment, Moment.id == Frame.moment_id)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(FrameBox, usable)
        .where(
            Frame.recording_id == recording.id,
            KEPT,
            Annotation.keypoints.is_not(None),
        )
        .order_by(Moment.index)
    ):
        entry = moments.setdefault(moment.id, MomentViews(moment.id, moment.index, moment.time_s))
        entry.views[place[frame.camera_id]] = View(
            frame.id, keypoints or [], mask, (frame.width, frame.height)
        )
    found = list(moments.values())
    scans = scans_by_moment(session, recording.id)
    for entry in found:
        entry.scans.extend(
            StoredScan(
                scan.id,
                ScanKind(scan.kind),
                place[scan.camera_id],
                scan.key,
                scan.filename,
                scan.depth_unit_mm,
            )
            for scan in scans.get(entry.moment_id, ())
        )
    cameras = _cameras(rows, found, calibration)
    names = [camera.name for camera in rows]
    ids = [camera.id for camera in rows]
    _split_knocked(rows, found, calibration, cameras, names, ids)
    entries = {entry["camera_id"]: entry for entry in (calibration.cameras if calibration else [])}
    return SessionInputs(
        cameras=cameras,
        camera_names=names,
        moments=found,
        floor_z=calibration.floor_z if calibration else None,
        assumed=len(rows) == 1 and rows[0].id not in entries,
        camera_ids=ids,
    )


def _cameras(
    rows: Sequence[Camera], moments: Sequence[MomentViews], calibration: Calibration | None
) -> list[domain.Camera | None]:
    sizes: dict[int, tuple[int, int]] = {}
    for moment in moments:
        for c, view in moment.views.items():
            sizes.setdefault(c, view.size)
    known = {entry["camera_id"]: entry for entry in (calibration.cameras if calibration else [])}
    out: list[domain.Camera | None] = []
    for c, row in enumerate(rows):
        size = sizes.get(c)
        entry = known.get(row.id)
        if entry is None or (not is_placed(entry) and len(rows) > 1):
            alone = size is not None and len(rows) == 1
            out.append(domain.assumed_camera(row.name, *size) if alone and size else None)
            continue
        camera = at_time(entry, None)
        if camera.T_camera_world is None:
            # A single view with a known lens: its own axes are the world.
            camera = camera.moved(np.eye(4))
        if size is not None and size != (camera.width, camera.height):
            raise InvalidInput(
                f"{row.name} was calibrated for images of {camera.width}×{camera.height} pixels,"
                f" but its frames have {size[0]}×{size[1]}. Calibrate it with images of that size.",
                fault="image size",
            )
        out.append(camera)
    return out


def _split_knocked(
    rows: Sequence[Camera], moments: Sequence[MomentViews], calibration: Calibration | None,
    cameras: list[domain.Camera | None], names: list[str], ids: list[int],
) -> None:  # fmt: skip
    """Give each place of a camera after a knock a view of its own, with the moments it belongs to.

    A fit takes a view without joints as one that saw nothing, so that each place counts only while
    the camera stood there.
    """
    entries = {e["camera_id"]: e for e in (calibration.cameras if calibration else [])}
    for c, row in enumerate(rows):
        later = places_of(entries[row.id])[1:] if row.id in entries else ()
        if cameras[c] is None or not later:
            continue
        place = {}
        for stands in later:
            place[stands.from_s] = len(cameras)
            cameras.append(stands.camera)
            minutes, seconds = divmod(stands.from_s, 60)
            ids.append(row.id)
            names.append(f"{row.name} (from {int(minutes)}:{seconds:04.1f})")
        for moment in moments:
            at = max((s for s in place if s <= moment.time_s), default=None)
            if at is None:
                continue
            if c in moment.views:
                moment.views[place[at]] = moment.views.pop(c)
            moment.scans[:] = [
                replace(scan, camera=place[at]) if scan.camera == c else scan
                for scan in moment.scans
            ]


@dataclass(frozen=True, slots=True)
class PreviousFit:
    """A stored fit of one moment, to go on from.

    pose: (72,), translation: (3,).
    """

    pose: NDArray[np.float64]
    translation: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PreviousFits:
    """The newest run of a recording and the fits that stand.

    Attributes:
        body_name: Body model of that run.
        betas: (20,) its shape.
        scale: Its scale.
        calibration_id: Its cameras.
        surface_key: Where its vertex offsets are stored, if it has any.
        by_moment: Fits by moment.
    """

    body_name: str
    betas: NDArray[np.float64]
    scale: float
    calibration_id: int | None
    surface_key: str | None
    by_moment: dict[int, PreviousFit]


def previous_fits(session: Session, recording_id: int) -> PreviousFits | None:
    """What the newest run of a recording left; None where nothing was fitted yet."""
    run = session.scalar(
        select(FitRun)
        .where(FitRun.recording_id == recording_id)
        .order_by(FitRun.id.desc())
        .limit(1)
    )
    if run is None:
        return None
    fits = session.execute(
        select(Fit.moment_id, Fit.pose, Fit.translation, Fit.run_id, Fit.surface_key).where(
            Fit.recording_id == recording_id
        )
    ).all()
    return PreviousFits(
        body_name=run.body_name,
        betas=np.asarray(run.betas, float),
        scale=run.scale,
        calibration_id=run.calibration_id,
        surface_key=next((fit.surface_key for fit in fits if fit.run_id == run.id), None),
        by_moment={
            fit.moment_id: PreviousFit(
                np.asarray(fit.pose, float), np.asarray(fit.translation, float)
            )
            for fit in fits
        },
    )
