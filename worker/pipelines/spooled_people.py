"""The people of a large file of labels, kept on disk until their frames exist.

A hundred thousand people with masks take half a gigabyte as objects; here only their places in a
temporary file are held. The file has no name, so it goes with the process, however that ends.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

import numpy as np

from backend.domain.boxes import Box
from backend.domain.infants import Apart, PersonRole, WhoIfUnclear
from backend.domain.keypoints import StoredSkeleton
from backend.publishing.formats.coco import CocoAnnotation
from worker.pipelines.infants_chosen import decide

_IN_MEMORY: Final = 16 << 20
"""People of so many bytes are not written to disk at all."""
_TOGETHER: Final = 1 << 20
"""People of so many bytes are written together."""


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
        self._waiting += (len(record).to_bytes(4, "little"), record)
        self._waiting_bytes += 4 + len(record)
        known = self._places.get(path)
        if known is None:
            self._places[path] = self._end
        elif isinstance(known, int):
            self._places[path] = [known, self._end]
        else:
            known.append(self._end)
        self._end += 4 + len(record)
        if self._waiting_bytes > _TOGETHER:
            self._write()

    def __getitem__(self, path: str) -> list[CocoAnnotation]:
        places = self._places[path]
        people = [self._read(at) for at in ([places] if isinstance(places, int) else places)]
        return decide(people, self._unclear)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _write(self) -> None:
        self._file.seek(self._end - self._waiting_bytes)
        self._file.write(b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0

    def _read(self, place: int) -> CocoAnnotation:
        if self._waiting:
            self._write()
        self._file.seek(place)
        size = int.from_bytes(self._file.read(4), "little")
        return _person(marshal.loads(self._file.read(size)))


def _told(person: CocoAnnotation) -> tuple[Any, ...]:
    skeleton = person.skeleton
    values = skeleton.values if isinstance(skeleton, StoredSkeleton) else skeleton.to_flat()
    box = person.box
    return (
        person.id,
        person.image_id,
        np.asarray(values, dtype=np.float64).tobytes(),
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
