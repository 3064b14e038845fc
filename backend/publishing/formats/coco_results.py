"""COCO results: a list of people with scores, as models write them to be measured.

Pixels: ``index``, whatever is asked, because results are compared with COCO's joints. Source:
cocodataset.org, "Results format" (``image_id``, ``category_id``, ``keypoints``, ``score``);
pycocotools, ``COCO.loadRes``, which takes the area from the joints where there is no box.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Final

import orjson

from backend.domain.pixels import COCO_JOINTS
from backend.publishing.formats.holding import Losses, Thing
from backend.publishing.formats.writing import DECIMALS, WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson

HOLDS: Final = frozenset((Thing.OTHERS, Thing.SCORE, Thing.JOINT_SCORES))


def write(frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions) -> Written:
    """Write a list of results in one pass; images without people are not in it.

    The third number of a joint is its score: 1 where none is known, 0 where it is absent.
    """
    losses = Losses(HOLDS)
    images = people = 0
    target.write(b"[")
    for frame in frames:
        losses.see(frame)
        images += 1
        for person in frame.people:
            target.write(b",\n" if people else b"\n")
            target.write(_result(frame, person, losses))
            people += 1
    target.write(b"\n]\n")
    return Written(images, people, notes=losses.notes())


def _result(frame: LabelledFrame, person: LabelledPerson, losses: Losses) -> bytes:
    shift = COCO_JOINTS.shift
    scores = person.marks.joint_scores
    numbers: list[float] = []
    for i, joint in enumerate(person.joints.joints):
        if not joint.present:
            numbers += (0.0, 0.0, 0.0)
            continue
        trust = scores[i] if scores is not None else 1.0
        x, y = round(joint.x - shift, DECIMALS), round(joint.y - shift, DECIMALS)
        numbers += (x, y, trust)
    score = person.marks.score
    if score is None:
        losses.add(
            "{n} person has no score: 1 was written.", "{n} people have no score: 1 was written."
        )
    return orjson.dumps(
        {
            "image_id": frame.image.id,
            "category_id": 1,
            "keypoints": numbers,
            "score": 1.0 if score is None else score,
        }
    )
