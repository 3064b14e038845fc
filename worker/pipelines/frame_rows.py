"""What the database keeps of extracted frames, and of the moments that they make."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Moment
from backend.domain.quality import mark_near_duplicates
from worker.media.frame import ExtractedFrame
from worker.media.quality import as_signed


def frame_keys(recording_id: int, frame: ExtractedFrame) -> tuple[str, str]:
    """Where a frame's image and thumbnail lie: under the hash of what is in them."""
    folder = f"recordings/{recording_id}/frames/{frame.sha256[:2]}"
    return f"{folder}/{frame.sha256}{frame.suffix}", f"{folder}/{frame.sha256}.thumb.jpg"


def frame_facts(recording_id: int, frame: ExtractedFrame) -> dict[str, Any]:
    """What a frame's row says of its picture, JSON-serialisable."""
    image, thumbnail = frame_keys(recording_id, frame)
    return {
        "time_s": seconds_of(frame),
        "source_frame": frame.source_frame_number,
        "source_name": frame.name[-255:] if frame.name else None,
        "own_time": frame.own_time,
        "damage": frame.damage,
        "width": frame.width,
        "height": frame.height,
        "sha256": frame.received_sha256 or frame.sha256,
        "stored_sha256": None if frame.received_sha256 is None else frame.sha256,
        "image_key": image,
        "thumbnail_key": thumbnail,
        "sharpness": frame.quality.sharpness,
        "mean_luma": frame.quality.mean_luma,
        "clipped_dark": frame.quality.dark_share,
        "clipped_bright": frame.quality.bright_share,
        "dhash": as_signed(frame.quality.difference_hash),
    }


def drop_empty_moments(session: Session, recording_id: int) -> None:
    """Remove moments without a frame, whose pictures could not be decoded, and count the rest."""
    seen = select(Frame.moment_id).where(Frame.recording_id == recording_id)
    empty = session.execute(
        delete(Moment)
        .where(Moment.recording_id == recording_id, Moment.id.not_in(seen))
        .returning(Moment.id)
    ).all()
    if not empty:
        return
    left = session.scalars(
        select(Moment.id).where(Moment.recording_id == recording_id).order_by(Moment.index)
    ).all()
    # Indices only fall, so going upwards none is taken twice.
    for index, moment_id in enumerate(left):
        session.execute(update(Moment).where(Moment.id == moment_id).values(index=index))


def mark_duplicates(session: Session, recording_id: int) -> None:
    """Note which frames nearly repeat an earlier one of their camera."""
    rows = session.execute(
        select(Frame.camera_id, Frame.id, Frame.dhash)
        .where(Frame.recording_id == recording_id)
        .order_by(Frame.position)
    ).all()
    cameras: dict[int, list[tuple[int, int]]] = {}
    for camera_id, frame_id, dhash in rows:
        cameras.setdefault(camera_id, []).append((frame_id, dhash % 2**64))
    changes = [
        {"id": frames[i][0], "duplicate_of_id": frames[repeated][0]}
        for frames in cameras.values()
        for i, repeated in enumerate(mark_near_duplicates(h for _, h in frames))
        if repeated is not None
    ]
    if changes:
        session.execute(update(Frame), changes)


def seconds_of(frame: ExtractedFrame) -> float:
    """Time of a frame; images without one count in seconds."""
    return float(frame.pts_s) if frame.pts_s is not None else float(frame.index)
