"""Elements of a COCO file put together, with the checks that need more than one element.

The members of a file come in any order, so what an annotation refers to may stand behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.publishing.formats.coco import CocoAnnotation, CocoDataset, CocoImage, Rle
from backend.publishing.formats.coco_elements import Fault


class Collector:
    """Gathers images, annotations and categories in any order; ``finish`` checks and joins them."""

    def __init__(self) -> None:
        self._images: dict[int, CocoImage] = {}
        self._file_names: dict[str, int] = {}
        self._categories: dict[int, bool] = {}
        self._people: dict[int, list[tuple[int, CocoAnnotation]]] = {}
        self._annotation_ids: set[int] = set()
        self._first_use: dict[tuple[int, bool], int] = {}
        self._others: dict[int, int] = {}

    def add_image(self, index: int, image: CocoImage) -> None:
        """Take the image at ``images[index]``."""
        where = f"images[{index}]"
        if image.id in self._images:
            raise Fault(f"{where}.id", f"{image.id} is there twice")
        if image.file_name in self._file_names:
            raise Fault(f"{where}.file_name", f"{image.file_name!r} is there twice")
        self._images[image.id] = image
        self._file_names[image.file_name] = index

    def add_category(self, category_id: int, has_keypoints: bool) -> None:
        """Take a category."""
        if category_id in self._categories:
            raise Fault("categories", f"the id {category_id} is there twice")
        self._categories[category_id] = has_keypoints

    def add_annotation(
        self, index: int, annotation_id: int, category_id: int, person: CocoAnnotation | None
    ) -> None:
        """Take the annotation at ``annotations[index]``; ``person`` is None without keypoints."""
        if annotation_id in self._annotation_ids:
            raise Fault(f"annotations[{index}].id", f"{annotation_id} is there twice")
        self._annotation_ids.add(annotation_id)
        self._first_use.setdefault((category_id, person is not None), index)
        if person is None:
            self._others[category_id] = self._others.get(category_id, 0) + 1
        else:
            self._people.setdefault(person.image_id, []).append((index, person))

    def finish(self, info: Mapping[str, Any], licenses: Sequence[Mapping[str, Any]]) -> CocoDataset:
        """Check what refers to what.

        Raises:
            Fault: an unknown image or category, keypoints that are missing or not announced, a mask
                of another size than its image, or no image at all.
        """
        if not self._images:
            raise Fault("images", "the list is empty")
        if not any(self._categories.values()):
            raise Fault("categories", "none has keypoints")
        for (category_id, with_keypoints), index in self._first_use.items():
            where = f"annotations[{index}]"
            if category_id not in self._categories:
                raise Fault(f"{where}.category_id", f"there is no category {category_id}")
            if with_keypoints and not self._categories[category_id]:
                raise Fault(f"{where}.category_id", f"category {category_id} has no keypoints")
            if not with_keypoints and self._categories[category_id]:
                raise Fault(f"{where}.keypoints", "missing")
        for image_id, people in self._people.items():
            image = self._images.get(image_id)
            if image is None:
                raise Fault(
                    f"annotations[{people[0][0]}].image_id", f"there is no image {image_id}"
                )
            for index, person in people:
                _check_mask_size(index, person, image)
        return CocoDataset(
            info=info,
            licenses=licenses,
            images=list(self._images.values()),
            candidates={
                image_id: [person for _, person in people]
                for image_id, people in self._people.items()
            },
            ignored_annotations=sum(self._others.values()),
        )


def _check_mask_size(index: int, person: CocoAnnotation, image: CocoImage) -> None:
    mask = person.segmentation
    if isinstance(mask, Rle) and (mask.height, mask.width) != (image.height, image.width):
        raise Fault(
            f"annotations[{index}].segmentation.size",
            f"{mask.width}×{mask.height} pixels, but image {image.id} has "
            f"{image.width}×{image.height}",
        )
