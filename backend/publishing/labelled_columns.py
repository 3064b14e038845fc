"""Many labelled frames at once, as columns: what is written by the hundred thousand.

A :class:`LabelledFrame` and all that it holds take longer to make than to write. Most frames hold
the infant alone, with a box and a mask that were made here; of these, columns say all that the
records say, and whoever wants records makes them of it. What records hold as JSON values, columns
hold as their text, since it is written more often than looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.keypoints import StoredSkeleton
from backend.domain.masks import Rle
from backend.publishing.labelled import (
    FitReference,
    LabelledFrame,
    LabelledImage,
    LabelledInfant,
    LabelledMask,
)


@dataclass(frozen=True, slots=True)
class LabelledColumns:
    """Frames with the infant alone in them; columns are of one length.

    Attributes:
        ids: Of images.
        file_names: Of images.
        widths: Of images, pixels.
        heights: Of images, pixels.
        licences: Of images.
        facts: Of images; as :func:`members`.
        sources: Of images; as :func:`members`.
        infants: Who is to be seen.
        joints: (frames, 51) as a skeleton is stored.
        boxes: (frames, 4) left, top, width and height.
        masks: Run lengths of the image's size, packed, or None.
        mask_areas: Pixels, where there is a mask.
        fits: Where the body is, or None.
        provenance: How joints, box and mask came about; as :func:`members`.
    """

    ids: Sequence[int]
    file_names: Sequence[str]
    widths: Sequence[int]
    heights: Sequence[int]
    licences: Sequence[int]
    facts: Sequence[bytes]
    sources: Sequence[bytes]
    infants: Sequence[LabelledInfant]
    joints: NDArray[np.float64]
    boxes: NDArray[np.float64]
    masks: Sequence[str | None]
    mask_areas: Sequence[int | None]
    fits: Sequence[FitReference | None]
    provenance: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.ids)

    def frames(self) -> Iterator[LabelledFrame]:
        """The same as records.

        Raises:
            InvalidInput: a box is none.
        """
        for i, box in enumerate(self.boxes.tolist()):
            counts, area = self.masks[i], self.mask_areas[i]
            size = [self.heights[i], self.widths[i]]
            yield LabelledFrame(
                image=LabelledImage(
                    id=self.ids[i],
                    file_name=self.file_names[i],
                    width=self.widths[i],
                    height=self.heights[i],
                    licence=self.licences[i],
                    facts=_object(self.facts[i]),
                    source=_object(self.sources[i]),
                ),
                infant=self.infants[i],
                joints=StoredSkeleton(self.joints[i]),
                box=Box(*box),
                mask=None
                if counts is None
                else LabelledMask(Rle(size=size, counts=counts), area or 0),
                fit=self.fits[i],
                provenance=_object(self.provenance[i]),
            )


def members(value: Mapping[str, Any]) -> bytes:
    """The members of an object that has some, as JSON has them, without its braces."""
    return orjson.dumps(value)[1:-1]


def number_texts(values: Sequence[float | bool | None]) -> list[bytes]:
    """Numbers, truth values and nulls as JSON has them."""
    return orjson.dumps(values)[1:-1].split(b",") if len(values) else []


def string_texts(values: Iterable[str | None]) -> list[bytes]:
    """Strings and nulls as JSON has them."""
    return [orjson.dumps(value) for value in values]


def _object(text: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(b"{%b}" % text)
    return found


Labelled = LabelledFrame | LabelledColumns
"""A record, or many as columns."""


def as_frames(labelled: Iterable[Labelled]) -> Iterator[LabelledFrame]:
    """All of them as records."""
    for some in labelled:
        if isinstance(some, LabelledFrame):
            yield some
        else:
            yield from some.frames()
