"""MINI-RGBD, read: rendered infants. It is not written, because it wants depth.

A sequence (``01`` … ``12``) has ``rgb/syn_00000.png``,
``joints_2Ddep/syn_joints_2Ddep_00000.txt`` with 25 lines ``x y depth number``, and
``fg_mask/mask_00000.png``. Joints are SMIL's 24 and the nose: of COCO's, the nose, shoulders,
elbows, wrists, hips, knees and ankles; eyes and ears are absent. SMIL's hips lie elsewhere than
COCO's, which is said. Source: Hesse et al. 2018, "Computer Vision for Medical Infant
Motion Analysis: State of the Art and RGB-D Data Set", and the README of the data set.

Pixels: ``index``: joints are projected by the intrinsics of a depth camera, in OpenCV's convention.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from backend.domain import masks
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.limits import MAX_IMAGE_PIXELS
from backend.domain.oddities import Odd
from backend.domain.pixels import OPENCV
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.findings import Findings, Spot
from backend.publishing.formats.reading import MAX_FILES, Reader, ReadOptions, frame_of
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledMask,
    LabelledPerson,
)

_PLACES: Final = {
    "nose": 24,
    "left_shoulder": 16,
    "right_shoulder": 17,
    "left_elbow": 18,
    "right_elbow": 19,
    "left_wrist": 20,
    "right_wrist": 21,
    "left_hip": 1,
    "right_hip": 2,
    "left_knee": 4,
    "right_knee": 5,
    "left_ankle": 7,
    "right_ankle": 8,
}
"""Number of each joint among the data set's 25."""
_COUNT: Final = 25
_FOLDER: Final = "joints_2Ddep"
_NOT_READ: Final = {
    "depth": "depth images",
    "joints_3D": "3D joints",
    "smil_params": "SMIL's parameters",
}
_FILE: Final = re.compile(r"syn_joints_2Ddep_(\d+)\.txt")
_MAX_FILE: Final = 64 << 10


class MiniRgbd(Reader):
    """See the module. The path is one sequence, or the folder of all."""

    PIXELS = OPENCV

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        if not path.is_dir():
            raise self.invalid("this is a file; MINI-RGBD is a folder")
        sequences = [path] if (path / _FOLDER).is_dir() else sorted(path.iterdir())
        self._files = [
            file
            for sequence in sequences
            for file in sorted((sequence / _FOLDER).glob("*.txt"))
            if _FILE.fullmatch(file.name)
        ]
        if not self._files or len(self._files) > MAX_FILES:
            found = len(self._files)
            raise self.invalid(f"{found} files joints_2Ddep/syn_joints_2Ddep_*.txt in it")
        left = [
            title
            for folder, title in _NOT_READ.items()
            if any((file.parent.parent / folder).is_dir() for file in self._files[:1])
        ]
        if left:
            self.note(f"Not read: {', '.join(left)}.")
        self.note("Hips are SMIL's, which lie elsewhere than COCO's; eyes and ears are absent.")

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        for number, file in enumerate(self._files, 1):
            sequence, frame = file.parent.parent, file.stem.rpartition("_")[2]
            name = f"rgb/syn_{frame}.png"
            if sequence != self.path:
                name = f"{sequence.name}/{name}"
            spot = Spot(self.findings, file.name, name)
            places = self._joints(file, spot)
            size = self.sizes.of_file(sequence / "rgb" / f"syn_{frame}.png")
            mask = self._mask(sequence / "fg_mask" / f"mask_{frame}.png", size, spot)
            people = [] if places is None else [LabelledPerson(places, mask=mask)]
            image = LabelledImage(number, name, *size, facts={"sequence": sequence.name})
            yield frame_of(image, people, {})

    def _joints(self, file: Path, spot: Spot) -> Skeleton | None:
        if file.stat().st_size > _MAX_FILE:
            spot.odd(Odd.ANNOTATION_UNREADABLE, "", "the file is too large")
            return None
        rows = [line.split() for line in self.text_of(file).splitlines() if line.strip()]
        if len(rows) != _COUNT:
            spot.odd(Odd.JOINTS_WRONG_LENGTH, "", f"{len(rows)} lines, {_COUNT} are wanted")
            return None
        joints = [ABSENT_JOINT] * len(JOINTS)
        for name, row in _PLACES.items():
            try:
                x, y = float(rows[row][0]), float(rows[row][1])
            except (ValueError, IndexError):
                x = y = math.nan
            if not (abs(x) < 1e6 and abs(y) < 1e6):
                spot.odd(Odd.JOINT_NOT_A_NUMBER, "", name)
                continue
            shift = self.rule.shift
            joints[JOINTS.index(name)] = Joint(x + shift, y + shift, Visibility.VISIBLE)
        return Skeleton(tuple(joints))

    def _mask(self, file: Path, size: tuple[int, int], spot: Spot) -> LabelledMask | None:
        if not file.is_file():
            return None
        try:
            with Image.open(file, formats=("PNG",)) as image:
                if image.size != size or not 0 < image.width * image.height <= MAX_IMAGE_PIXELS:
                    spot.odd(Odd.MASK_UNREADABLE, "", f"{image.width} x {image.height} pixels")
                    return None
                pixels = np.asarray(image.convert("L")) > 0
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            spot.odd(Odd.MASK_UNREADABLE, "", type(error).__name__)
            return None
        return LabelledMask(masks.encode(pixels), int(pixels.sum())) if pixels.any() else None
