"""DeepLabCut's tables, read: CSV, and the H5 file of labelled images. Layout, sources and pixels:
``deeplabcut.layout``.

Joints with a likelihood are a model's: below ``LOW_SCORE`` they are taken as occluded. Of a folder,
``CollectedData_*.csv`` is read, else ``CollectedData_*.h5``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.oddities import Odd
from backend.domain.skeleton import N_JOINTS
from backend.domain.skeleton_maps import SkeletonMap
from backend.publishing.formats.deeplabcut.layout import LABELLED, PIXELS
from backend.publishing.formats.deeplabcut.tables import CsvTable, H5Table, Row
from backend.publishing.formats.findings import Findings, Spot, shown
from backend.publishing.formats.reading import (
    Reader,
    ReadOptions,
    check_size,
    frame_of,
    roles_of,
    skeleton_map,
)
from backend.publishing.formats.shapes import MAX_COORDINATE
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledPerson,
    PersonMarks,
    VideoFrame,
)

_COORDS: Final = ("x", "y", "likelihood")
_NO_NAME: Final = re.compile(r"(individual|animal|ind|single)_?\d*|", re.I)
"""What DeepLabCut calls individuals by default: it says nothing of who they are."""


class DeepLabCut(Reader):
    """See the module. Rows come one at a time."""

    PIXELS = PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        file = self._chosen() if path.is_dir() else path
        check_size(file, self.options.max_bytes)
        with file.open("rb") as opened:
            hdf5 = opened.read(8).startswith(b"\x89HDF")
        self._file = file
        self._table = H5Table(file, self.options.max_bytes) if hdf5 else CsvTable(file)
        self._places = self._columns()
        self._maps: dict[str, SkeletonMap] = {}
        for individual, parts in self._places.items():
            spot = Spot(self.findings, "bodyparts")
            known = skeleton_map(list(parts), self.options.choices, spot, of=individual)
            if known is not None:
                self._maps[individual] = known
        if not self._maps:
            raise self.invalid("none of its body parts are a person's joints", file.name)

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        names = {_name(individual) for individual in self._maps} - {""}
        roles = roles_of(names, self.options.choices.infant)
        for number, row in enumerate(self._table.rows(), 1):
            name, video = self._image(row)
            spot = Spot(self.findings, row.where, name)
            if row.values is None:
                spot.odd(Odd.ANNOTATION_UNREADABLE, "", "a cell is no number, or cells are missing")
                continue
            people = [
                person
                for individual, known in self._maps.items()
                if (person := self._person(row.values, individual, known, spot))
            ]
            size = self.sizes.of(name)
            image = LabelledImage(number, name, *size, video=video)
            yield frame_of(image, people, roles)

    def _chosen(self) -> Path:
        for suffix in (".csv", ".h5"):
            found = sorted(self.path.glob(f"CollectedData_*{suffix}"))
            if len(found) > 1:
                raise self.invalid(f"several tables: {', '.join(p.name for p in found)}; name one")
            if found:
                return found[0]
        raise self.invalid("there is no CollectedData_*.csv in this folder")

    def _columns(self) -> dict[str, dict[str, list[int | None]]]:
        """Columns of x, y and likelihood by individual and body part."""
        places: dict[str, dict[str, list[int | None]]] = {}
        for i, column in enumerate(self._table.columns):
            if column.coord not in _COORDS:
                found = shown(column.coord)
                raise self.invalid(f"a column of {found}; x, y or likelihood is wanted")
            part = places.setdefault(column.individual, {}).setdefault(
                column.bodypart, [None, None, None]
            )
            kind = _COORDS.index(column.coord)
            if part[kind] is not None:
                raise self.invalid(f"{column.bodypart} {column.coord} is in the table twice")
            part[kind] = i
        return places

    def _image(self, row: Row) -> tuple[str, VideoFrame | None]:
        parts = [part.strip() for part in row.name if part.strip()]
        if len(parts) == 1 and parts[0].isdecimal():
            index = int(parts[0][:12])
            return f"frame_{index:06d}.jpg", VideoFrame(self._video(), index)
        path = PurePosixPath("/".join(parts).replace("\\", "/"))
        kept = path.parts
        if LABELLED in kept:
            kept = kept[kept.index(LABELLED) + 1 :]
        return "/".join(part for part in kept if part not in ("/", "..")) or row.where, None

    def _video(self) -> str:
        """A table of predictions is named after its video: VIDEO + DLC_ + the model."""
        return self._file.stem.partition("DLC_")[0]

    def _person(
        self, values: NDArray[np.float64], individual: str, known: SkeletonMap, spot: Spot
    ) -> LabelledPerson | None:
        places = self._places[individual]
        joints = [ABSENT_JOINT] * N_JOINTS
        scores = [0.0] * N_JOINTS
        scored = False
        for target, source in enumerate(known.sources):
            if source is None:
                continue
            part = known.joints[source]
            x, y, score = (np.nan if i is None else values[i] for i in places[part])
            if np.isnan(x) and np.isnan(y):
                continue
            if not (abs(x) <= MAX_COORDINATE and abs(y) <= MAX_COORDINATE):
                spot.odd(Odd.JOINT_NOT_A_NUMBER, "", f"{part}: {x}, {y}")
                continue
            seen = Visibility.VISIBLE
            if not np.isnan(score):
                scored = True
                scores[target] = float(score)
                seen = Visibility.VISIBLE if score >= LOW_SCORE else Visibility.OCCLUDED
            shift = self.rule.shift
            joints[target] = Joint(float(x) + shift, float(y) + shift, seen)
        skeleton = Skeleton(tuple(joints))
        if not skeleton.num_keypoints:
            return None
        name = _name(individual)
        return LabelledPerson(
            skeleton,
            marks=PersonMarks(
                name,
                "" if name else individual,
                joint_scores=tuple(scores) if scored else None,
            ),
        )


def _name(individual: str) -> str:
    return "" if _NO_NAME.fullmatch(individual) else individual
