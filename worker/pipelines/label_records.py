"""Neutral records of labels as what the import makes of COCO's: images and people."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from backend.domain.boxes import Box
from backend.domain.infants import Apart, PersonRole
from backend.domain.keypoints import Joint, Skeleton
from backend.domain.pixels import PixelRule
from backend.publishing.formats.coco import CocoAnnotation, CocoCategory, CocoImage, Rle
from backend.publishing.formats.coco_places import placed
from backend.publishing.formats.label_source import kept_members
from backend.publishing.labelled import LabelledFrame, LabelledPerson
from worker.pipelines.found_images import upright_size


@dataclass(slots=True)
class PlannedFrame:
    """One frame that labels name and that is there.

    Attributes:
        image: With the true size of the pixels that its labels count.
        people: As they were read.
        marked: Which of them the file says is the infant; by place.
    """

    image: CocoImage
    people: list[LabelledPerson]
    marked: set[int] = field(default_factory=set)


def of_shares(image: CocoImage) -> CocoImage:
    """An image whose labels are shares of it, and were multiplied by its upright size."""
    width, height = image.width or 1, image.height or 1
    upright = upright_size(image)
    return replace(image, scale=(width / upright[0], height / upright[1]))


def image_of(frame: LabelledFrame, *, size_known: bool) -> CocoImage:
    """A record's image, with all that the labels said of it.

    Args:
        frame: The record.
        size_known: Whether the labels themselves say its size.
    """
    image = frame.image
    told = {("id" if k == "image_id" else k): v for k, v in image.source.items() if k != "file"}
    members: dict[str, Any] = {
        "id": told.pop("id", None) or image.id,
        "file_name": image.file_name,
        **({"width": image.width, "height": image.height} if size_known else {}),
        **told,
        **image.extras,
        **image.facts,
    }
    if image.split:
        members["split"] = image.split
    if image.video is not None:
        members |= {"video": image.video.file, "frame": image.video.index}
    return CocoImage(
        id=image.id,
        file_name=image.file_name,
        width=image.width if size_known else None,
        height=image.height if size_known else None,
        members=kept_members(members),
    )


def reach_of(frame: LabelledFrame) -> tuple[float, float] | None:
    """The furthest x and y of a record's joints; None where it has none."""
    joints = [j for person in frame.people for j in person.joints.joints if j.present]
    return (max(j.x for j in joints), max(j.y for j in joints)) if joints else None


def planned(frame: LabelledFrame, image: CocoImage) -> PlannedFrame:
    """A record's people on an image that is there."""
    people = list(frame.people)
    # Of several people one can be told only because the file says so.
    marked = {0} if frame.joints is not None and len(people) > 1 else set()
    return PlannedFrame(image, people, marked)


def moved(person: LabelledPerson, image: CocoImage, role: PersonRole, file: str) -> CocoAnnotation:
    """A record's person as the import takes it: scaled and turned, with what was said beside."""
    imported, marks = person.imported, person.marks
    crowd = bool(imported and imported.crowd)
    told = dict(imported.source) if imported else {}
    members: dict[str, Any] = {
        ("id" if name == "annotation_id" else name): value
        for name, value in told.items()
        if name not in ("file", "category", "segmentation")
    }
    members |= dict(imported.extras) if imported else {}
    if marks.track:
        members.setdefault("track_id", marks.track)
    across, down = image.scale
    box = person.box
    mask = person.mask
    category = dict(imported.category) if imported and imported.category else {}
    if marks.name:
        category.setdefault("name", marks.name)
    apart = Apart.CROWD if crowd else None if person.joints.num_keypoints else Apart.NO_JOINTS
    found = CocoAnnotation(
        id=None,
        image_id=image.id,
        skeleton=Skeleton(
            tuple(
                Joint(j.x * across, j.y * down, j.visibility) if j.present else j
                for j in person.joints.joints
            )
        ),
        box=None if box is None or not box.width or not box.height
        else Box(box.x * across, box.y * down, box.width * across, box.height * down),
        area=imported.area * across * down if imported and imported.area is not None else None,
        iscrowd=crowd,
        score=marks.score,
        joint_scores=marks.joint_scores,
        role=role,
        apart=apart,
        members=kept_members(members),
        segmentation=_segmentation(mask, image.scale),
    )  # fmt: skip
    known = CocoCategory(id=0, members=kept_members(category)) if category else None
    return placed(found, image, known, PixelRule.CONTINUOUS, file)


def _segmentation(mask: Any, scale: tuple[float, float]) -> Any:
    """A mask as COCO has it; masks of pixels are dropped where the image has another size."""
    if mask is None:
        return None
    if mask.outlines is not None:
        return tuple(
            tuple(n * scale[i % 2] for i, n in enumerate(outline)) for outline in mask.outlines
        )
    if scale != (1.0, 1.0):
        return None
    height, width = mask.rle["size"]
    return Rle(height, width, mask.rle["counts"])
