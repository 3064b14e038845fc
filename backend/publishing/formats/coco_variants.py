"""CrowdPose and COCO-WholeBody: COCO files with other joints, written. ``coco_frames`` reads them.

Orders of the joints: ``domain.skeleton_maps``. Sources: CrowdPose (Li et al. 2019; 14 joints, no
nose, eyes and ears, but the top of the head and the neck), and COCO-WholeBody (Jin et al. 2020;
COCO's 17 joints in ``keypoints``, feet, face and hands in members of their own, each with a box and
a mark whether it is labelled). CrowdPose's ``crowdIndex`` is not written.

Pixels: as ``coco_writer``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO, Final

from backend.domain.skeleton import EDGES, JOINTS
from backend.domain.skeleton_maps import SKELETONS
from backend.publishing.formats import coco_writer
from backend.publishing.formats.coco_writer import Variant
from backend.publishing.formats.holding import Losses
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import LabelledFrame

_CROWDPOSE: Final = SKELETONS["crowdpose"]
CROWDPOSE_JOINTS: Final = frozenset(joint for joint in _CROWDPOSE.coco if joint is not None)
_WHOLEBODY: Final = {"foot": 6, "face": 68, "lefthand": 21, "righthand": 21}
"""Points of each part beside the body."""


def write_crowdpose(
    frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions
) -> Written:
    """Write CrowdPose's layout; its two joints that COCO has not are absent."""
    return coco_writer.write(frames, target, options, Variant(_crowd_category, _crowd))


def write_wholebody(
    frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions
) -> Written:
    """Write COCO-WholeBody's layout; feet, face and hands are marked as not labelled."""
    return coco_writer.write(frames, target, options, Variant(coco_writer.category, _whole))


def _crowd_category(name: str, supercategory: str) -> dict[str, Any]:
    place = {joint: i for i, joint in enumerate(_CROWDPOSE.coco) if joint is not None}
    bones = [[place[a] + 1, place[b] + 1] for a, b in EDGES if a in place and b in place]
    named = coco_writer.category(name, supercategory)
    return named | {"keypoints": list(_CROWDPOSE.joints), "skeleton": bones}


def _crowd(data: dict[str, Any], losses: Losses) -> dict[str, Any]:
    keypoints = data["keypoints"]
    kept: list[float] = []
    for joint in _CROWDPOSE.coco:
        kept += [0.0, 0.0, 0] if joint is None else keypoints[3 * joint : 3 * joint + 3]
    lost = sum(keypoints[3 * i + 2] > 0 for i in range(len(JOINTS)) if i not in CROWDPOSE_JOINTS)
    losses.add(
        "{n} joint of the face, which CrowdPose has not, was left out.",
        "{n} joints of the face, which CrowdPose has not, were left out.",
        lost,
    )
    return data | {"keypoints": kept, "num_keypoints": sum(v > 0 for v in kept[2::3])}


def _whole(data: dict[str, Any], losses: Losses) -> dict[str, Any]:
    more: dict[str, Any] = {}
    for part, count in _WHOLEBODY.items():
        more[f"{part}_valid"] = False
        more[f"{part}_kpts"] = [0.0] * (3 * count)
        if part != "foot":
            more[f"{part}_box"] = [0.0] * 4
    # Parts that were read from such a file leave as they came.
    return more | data
