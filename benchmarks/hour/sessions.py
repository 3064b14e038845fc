"""Rendered sessions with known truth: four cameras × 600 moments, one camera × 1,800 frames.

A session is drawn by its seed: infant, clothes, light, motion, an adult who passes in front of the
first camera and kneels down, cushions in the way, shaken and dark stretches. It is rendered once
and kept in a folder named by its content: the code that makes it, the kind and the seed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.multiview.bodies.model_file import open_body
from benchmarks.hour.rendering import BLUR, DARK, FPS, KINDS, OK, SIZE, render

__all__ = ["BLUR", "DARK", "FPS", "KINDS", "OK", "SIZE", "Session", "frames", "session"]

Array = NDArray[np.float64]
_SOURCES = ("benchmarks/hour/people.py", "benchmarks/hour/rendering.py", "assets/demo.py",
            "worker/synthesis")  # fmt: skip


@dataclass(frozen=True)
class Session:
    """A session and all that is true in it. C cameras, T moments; image places are continuous.

    K: (C, 3, 3). T_camera_world: (C, 4, 4). joints3d, adult3d: (T, 17, 3) metres; NaN where the
    adult is away. joints2d: (C, T, 17, 2) px, also outside of the image. visibility: (C, T, 17):
    2 seen, 1 hidden, 0 outside. area: (C, T) px of the infant that are seen. adult2d,
    adult_visibility, adult_area: the same of the adult. condition: (C, T) OK, BLUR or DARK.
    activity: (T,) names. folder: where the images lie.
    """

    kind: str
    seed: int
    K: Array
    T_camera_world: Array
    joints3d: Array
    adult3d: Array
    joints2d: Array
    visibility: NDArray[np.uint8]
    area: Array
    adult2d: Array
    adult_visibility: NDArray[np.uint8]
    adult_area: Array
    condition: NDArray[np.uint8]
    activity: NDArray[np.str_]
    folder: Path

    @property
    def cameras(self) -> int:
        return len(self.joints2d)

    @property
    def moments(self) -> int:
        return len(self.joints3d)

    def image_path(self, camera: int, moment: int) -> Path:
        return self.folder / f"camera_{camera + 1}" / f"{moment:05d}.jpg"

    def image(self, camera: int, moment: int) -> NDArray[np.uint8]:
        """(H, W, 3) RGB."""
        path = self.image_path(camera, moment)
        image = cv2.imread(str(path))
        if image is None:
            raise FileNotFoundError(path)
        return np.asarray(image[:, :, ::-1], np.uint8)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """(C, T) frames that a project would keep: the infant is not covered nearly whole.

        The others would be discarded as strong occlusion, with any method and before any joint is
        placed: a third of the usual area is seen at least, and five joints.
        """
        typical = np.median(self.area, axis=1, keepdims=True)
        enough = (self.visibility == 2).sum(axis=2) >= 5
        return np.asarray((self.area >= typical / 3) & enough)


def session(kind: str, seed: int, cache: Path) -> Session:
    """The session of a kind (one of KINDS) and a seed, rendered if it is not there yet."""
    folder = cache / f"{kind}-{seed}-{_key(kind, seed)}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=cache))
        try:
            render(kind, seed, draft)
            os.replace(draft, folder)
        except OSError:
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    with np.load(folder / "truth.npz") as found:
        known = {f.name: found[f.name] for f in fields(Session) if f.name in found}
    return Session(kind=kind, seed=seed, folder=folder, **known)


def _key(kind: str, seed: int) -> str:
    digest = hashlib.sha256(f"{kind} {seed} {KINDS[kind]} {SIZE} {open_body().sha256}".encode())
    root = Path(__file__).parents[2]
    for source in _SOURCES:
        path = root / source
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def frames(session: Session) -> Iterator[tuple[int, int]]:
    """(camera, moment) of every frame, camera by camera."""
    for camera in range(session.cameras):
        for moment in range(session.moments):
            yield camera, moment
