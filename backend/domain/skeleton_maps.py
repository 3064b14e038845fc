"""Other skeletons, and where their joints go in COCO-17.

A skeleton is told by the names of its joints. Their number alone is only a proposal, which is shown
to a person: COCO, Human3.6M and PoseTrack all have 17 joints, CrowdPose and LSP both 14. A joint
that COCO has not (neck, pelvis, thorax, toes) is dropped and never made into another one; a COCO
joint that the skeleton has not is absent.

Sources of the orders: CrowdPose (Li et al. 2019), LSP (Johnson and Everingham 2010), AI Challenger
(Wu et al. 2017), MPII (Andriluka et al. 2014), OpenPose ``poseParameters.cpp``, Halpe of AlphaPose,
COCO-WholeBody (Jin et al. 2020), BlazePose (Bazarevsky et al. 2020), Human3.6M as in mmpose,
PoseTrack 2018.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import JOINTS, N_JOINTS

MIN_NAMED_JOINTS: Final = 4
"""So many COCO joints a list of names must hold to be taken for a person's."""

_PARTS: Final = {
    "eye": "eye", "ear": "ear", "shoulder": "shoulder", "sho": "shoulder", "shldr": "shoulder",
    "elbow": "elbow", "elb": "elbow", "wrist": "wrist", "wri": "wrist", "hip": "hip",
    "knee": "knee", "kne": "knee", "ankle": "ankle", "ank": "ankle",
}  # fmt: skip
_SIDES: Final = {"left": "left", "l": "left", "lt": "left", "lft": "left",
                 "right": "right", "r": "right", "rt": "right", "rgt": "right"}  # fmt: skip
_FILLERS: Final = frozenset(("joint", "keypoint", "kp", "kpt", "body", "point", "marker"))


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_HUMAN: Final = _words_of(
    "tail tailbase paw hoof wing beak withers snout trunk fin front back fore hind antenna"
)


def joint_of(name: str) -> int | None:
    """The COCO joint that a name means, in any spelling: ``L_Sho``, ``leftShoulder``, ``3-LEye``.

    Returns:
        Index in ``JOINTS``; None for joints that COCO has not, such as ``left_eye_inner``.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words: list[str] = re.findall(r"[a-z]+|\d+", spaced.casefold())
    while words and words[0].isdigit():
        words.pop(0)
    words = [word for word in words if word not in _FILLERS]
    if words == ["nose"]:
        return 0
    if len(words) == 1:
        words = next(
            (
                [side, words[0][len(side) :]]
                for side in ("left", "right", "l", "r")
                if words[0].startswith(side) and words[0][len(side) :] in _PARTS
            ),
            words,
        )
    if len(words) != 2:
        return None
    for side, part in (words, words[::-1]):
        if side in _SIDES and part in _PARTS:
            return JOINTS.index(f"{_SIDES[side]}_{_PARTS[part]}")
    return None


@cache
def _sources(coco: tuple[int | None, ...]) -> tuple[int | None, ...]:
    places: list[int | None] = [None] * N_JOINTS
    for position, joint in enumerate(coco):
        if joint is not None:
            places[joint] = position
    return tuple(places)


@dataclass(frozen=True, slots=True)
class SkeletonMap:
    """How one skeleton's joints become COCO's.

    Attributes:
        name: Short name, as a choice is written.
        title: Name for people.
        joints: The skeleton's joints in its order.
        coco: For each of them an index in ``JOINTS``, or None where it is dropped.
    """

    name: str
    title: str
    joints: tuple[str, ...]
    coco: tuple[int | None, ...]

    @property
    def sources(self) -> tuple[int | None, ...]:
        """For each COCO joint the position of the joint it comes from, or None: absent."""
        return _sources(self.coco)

    @property
    def dropped(self) -> tuple[str, ...]:
        """Joints that COCO has not."""
        return tuple(
            name for name, joint in zip(self.joints, self.coco, strict=True) if joint is None
        )

    @property
    def absent(self) -> tuple[str, ...]:
        """COCO joints that the skeleton has not."""
        return tuple(JOINTS[i] for i, place in enumerate(self.sources) if place is None)


def map_by_names(names: Sequence[str], name: str = "by_names", title: str = "") -> SkeletonMap:
    """A map that follows the names; of two joints of one meaning neither is taken."""
    coco = [joint_of(text) for text in names]
    unique = tuple(joint if coco.count(joint) == 1 else None for joint in coco)
    return SkeletonMap(name, title or f"{len(names)} named joints", tuple(names), unique)


def with_changes(
    names: Sequence[str] | None,
    count: int,
    found: SkeletonMap | None,
    changes: Mapping[str, str],
) -> SkeletonMap:
    """A map in which a person has said what single joints become.

    A joint that is given a place takes it from the one that had it.

    Args:
        names: The joints' names, or None where the file does not tell.
        count: How many joints there are.
        found: What they were taken for; None where that is not known.
        changes: Name in COCO, or an empty text for none, by the joint's name in the table; joints
            of no name are called ``1``, ``2`` …

    Raises:
        InvalidInput: there is no such joint, or two are to become the same.
    """
    joints = found.joints if found else tuple(names or ()) or numbered(count)
    coco = list(found.coco if found else [None] * len(joints))
    taken: dict[int, str] = {}
    for name, target in changes.items():
        if name not in joints:
            listed = ", ".join(joints[:8]) + (", …" if len(joints) > 8 else "")
            raise InvalidInput(f"There is no joint {name!r} to be mapped; there are {listed}.")
        if not target:
            coco[joints.index(name)] = None
            continue
        if target not in JOINTS:
            raise InvalidInput(f"COCO has no joint {target!r}; it has {', '.join(JOINTS)}.")
        place = JOINTS.index(target)
        if place in taken:
            raise InvalidInput(f"Both {taken[place]} and {name} are to become {target}.")
        taken[place] = name
        coco = [None if joint == place else joint for joint in coco]
        coco[joints.index(name)] = place
    return SkeletonMap("chosen", "as you mapped it", joints, tuple(coco))


def numbered(count: int) -> tuple[str, ...]:
    """What joints without names are called: ``1``, ``2`` …"""
    return tuple(str(i) for i in range(1, count + 1))


_COCO: Final = " ".join(JOINTS)
_FEET: Final = "left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel"
_HALPE: Final = (
    f"{_COCO} head neck hip left_big_toe right_big_toe left_small_toe right_small_toe"
    " left_heel right_heel"
)
_MPII_LEGS: Final = "right_ankle right_knee right_hip left_hip left_knee left_ankle"
_MPII_ARMS: Final = "right_wrist right_elbow right_shoulder left_shoulder left_elbow left_wrist"
_OPENPOSE_ARMS: Final = (
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist"
)


def _numbered(prefix: str, count: int) -> str:
    return " ".join(f"{prefix}_{i}" for i in range(count))


_KNOWN: Final = {
    "coco": ("COCO, 17 joints", _COCO),
    "h36m": (
        "Human3.6M, 17 joints",
        "pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle spine thorax"
        " neck_base head left_shoulder left_elbow left_wrist right_shoulder right_elbow"
        " right_wrist",
    ),
    "posetrack": (
        "PoseTrack, 17 joints",
        "nose head_bottom head_top left_ear right_ear left_shoulder right_shoulder left_elbow"
        " right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle"
        " right_ankle",
    ),
    "crowdpose": (
        "CrowdPose, 14 joints",
        "left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_hip"
        " right_hip left_knee right_knee left_ankle right_ankle head_top neck",
    ),
    "lsp": ("Leeds Sports Pose, 14 joints", f"{_MPII_LEGS} {_MPII_ARMS} neck head_top"),
    "aic": (
        "AI Challenger, 14 joints",
        "right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist right_hip"
        " right_knee right_ankle left_hip left_knee left_ankle head_top neck",
    ),
    "mpii": ("MPII, 16 joints", f"{_MPII_LEGS} pelvis thorax upper_neck head_top {_MPII_ARMS}"),
    "openpose18": (
        "OpenPose COCO, 18 joints",
        f"{_OPENPOSE_ARMS} right_hip right_knee right_ankle left_hip left_knee left_ankle"
        " right_eye left_eye right_ear left_ear",
    ),
    "coco_neck": ("COCO with the neck behind it, 18 joints", f"{_COCO} neck"),
    "coco_feet": ("COCO with feet, 23 joints", f"{_COCO} {_FEET}"),
    "body25": (
        "OpenPose BODY_25, 25 joints",
        f"{_OPENPOSE_ARMS} mid_hip right_hip right_knee right_ankle left_hip left_knee left_ankle"
        f" right_eye left_eye right_ear left_ear {_FEET}",
    ),
    "halpe26": ("Halpe, 26 joints", _HALPE),
    "blazepose": (
        "BlazePose (MediaPipe), 33 joints",
        "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer"
        " left_ear right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow"
        " right_elbow left_wrist right_wrist left_pinky right_pinky left_index right_index"
        " left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle right_ankle"
        " left_heel right_heel left_foot_index right_foot_index",
    ),
    "wholebody": (
        "COCO-WholeBody, 133 joints",
        f"{_COCO} {_FEET} {_numbered('face', 68)} {_numbered('left_hand', 21)}"
        f" {_numbered('right_hand', 21)}",
    ),
    "halpe136": (
        "Halpe, 136 joints",
        f"{_HALPE} {_numbered('face', 68)} {_numbered('left_hand', 21)}"
        f" {_numbered('right_hand', 21)}",
    ),
}

SKELETONS: Final = {
    name: map_by_names(joints.split(), name, title) for name, (title, joints) in _KNOWN.items()
}
"""The skeletons known by their order, by short name; of one size the usual one comes first."""


class Told(StrEnum):
    """How a skeleton was recognised."""

    COCO = "coco"
    NAMES = "names"
    COUNT = "count"
    CHOICE = "choice"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a category's joints were taken for.

    Attributes:
        told: By what.
        map: The map; None where the joints are no known skeleton's.
        alternatives: Short names of the skeletons that have as many joints.
    """

    told: Told
    map: SkeletonMap | None
    alternatives: tuple[str, ...] = ()


def recognise(names: Sequence[str] | None, count: int) -> Recognised:
    """Recognise a skeleton by the names of its joints, else propose one by their number.

    Args:
        names: The joints' names, or None where the file does not tell.
        count: How many joints there are.
    """
    same_size = tuple(key for key, known in SKELETONS.items() if len(known.joints) == count)
    meaningful = [name for name in names or () if not re.fullmatch(r"\W*\d*\W*", name)]
    if names is not None and meaningful:
        if tuple(names) == JOINTS:
            return Recognised(Told.COCO, SKELETONS["coco"], same_size)
        found = map_by_names(names)
        named = sum(joint is not None for joint in found.coco)
        words = {word for name in names for word in re.findall(r"[a-z]+", name.casefold())}
        if named >= MIN_NAMED_JOINTS and not words & _NOT_HUMAN:
            known = next(
                (SKELETONS[key] for key in same_size if SKELETONS[key].coco == found.coco), None
            )
            title = known.title if known else ""
            return Recognised(Told.NAMES, map_by_names(names, "by_names", title), same_size)
        if named:
            # Some joints are a person's, but too few, or beside a tail and paws.
            return Recognised(Told.UNKNOWN, None, same_size)
    if same_size:
        return Recognised(Told.COUNT, SKELETONS[same_size[0]], same_size)
    return Recognised(Told.UNKNOWN, None)
