"""What COCO keypoint files hold, as dataclasses. Source: cocodataset.org, "Data format"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.domain.boxes import Box
from backend.domain.infants import Apart, PersonRole, RoleChoice, WhoIfUnclear
from backend.domain.keypoints import Skeleton
from backend.domain.oddities import Answers
from backend.domain.orientation import LabelPixels, Orientation
from backend.domain.pixels import PixelRule
from backend.domain.skeleton_maps import SkeletonMap, Told
from backend.publishing.formats.findings import Findings
from backend.publishing.formats.label_source import NAMESPACE as NAMESPACE


@dataclass(frozen=True, slots=True)
class Rle:
    """A mask in COCO's compressed run-length form.

    Attributes:
        height: Pixels of the mask, which are the image's.
        width: Pixels.
        counts: The compressed counts as pycocotools writes them, in ASCII.
    """

    height: int
    width: int
    counts: str


Polygons = tuple[tuple[float, ...], ...]
"""Outlines x1, y1, x2, y2, …, at least three points each."""


Key = int | str
"""An id of the file: a whole number, or text where it is none."""


@dataclass(frozen=True, slots=True)
class CocoChoices:
    """What a maintainer chose for an import, beside the answers to single oddities.

    Attributes:
        answers: What to do about each kind of oddity.
        skeletons: Short name of a known skeleton by category id, as text; ``*`` for all others.
        infant: Name or id of the category that the infants are in; an empty text for none; None to
            go by the names.
        pixels: What joint coordinates are measured from, where that is known better than the
            file says.
        exif: Which pixels the labels of photographs rotated by Exif are in, where their sizes do
            not show it.
        joints: What single joints become, by their names, for a skeleton's key (a category's id or
            name, the label of another format; ``*`` for all).
        people: What the people of a category are, by its id or name.
        unclear: Who is proposed as the infant where nothing tells.
    """

    answers: Answers = field(default_factory=Answers)
    skeletons: Mapping[str, str] = field(default_factory=dict)
    infant: str | None = None
    pixels: PixelRule | None = None
    exif: LabelPixels | None = None
    joints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    people: Mapping[str, RoleChoice] = field(default_factory=dict)
    unclear: WhoIfUnclear = WhoIfUnclear.ALONE

    def changes(self, *keys: str) -> Mapping[str, str]:
        """What was said of single joints of a skeleton that has these keys."""
        return next((self.joints[key] for key in (*keys, "*") if key in self.joints), {})


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One image that was read.

    Attributes:
        id: The file's id.
        file_name: As the file writes it; empty in a list of results.
        width: Pixels; None where the file does not say.
        height: Pixels; None where the file does not say.
        provenance: Empty in files of others.
        scale: What coordinates in x and y are multiplied by, because the image has another size
            than the file says.
        orientation: How Exif turns the image.
        labels: Which of its pixels its labels count; width and height are of those.
        members: What the file says of it, as it came.
    """

    id: Key
    file_name: str
    width: int | None = None
    height: int | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    scale: tuple[float, float] = (1.0, 1.0)
    orientation: Orientation = Orientation.UPRIGHT
    labels: LabelPixels = LabelPixels.UPRIGHT
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CocoCategory:
    """One category that was read.

    Attributes:
        id: The file's id.
        name: As the file writes it; ``person`` where it lists none.
        supercategory: As the file writes it, or empty.
        told: How its skeleton was recognised; None where it has no joints.
        map: How its joints become, or would become, COCO's; None where that is not known.
        taken: Whether its people are taken.
        joints: How many joints it has.
        names: What its joints are called; by their numbers where they have no names.
        alternatives: Short names of the known skeletons with as many joints.
        people: Annotations with joints.
        role: Whether its people are the infant, as far as names tell.
        members: What the file says of it beside its joints, as it came.
    """

    id: Key
    name: str = "person"
    supercategory: str = ""
    told: Told | None = None
    map: SkeletonMap | None = None
    taken: bool = False
    joints: int = 0
    names: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    people: int = 0
    role: PersonRole = PersonRole.UNCLEAR
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CocoAnnotation:
    """One person that was read.

    Attributes:
        id: The file's id; None where it has none, or one that was used before.
        image_id: Id of the image.
        skeleton: The joints; absent ones are at (0, 0) whatever the file says.
        box: Image pixels; None where the file has none or an empty one.
        area: Square pixels; None where the file has none.
        segmentation: Mask, outlines, or None.
        iscrowd: Whether it stands for a group of people.
        score: Confidence where a model wrote the file, else None.
        joint_scores: Confidence of each joint where the file has them in the place of visibility.
        category_id: Id of the category.
        role: Whether the person is the infant, as far as names tell.
        apart: Why the person is not offered as the infant; None for whoever may be it.
        provenance: Empty in files of others.
        members: What the file says of the person beside joints and mask, as it came.
        source: All of that as the database keeps it, once the person was moved into the product's
            pixels.
    """

    id: Key | None
    image_id: Key
    skeleton: Skeleton
    box: Box | None = None
    area: float | None = None
    segmentation: Rle | Polygons | None = None
    iscrowd: bool = False
    score: float | None = None
    joint_scores: tuple[float, ...] | None = None
    category_id: Key | None = None
    role: PersonRole = PersonRole.UNCLEAR
    apart: Apart | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    source: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CocoDataset:
    """A COCO keypoint file.

    Attributes:
        info: The file's ``info``.
        licenses: The file's ``licenses``.
        images: In the order of the file.
        categories: In the order of the file.
        candidates: Image id → people in that image, in the order of the file. Images without
            people have no entry.
        ignored_annotations: Annotations of categories without joints, which were left out.
        findings: What was odd.
    """

    info: Mapping[str, Any]
    licenses: Sequence[Mapping[str, Any]]
    images: Sequence[CocoImage]
    categories: Sequence[CocoCategory]
    candidates: Mapping[Key, Sequence[CocoAnnotation]]
    ignored_annotations: int
    findings: Findings
