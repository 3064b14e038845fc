"""What predictions are compared with: the release's files and frozen rows, never live labels."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from scipy.spatial.transform import Rotation
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Calibration,
    Camera,
    FitRevision,
    FitRun,
    Infant,
    Moment,
    Recording,
    Release,
    ReleaseFrame,
)
from backend.core.storage import BlobStore
from backend.core.uploads.files import sha256_of
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict
from backend.domain.evaluation import conventions
from backend.domain.moving_cameras import at_time
from backend.publishing.evaluation.truth_file import Key, TruthFile, read_truth
from backend.publishing.releases import repository as releases
from backend.publishing.releases.documents import CONVENTIONS

TRAINING: Final = "train"
"""Name of the split to train on."""


@dataclass(frozen=True, slots=True)
class FrozenFrame:
    """What a row of the release says of a frame."""

    recording_id: int
    posture: str | None


def frozen_frames(session: Session, release_id: int, split: str) -> dict[int, FrozenFrame]:
    """The frames of one split, by id."""
    rows = session.execute(
        select(ReleaseFrame.frame_id, ReleaseFrame.recording_id, ReleaseFrame.posture).where(
            ReleaseFrame.release_id == release_id, ReleaseFrame.split == split
        )
    )
    return {row.frame_id: FrozenFrame(row.recording_id, row.posture) for row in rows}


def frames_elsewhere(session: Session, release_id: int, split: str) -> dict[Key, str]:
    """The splits of the frames that are not in one split, by id."""
    of = ReleaseFrame
    rows = session.execute(
        select(of.frame_id, of.split).where(of.release_id == release_id, of.split != split)
    )
    return {row.frame_id: row.split for row in rows}


def bodies_elsewhere(
    session: Session, release: Release, split: str, *, by_image: bool
) -> dict[Key, str]:
    """The splits of the bodies that are not in one split, by their keys."""
    found: dict[Key, str] = {}
    for other in sorted(set(frames_elsewhere(session, release.id, split).values())):
        with suppress(Conflict):  # it froze no body
            bodies = frozen_bodies(session, release, other, by_image=by_image)
            found.update(dict.fromkeys(bodies.frames, other))
    return found


def training_postures(session: Session, release_id: int, split: str) -> list[str]:
    """The postures to train on, one a frame; none where that is the split that is compared."""
    if split == TRAINING:
        return []
    of = ReleaseFrame
    return list(
        session.scalars(
            select(of.posture).where(
                of.release_id == release_id, of.split == TRAINING, of.posture.is_not(None)
            )
        )
    )


def fetch(
    session: Session, storage: BlobStore, release: Release, prefix: str, path: str, to: Path
) -> None:
    """Bring one file of a release here, and check that it is the one that was published.

    Raises:
        NotFound: the release has no such file.
        Conflict: its content is another.
    """
    file = releases.get_file(session, release.id, path)
    storage.download(prefix + path, to)
    if sha256_of(to) != file.sha256:
        raise Conflict(f"{path} of this release is not the file that was published.")


def read_joints(path: Path, name: str, frames: Mapping[int, FrozenFrame]) -> TruthFile:
    """The annotations of a split; postures that its rows froze are added where the file has none.

    Raises:
        InvalidInput: nothing can be measured on it.
    """
    truth = read_truth(path, name=name)
    for key, facts in zip(truth.truths.image_ids, truth.truths.facts, strict=True):
        frozen = frames.get(key) if isinstance(key, int) else None
        if frozen is not None and frozen.posture is not None and isinstance(facts, dict):
            facts.setdefault("posture", frozen.posture)
    return truth


def conventions_note(
    session: Session, storage: BlobStore, release: Release, prefix: str
) -> str | None:
    """A sentence where the release was published under other definitions than today's."""
    listed = {file.path for file in releases.files(session, release.id)}
    if CONVENTIONS not in listed:
        return None
    frozen = orjson.loads(storage.read(prefix + CONVENTIONS)).get("version")
    if frozen == conventions.VERSION:
        return None
    return (
        f"This release was published with version {frozen} of the definitions; these numbers are by"
        f" version {conventions.VERSION}, and cannot be compared with those."
    )


@dataclass(frozen=True, slots=True)
class FrozenBodies:
    """The verified body fits that a split froze.

    Attributes:
        arrays: As a file of bodies (``publishing.evaluation.body_files``) holds them.
        frames: The frame of each row by its key: that of the image, or of the moment's first image.
        body: Name and SHA-256 of their body model, if it is one for all.
    """

    arrays: dict[str, np.ndarray[Any, Any]]
    frames: dict[str, int]
    body: tuple[str, str] | None


def frozen_bodies(
    session: Session, release: Release, split: str, *, by_image: bool
) -> FrozenBodies:
    """The bodies of a split.

    Args:
        session: A transaction.
        release: The release.
        split: Which side.
        by_image: One row an image, in the coordinates of its camera, called by the image's id; else
            one row a moment, in the coordinates of the room, by session and moment.

    Raises:
        Conflict: the release froze no body fit in this split.
    """
    of = ReleaseFrame
    rows = session.execute(
        select(
            of.frame_id,
            of.fit_id,
            of.recording_id,
            of.camera_id,
            FitRevision.state,
            FitRun.body_name,
            FitRun.body_sha256,
            FitRun.betas,
            FitRun.scale,
            FitRun.calibration_id,
            Moment.index,
            Moment.time_s,
            Recording.name,
            Infant.pseudonym,
            Camera.name.label("camera"),
        )
        .join(
            FitRevision,
            (FitRevision.fit_id == of.fit_id) & (FitRevision.version == of.fit_version),
        )
        .join(FitRun, FitRun.id == FitRevision.state["run_id"].as_integer())
        .join(Moment, Moment.id == of.moment_id)
        .join(Recording, Recording.id == of.recording_id)
        .join(Infant, Infant.id == of.infant_id)
        .join(Camera, Camera.id == of.camera_id)
        .where(of.release_id == release.id, of.split == split, of.fit_id.is_not(None))
        .order_by(of.frame_id)
    ).all()
    if not rows:
        raise Conflict(f"This release froze no verified body fit in {split}.")
    inside = release.audience == ConsentScope.INTERNAL.value
    poses = _Poses(session, {row.calibration_id for row in rows}) if by_image else None
    taken: list[tuple[Any, np.ndarray[Any, Any], str, str]] = []
    seen: set[int] = set()
    for row in rows:
        if not by_image and row.fit_id in seen:
            continue
        seen.add(row.fit_id)
        view = (
            np.eye(4) if poses is None else poses.of(row.calibration_id, row.camera_id, row.time_s)
        )
        if view is None:
            continue
        name = row.name if inside else f"r{row.recording_id:05d}"
        key = str(row.frame_id) if by_image else f"{name} {row.index}"
        taken.append((row, view, name, key))
    if not taken:
        raise Conflict("The cameras of these body fits are not calibrated any more.")
    return FrozenBodies(
        _arrays(taken, by_image=by_image),
        {key: row.frame_id for row, _, _, key in taken},
        _only({(row.body_name, row.body_sha256) for row, *_ in taken}),
    )


def training_bodies(session: Session, release: Release, split: str) -> FrozenBodies | None:
    """The bodies to train on; None where that is the split that is compared, or it froze none."""
    if split == TRAINING:
        return None
    found = session.scalar(
        select(ReleaseFrame.frame_id)
        .where(
            ReleaseFrame.release_id == release.id,
            ReleaseFrame.split == TRAINING,
            ReleaseFrame.fit_id.is_not(None),
        )
        .limit(1)
    )
    return None if found is None else frozen_bodies(session, release, TRAINING, by_image=False)


class _Poses:
    """Where cameras stood when fits were made."""

    def __init__(self, session: Session, ids: set[int | None]) -> None:
        self._known: dict[tuple[int, int], dict[str, Any]] = {}
        for row in session.scalars(select(Calibration).where(Calibration.id.in_(ids - {None}))):
            for camera in row.cameras:
                self._known[row.id, camera["camera_id"]] = camera

    def of(
        self, calibration_id: int | None, camera_id: int, time_s: float
    ) -> np.ndarray[Any, Any] | None:
        """(4, 4) from the room into the camera; one view with an assumed camera is its own room."""
        if calibration_id is None:
            return np.eye(4)
        stored = self._known.get((calibration_id, camera_id))
        return None if stored is None else at_time(stored, time_s).T_camera_world


def _only(values: set[tuple[str, str]]) -> tuple[str, str] | None:
    return next(iter(values)) if len(values) == 1 else None


def _arrays(
    taken: list[tuple[Any, np.ndarray[Any, Any], str, str]], *, by_image: bool
) -> dict[str, np.ndarray[Any, Any]]:
    turned = [_seen_from(row.state, view) for row, view, _, _ in taken]
    rows = [row for row, *_ in taken]
    width = max(len(row.betas) for row in rows)
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "infant": np.array([row.pseudonym for row in rows], dtype=str),
        "session": np.array([name for _, _, name, _ in taken], dtype=str),
        "joints3d_coco": np.array([one["joints"] for one in turned]),
        "joints3d_body": np.array([one["body_joints"] for one in turned]),
        "pose": np.array([one["pose"] for one in turned]),
        "translation": np.array([one["translation"] for one in turned]),
        "betas": np.array([[*row.betas, *[0.0] * (width - len(row.betas))] for row in rows]),
        "scale": np.array([row.scale for row in rows], float),
        "body_sha256": np.array([row.body_sha256 for row in rows], dtype=str),
    }
    if by_image:
        arrays["id"] = np.array([key for *_, key in taken], dtype=str)
    else:
        arrays["moment"] = np.array([row.index for row in rows], np.int64)
    return arrays


def _seen_from(state: Mapping[str, Any], view: np.ndarray[Any, Any]) -> dict[str, Any]:
    """A fit in the coordinates of a camera; its pelvis is what it turns about."""
    turn, shift = view[:3, :3], view[:3, 3]
    pose = np.array(state["pose"], float)
    pose[:3] = (Rotation.from_matrix(turn) * Rotation.from_rotvec(pose[:3])).as_rotvec()

    def moved(points: list[float]) -> np.ndarray[Any, Any]:
        return np.asarray(np.array(points, float).reshape(-1, 3) @ turn.T + shift)

    return {
        "pose": pose,
        "translation": moved(state["translation"])[0],
        "joints": moved(state["joints"]),
        "body_joints": moved(state["body_joints"]),
    }
