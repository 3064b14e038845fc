"""Reading scans, and the frame numbers that they can have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from backend.core.database.tables import Camera, Frame, Moment, Scan, User
from backend.core.jobs.schemas import Named
from backend.domain.scans import ScanKind, number_in, number_of
from backend.multiview.scans.pairing import SCAN_FRAME
from backend.multiview.scans.schemas import ScanOut


@dataclass(frozen=True)
class FrameNumbers:
    """Frame numbers of one camera as people count them.

    Attributes:
        source_frames: ``Frame.source_frame`` by number: the number in the video, or the one that
            an image's name carries.
        ambiguous: Numbers that several images carry.
        last: The last number there is, taken into the recording or not; None without frames.
    """

    source_frames: dict[int, int] = field(default_factory=dict)
    ambiguous: frozenset[int] = frozenset()
    last: int | None = None


def told(
    session: Session, scan_ids: Collection[int], places: Mapping[int, int]
) -> dict[int, dict[str, object]]:
    """What exports tell of scans, by id; file names stay here, since people gave them.

    Args:
        session: A session.
        scan_ids: Which.
        places: Place of each camera in its recording; scans of other cameras are left out.
    """
    rows = session.execute(
        select(Scan.id, Scan.kind, Scan.camera_id, Scan.source_frame, Scan.sha256)
        .where(Scan.id.in_(scan_ids))
        .order_by(Scan.id)
    )
    return {
        row.id: {
            "kind": row.kind,
            "camera": places[row.camera_id],
            "frame": row.source_frame,
            "sha256": row.sha256,
        }
        for row in rows
        if row.camera_id in places
    }


def cameras_of(session: Session, recording_id: int) -> Sequence[Camera]:
    """The recording's cameras in order."""
    return session.scalars(
        select(Camera)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
        .options(selectinload(Camera.files))
    ).all()


def frame_numbers(session: Session, cameras: Sequence[Camera]) -> dict[int, FrameNumbers]:
    """The frame numbers of cameras, by camera id."""
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for camera_id, source_frame, name in session.execute(
        select(Frame.camera_id, Frame.source_frame, Frame.source_name).where(
            Frame.camera_id.in_([camera.id for camera in cameras]), Frame.source_frame.is_not(None)
        )
    ):
        number = source_frame if name is None else number_in(name)
        if number is not None and source_frame is not None:
            pairs[camera_id].append((number, source_frame))
    found = {}
    for camera in cameras:
        counts = Counter(number for number, _ in pairs[camera.id])
        ambiguous = frozenset(number for number, count in counts.items() if count > 1)
        last = max(counts, default=None)
        whole = [file.first_frame + file.frames for file in camera.files if file.frames]
        if last is not None and whole:
            last = max(last, max(whole) - 1)
        elif last is not None and camera.fps and camera.duration_s:
            last = max(last, round(camera.fps * camera.duration_s) - 1)
        known = {n: frame for n, frame in pairs[camera.id] if n not in ambiguous}
        found[camera.id] = FrameNumbers(known, ambiguous, last)
    return found


def moment_count(session: Session, recording_id: int) -> int:
    """How many moments a recording has."""
    query = select(func.count()).where(Moment.recording_id == recording_id)
    return session.scalar(query) or 0


def find_scans(session: Session, *conditions: ColumnElement[bool]) -> list[ScanOut]:
    """Scans that fulfil all conditions, by camera and frame."""
    rows = session.execute(
        select(Scan, Moment.id, Moment.index, User)
        .outerjoin(Frame, SCAN_FRAME)
        .outerjoin(Moment, Moment.id == Frame.moment_id)
        .outerjoin(User, User.id == Scan.created_by_id)
        .where(*conditions)
        .order_by(Scan.camera_id, Scan.source_frame, Scan.id)
    )
    return [
        ScanOut(
            id=scan.id,
            kind=ScanKind(scan.kind),
            camera_id=scan.camera_id,
            number=number_of(scan.filename),
            moment_id=moment_id,
            moment_index=index,
            filename=scan.filename,
            sha256=scan.sha256,
            size=scan.size,
            points=scan.points,
            depth_unit_mm=scan.depth_unit_mm,
            created_at=scan.created_at,
            created_by=Named.model_validate(user) if user else None,
        )
        for scan, moment_id, index, user in rows
    ]


def scans_by_moment(session: Session, recording_id: int) -> dict[int, list[Scan]]:
    """The scans of each moment by rising id; moments without are missing."""
    found: dict[int, list[Scan]] = defaultdict(list)
    for moment_id, scan in session.execute(
        select(Frame.moment_id, Scan)
        .join(Frame, SCAN_FRAME)
        .where(Scan.recording_id == recording_id)
        .order_by(Scan.id)
    ):
        found[moment_id].append(scan)
    return dict(found)
