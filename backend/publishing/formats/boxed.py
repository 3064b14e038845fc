"""Boxes and outlines for formats that want them where a record has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backend.domain import masks
from backend.domain.boxes import Box, infant_box
from backend.domain.errors import InvalidInput
from backend.publishing.formats.holding import Losses
from backend.publishing.labelled import LabelledFrame, LabelledImage, LabelledPerson


def drawn_box(person: LabelledPerson, image: LabelledImage, losses: Losses) -> Box | None:
    """A person's box: their own, or drawn around mask and joints, which is counted.

    Returns:
        None where there is nothing in the image to draw it around.
    """
    if person.box is not None:
        return person.box
    # Where the size is not known, the joints alone bound it.
    width, height = image.width or 1 << 30, image.height or 1 << 30
    mask = None if person.mask is None else masks.decode(person.mask.rle)
    try:
        box = infant_box(mask, person.joints, width, height)
    except InvalidInput:
        return None
    losses.add(
        "{n} person has no box: it was drawn around mask and joints.",
        "{n} people have no box: it was drawn around mask and joints.",
    )
    return box


def with_boxes(frames: Iterable[LabelledFrame], losses: Losses) -> Iterator[LabelledFrame]:
    """The same frames, in which whoever has a mask or a joint in the image has a box."""
    for frame in frames:
        if all(person.box is not None for person in frame.people):
            yield frame
            continue
        others = tuple(
            replace(other, box=drawn_box(other, frame.image, losses)) for other in frame.others
        )
        box = frame.box
        if frame.joints is not None and box is None:
            box = drawn_box(frame.people[0], frame.image, losses)
        yield replace(frame, box=box, others=others)
