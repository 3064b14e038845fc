"""The people of a large file of labels, kept on disk until their frames exist.

A hundred thousand people with masks take half a gigabyte as objects; here only their places in a
temporary file are held. The file has no name, so it goes with the process, however that ends.

People in whom nothing is odd come as columns, and go as columns: their numbers are one row of bytes
each, and what the database keeps of them is text that nobody reads on the way.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.core.database.engine import json_text
from backend.domain.boxes import Box
from backend.domain.infants import Apart, PersonRole, WhoIfUnclear
from backend.domain.keypoints import StoredSkeleton
from backend.domain.skeleton import N_JOINTS
from backend.labelling.annotations.found_people import FoundColumns
from backend.publishing.formats.coco import CocoAnnotation, Key
from backend.publishing.formats.coco_people import PeopleColumns
from worker.pipelines.infants_chosen import decide, decided_columns

_IN_MEMORY: Final = 16 << 20
"""People of so many bytes are not written to disk at all."""
_TOGETHER: Final = 1 << 20
"""People of so many bytes are written together."""
_ROLES: Final = tuple(PersonRole)
_ROW: Final = np.dtype(
    [
        ("joints", np.float64, (3 * N_JOINTS,)),
        ("box", np.float64, (4,)),
        ("area", np.float64),
        ("score", np.float64),
        ("id", np.int64),
        ("image", np.int64),
        ("category", np.int64),
        ("role", np.uint8),
    ]
)
"""The numbers of a person of columns; NaN where there is none."""
_USUAL: Final = 1 << 31
"""Stands in the length of a record that is such a row, with text behind it."""


class SpooledPeople(Mapping[str, list[CocoAnnotation]]):
    """The people of images by path, in the order in which they came.

    They are what is stored of them: mask and members are in their ``source`` alone.

    Args:
        unclear: Who is proposed as the infant where nothing tells.
    """

    def __init__(self, unclear: WhoIfUnclear) -> None:
        self._unclear = unclear
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._places: dict[str, int | list[int]] = {}
        self._end = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def add(self, path: str, person: CocoAnnotation) -> None:
        """Keep a person of an image."""
        record = marshal.dumps(_told(person))
        self._keep(path, len(record), (record,))

    def add_block(
        self,
        paths: Mapping[Key, str],
        usual: PeopleColumns,
        singly: Sequence[tuple[int, CocoAnnotation]] = (),
    ) -> None:
        """Keep people who stand together in a file, in its order.

        Args:
            paths: Of images, by their ids.
            usual: Those in whom nothing is odd, moved into the product's pixels.
            singly: The others, with their places among all of them, rising.
        """
        assert usual.sources is not None
        rows = np.zeros(len(usual), _ROW)
        rows["joints"], rows["box"] = usual.joints, usual.boxes
        rows["area"], rows["score"] = usual.areas, usual.scores
        rows["id"], rows["image"], rows["category"] = usual.ids, usual.images, usual.categories
        rows["role"] = [_ROLES.index(role) for role in usual.roles]
        data, size = rows.tobytes(), _ROW.itemsize
        others = iter(singly)
        other = next(others, None)
        for i, (place, image, source) in enumerate(
            zip(usual.places, usual.images, usual.sources, strict=True)
        ):
            while other is not None and other[0] < place:
                self.add(paths[other[1].image_id], other[1])
                other = next(others, None)
            row = data[i * size : (i + 1) * size]
            self._keep(paths[image], _USUAL | (size + len(source)), (row, source))
        while other is not None:
            self.add(paths[other[1].image_id], other[1])
            other = next(others, None)

    def columns(self, frames: Sequence[tuple[int, str]]) -> FoundColumns:
        """The people of some images, as they are stored.

        Args:
            frames: Of each image the id of its frame, and its path.
        """
        ids: list[int] = []
        records: list[tuple[bool, bytes]] = []
        for frame_id, path in frames:
            places = self._places[path]
            for place in [places] if isinstance(places, int) else places:
                ids.append(frame_id)
                records.append(self._read(place))
        joint_scores: dict[int, Sequence[float]] = {}
        aparts: list[str | None] = [None] * len(records)
        sources: list[bytes | None] = [None] * len(records)
        rows: list[bytes] = []
        for i, (usual, record) in enumerate(records):
            if usual:
                rows.append(record[: _ROW.itemsize])
                sources[i] = record[_ROW.itemsize :]
                continue
            person = _person(marshal.loads(record))
            rows.append(_row(person))
            aparts[i] = None if person.apart is None else person.apart.value
            sources[i] = None if person.source is None else json_text(person.source).encode()
            if person.joint_scores is not None:
                joint_scores[i] = person.joint_scores
        numbers = np.frombuffer(b"".join(rows), _ROW)
        found = FoundColumns(
            frames=ids,
            joints=numbers["joints"],
            joint_scores=joint_scores,
            boxes=numbers["box"],
            scores=numbers["score"],
            roles=[_ROLES[role] for role in numbers["role"].tolist()],
            aparts=aparts,
            sources=sources,
        )
        return decided_columns(found, self._unclear)

    def __getitem__(self, path: str) -> list[CocoAnnotation]:
        places = self._places[path]
        records = [self._read(at) for at in ([places] if isinstance(places, int) else places)]
        people = [
            _usual_person(record) if usual else _person(marshal.loads(record))
            for usual, record in records
        ]
        return decide(people, self._unclear)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _keep(self, path: str, told: int, parts: tuple[bytes, ...]) -> None:
        size = 4 + (told & ~_USUAL)
        self._waiting += (told.to_bytes(4, "little"), *parts)
        self._waiting_bytes += size
        known = self._places.get(path)
        if known is None:
            self._places[path] = self._end
        elif isinstance(known, int):
            self._places[path] = [known, self._end]
        else:
            known.append(self._end)
        self._end += size
        if self._waiting_bytes > _TOGETHER:
            self._write()

    def _write(self) -> None:
        self._file.seek(self._end - self._waiting_bytes)
        self._file.write(b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0

    def _read(self, place: int) -> tuple[bool, bytes]:
        """A record, and whether it is a row with text behind it."""
        if self._waiting:
            self._write()
        self._file.seek(place)
        told = int.from_bytes(self._file.read(4), "little")
        return told >= _USUAL, self._file.read(told & ~_USUAL)


def _told(person: CocoAnnotation) -> tuple[Any, ...]:
    box = person.box
    return (
        person.id,
        person.image_id,
        _flat(person).tobytes(),
        None if box is None else (box.x, box.y, box.width, box.height),
        person.area,
        person.iscrowd,
        person.score,
        person.joint_scores,
        person.category_id,
        person.role.value,
        None if person.apart is None else person.apart.value,
        person.source,
    )


def _flat(person: CocoAnnotation) -> NDArray[np.float64]:
    skeleton = person.skeleton
    values = skeleton.values if isinstance(skeleton, StoredSkeleton) else skeleton.to_flat()
    return np.asarray(values, dtype=np.float64)


def _person(told: tuple[Any, ...]) -> CocoAnnotation:
    key, image, joints, box, area, crowd, score, scores, category, role, apart, source = told
    return CocoAnnotation(
        id=key,
        image_id=image,
        skeleton=StoredSkeleton(np.frombuffer(joints, dtype=np.float64)),
        box=None if box is None else Box(*box),
        area=area,
        iscrowd=crowd,
        score=score,
        joint_scores=scores,
        category_id=category,
        role=PersonRole(role),
        apart=None if apart is None else Apart(apart),
        source=source,
    )


def _row(person: CocoAnnotation) -> bytes:
    """The numbers of a person that are stored, as of one of columns."""
    row = np.zeros((), _ROW)
    box, score = person.box, person.score
    row["joints"] = _flat(person)
    row["box"] = np.nan if box is None else (box.x, box.y, box.width, box.height)
    row["score"] = np.nan if score is None else score
    row["role"] = _ROLES.index(person.role)
    return row.tobytes()


def _usual_person(record: bytes) -> CocoAnnotation:
    row = np.frombuffer(record, _ROW, count=1)[0]
    return CocoAnnotation(
        id=int(row["id"]),
        image_id=int(row["image"]),
        skeleton=StoredSkeleton(row["joints"]),
        box=None if np.isnan(row["box"][0]) else Box(*row["box"].tolist()),
        area=None if np.isnan(row["area"]) else float(row["area"]),
        score=None if np.isnan(row["score"]) else float(row["score"]),
        category_id=int(row["category"]),
        role=_ROLES[int(row["role"])],
        source=orjson.loads(record[_ROW.itemsize :]),
    )
