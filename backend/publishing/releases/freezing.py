"""A checked draft's frames, as rows that name the exact version of every label."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Text, bindparam, select, text
from sqlalchemy.orm import Session

from backend.core.database.copying import copy_rows
from backend.core.database.tables import Camera, Release
from backend.domain.releases.lifecycle import ReleaseEvent, ReleaseState, after
from backend.domain.slugs import slug
from backend.publishing.releases import repository
from backend.publishing.releases.contents import comparing, statistics
from backend.publishing.releases.selecting import Chosen
from backend.publishing.releases.settings import Images, Packaging

_TAKEN = text(
    "CREATE TEMPORARY TABLE taken (frame_id bigint PRIMARY KEY, split text, folder text)"
    " ON COMMIT DROP"
)
_FREEZE = text(
    """
    INSERT INTO release_frames (
        release_id, frame_id, recording_id, infant_id, camera_id, moment_id, split, file_name,
        image_sha256, stored_sha256, width, height, annotation_version, keypoints, box_version,
        box_x, box_y, box_width, box_height, mask_area, fit_id, fit_version, fit_errors,
        fit_mask_iou, calibration_id, posture, posture_version
    )
    SELECT :release, f.id, f.recording_id, r.infant_id, f.camera_id, f.moment_id, t.split,
           t.folder || '/' || lpad(m.index::text, 6, '0')
               || coalesce(:suffix, substring(f.image_key from '\\.[A-Za-z0-9]+$'), '.jpg'),
           f.sha256, f.stored_sha256, f.width, f.height, a.version, a.keypoints, b.version,
           b.x, b.y, b.width, b.height, b.mask_area, fit.id, fit.version, fit.errors, fit.mask_iou,
           CASE WHEN :with_cameras THEN r.calibration_id END, p.posture, ps.version
    FROM taken t
    JOIN frames f ON f.id = t.frame_id
    JOIN recordings r ON r.id = f.recording_id
    JOIN moments m ON m.id = f.moment_id
    JOIN annotations a ON a.frame_id = f.id
    JOIN frame_boxes b ON b.frame_id = f.id
    LEFT JOIN (
        SELECT fits.id, fits.version, fits.moment_id, v.frame_id, v.errors, v.mask_iou
        FROM fits JOIN fit_views v ON v.fit_id = fits.id
        WHERE fits.status = 'verified' AND :with_fits
    ) fit ON fit.frame_id = f.id AND fit.moment_id = f.moment_id
    LEFT JOIN posture_states ps ON ps.recording_id = f.recording_id AND ps.version > 0
    LEFT JOIN LATERAL (
        SELECT posture, last_moment FROM posture_ranges
        WHERE recording_id = f.recording_id AND first_moment <= m.index
        ORDER BY first_moment DESC LIMIT 1
    ) p ON p.last_moment >= m.index
    """
).bindparams(bindparam("suffix", type_=Text))

_FREEZE_RECORDINGS = text(
    """
    INSERT INTO release_recordings (
        release_id, recording_id, infant_id, name, source, age_months, is_demo, prelabel_model,
        prelabel_sha256, prelabels_simulated, inspector_id, cameras, pseudonym, sex, consent_noted
    )
    SELECT held.release_id, r.id, r.infant_id, r.name, r.source, r.age_months, r.is_demo,
           r.prelabel_model, r.prelabel_sha256, r.prelabels_simulated, r.inspector_id,
           (SELECT jsonb_agg(jsonb_build_array(c.id, c.name) ORDER BY c.index)
            FROM cameras c WHERE c.recording_id = r.id),
           i.pseudonym, i.sex,
           EXISTS (SELECT FROM infant_consents n WHERE n.infant_id = i.id)
    FROM (
        SELECT DISTINCT release_id, recording_id FROM release_frames WHERE release_id = :release
    ) held
    JOIN recordings r ON r.id = held.recording_id
    JOIN infants i ON i.id = r.infant_id
    """
)


def freeze(session: Session, release: Release, chosen: Chosen, packaging: Packaging) -> int:
    """Write down what a draft's rule selects now; the draft is checked afterwards.

    Args:
        session: A transaction that holds the recordings against reopening.
        release: The draft, held.
        chosen: What its rule selects; nothing of it blocks.
        packaging: Whether verified body fits and cameras belong to it, and how files end.

    Returns:
        How many frames.
    """
    repository.delete_frames(session, release.id)
    splits = {key: row.split for key, row in repository.splits(session, release.id).items()}
    folders = _folders(session, chosen)
    columns, taken = chosen.columns, chosen.selected.taken
    rows = zip(
        columns.frame[taken].tolist(),
        columns.infant[taken].tolist(),
        columns.camera[taken].tolist(),
        strict=True,
    )
    session.execute(_TAKEN)
    copy_rows(
        session,
        "taken",
        ("frame_id", "split", "folder"),
        ((frame, splits[infant], folders[camera]) for frame, infant, camera in rows),
    )
    session.execute(text("ANALYZE taken"))
    session.execute(
        _FREEZE,
        {
            "release": release.id,
            "with_fits": packaging.fits,
            "with_cameras": packaging.cameras,
            "suffix": None if packaging.images is Images.NONE else packaging.coding.suffix,
        },
    )
    session.execute(_FREEZE_RECORDINGS, {"release": release.id})
    # Writing comes soon after, sooner than the server counts its rows by itself.
    session.execute(text("ANALYZE release_frames"))
    frames = int(taken.sum())
    release.state = after(ReleaseState(release.state), ReleaseEvent.CHECK).value
    release.frozen_at = datetime.now(UTC).replace(microsecond=0)
    release.frames = frames
    release.split_counts = repository.count_splits(session, release.id)
    release.statistics = statistics.count(session, release.id)
    session.flush()
    comparing.keep(session, release)
    return frames


def _folders(session: Session, chosen: Chosen) -> dict[int, str]:
    """Folder of each camera: after pseudonym and recording number, never after a name.

    A recording keeps its folder in every version of every dataset. Names that people gave to
    recordings and files stay here: they may tell who the family is.
    """
    places = {
        row.id: row.place
        for row in session.execute(
            select(Camera.id, Camera.index.label("place")).where(
                Camera.recording_id.in_(chosen.recordings)
            )
        )
    }
    columns, taken = chosen.columns, chosen.selected.taken
    pairs = set(zip(columns.camera[taken].tolist(), columns.recording[taken].tolist(), strict=True))
    folder = {
        key: f"images/{slug(recording.pseudonym)}/r{key:05d}"
        for key, recording in chosen.recordings.items()
    }
    return {camera: f"{folder[key]}/c{places[camera] + 1:02d}" for camera, key in pairs}
