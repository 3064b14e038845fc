"""What Label Studio's JSON looks like, what it holds, and what its numbers count.

A list of tasks; a task has ``data`` with the image's address and ``annotations``; an annotation has
``result``: regions with ``type``, ``original_width``, ``original_height`` and a ``value`` whose
places are per cent of the image. A person here is a rectangle (``rectanglelabels``) and the points
(``keypointlabels``) whose ``parentID`` is its id; whether a joint is occluded stands in a choice of
its region. Sources: Label Studio's documentation, "Label Studio JSON format of annotated tasks",
and the ``RectangleLabels``, ``KeyPointLabels`` and ``Choices`` (``perRegion``) tags.

Pixels: ``continuous``: 100 per cent is the far border of the image.
"""

from __future__ import annotations

from typing import Final

from backend.domain.pixels import PixelRule
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.holding import Thing

PIXELS: Final = PixelRule.CONTINUOUS
HOLDS: Final = frozenset(
    (Thing.OCCLUDED, Thing.BOX, Thing.OTHERS, Thing.NAME, Thing.EMPTY, Thing.SIZE)
)
IMAGE: Final = "image"
"""Member of ``data`` and name of the tag."""

OCCLUDED: Final = "occluded"
LOCAL_FILES: Final = "/data/local-files/?d="
"""How Label Studio names a file of its local storage."""


def labelling_interface(labels: list[str]) -> str:
    """The labelling interface (XML) that the written tasks fit."""
    people = "".join(f'<Label value="{label}"/>' for label in labels)
    joints = "".join(f'<Label value="{name}" model_index="{i}"/>' for i, name in enumerate(JOINTS))
    return (
        f'<View><Image name="{IMAGE}" value="${IMAGE}"/>'
        f'<RectangleLabels name="person" toName="{IMAGE}">{people}</RectangleLabels>'
        f'<KeyPointLabels name="joints" toName="{IMAGE}">{joints}</KeyPointLabels>'
        f'<Choices name="visibility" toName="{IMAGE}" perRegion="true">'
        f'<Choice value="{OCCLUDED}"/></Choices></View>'
    )
