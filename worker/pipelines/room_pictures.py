"""Stored frames of a recording's cameras by time, to see what stands still in them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Moment
from backend.core.storage import BlobStore
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput, NotFound
from backend.domain.estimates import RgbImage
from worker.calibration.resize import camera_at
from worker.pipelines.images import load_image


class RoomPictures:
    """Frames of cameras; a ``worker.calibration.adjusting.Pictures``."""

    def __init__(
        self, session: Session, storage: BlobStore, recording_id: int, cameras: dict[int, Camera]
    ) -> None:
        """Read where frames are stored.

        Args:
            session: A transaction; not needed later.
            storage: The store.
            recording_id: The recording.
            cameras: By id, in the order of the views; pictures are brought to their sizes.
        """
        self.storage, self.cameras = storage, list(cameras.values())
        self.frames: list[list[tuple[float, str]]] = [[] for _ in cameras]
        place = {camera_id: c for c, camera_id in enumerate(cameras)}
        for camera_id, at, key in session.execute(
            select(Frame.camera_id, Moment.time_s, Frame.image_key)
            .join(Moment, Moment.id == Frame.moment_id)
            .where(Frame.recording_id == recording_id, Frame.damage.is_(None))
            .order_by(Moment.time_s)
        ):
            if camera_id in place:
                self.frames[place[camera_id]].append((at, key))

    def __call__(self, camera: int, from_s: float, to_s: float, most: int) -> Sequence[RgbImage]:
        """Some frames of a camera, spread over a time; those that cannot be used are not there."""
        here = [key for at, key in self.frames[camera] if from_s <= at <= to_s]
        chosen = np.unique(np.linspace(0, len(here) - 1, min(most, len(here))).round().astype(int))
        found = (self._read(camera, here[i]) for i in chosen)
        return [picture for picture in found if picture is not None]

    def _read(self, camera: int, key: str) -> RgbImage | None:
        try:
            picture = load_image(self.storage, key)
        except (InvalidInput, NotFound):
            return None
        lens = self.cameras[camera]
        height, width = picture.shape[:2]
        if (width, height) == (lens.width, lens.height):
            return picture
        if camera_at(lens, (width, height)) is None:
            return None
        resized = cv2.resize(picture, (lens.width, lens.height), interpolation=cv2.INTER_AREA)
        return np.asarray(resized, np.uint8)
