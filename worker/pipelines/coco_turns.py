"""Photographs that Exif turns, among the images of a COCO file: which pixels their labels count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from backend.domain.orientation import (
    LabelPixels,
    Orientation,
    Size,
    label_pixels,
    size_as_stored_or_upright,
)
from backend.publishing.formats.coco import CocoImage
from worker.media.images import ImageHeader

_EXAMPLES: Final = 3


@dataclass(slots=True)
class Turns:
    """What was found out about turned images so far.

    Attributes:
        declared: What the file declares.
        chosen: What the maintainer chose for images that do not tell.
        by_size: Images whose size told, by what it told.
        by_choice: Images for which the choice, or the declaration, held.
        mirrored: Images among them whose stored pixels are a mirror image.
        unknown: Names, with orientation and size, of images for which nothing tells.
    """

    declared: LabelPixels | None = None
    chosen: LabelPixels | None = None
    by_size: Counter[LabelPixels] = field(default_factory=Counter)
    by_choice: Counter[LabelPixels] = field(default_factory=Counter)
    mirrored: int = 0
    unknown: list[str] = field(default_factory=list)

    def turned(
        self, image: CocoImage, header: ImageHeader, reach: tuple[float, float] | None, shown: str
    ) -> CocoImage:
        """An image with the pixels that its labels count, and their size.

        Args:
            image: As the file says.
            header: As it is.
            reach: The furthest x and y of its joints; None where it has none.
            shown: What to call it.
        """
        orientation, stored = header.orientation, (header.width, header.height)
        labels = LabelPixels.UPRIGHT
        if orientation is not Orientation.UPRIGHT:
            labels = self._labels(image, orientation, stored, reach, shown)
        size = stored if labels is LabelPixels.STORED else header.upright
        scale = (1.0, 1.0)
        if image.width is not None and image.height is not None:
            scale = (size[0] / image.width, size[1] / image.height)
        return replace(
            image,
            width=size[0],
            height=size[1],
            scale=scale,
            orientation=orientation,
            labels=labels,
        )

    def _labels(
        self,
        image: CocoImage,
        orientation: Orientation,
        stored: Size,
        reach: tuple[float, float] | None,
        shown: str,
    ) -> LabelPixels:
        told = self.declared or _told(image, orientation, stored, reach or (0.0, 0.0))
        if reach is None:
            # Without joints there is nothing to ask for.
            return told or LabelPixels.UPRIGHT
        if told is not None:
            if self.declared is None:
                self.by_size[told] += 1
                self.mirrored += orientation.mirrors
            return told
        if self.chosen is None:
            width, height = stored
            self.unknown.append(f"{shown}: orientation {int(orientation)}, {width} x {height}")
            return LabelPixels.UPRIGHT
        self.by_choice[self.chosen] += 1
        self.mirrored += orientation.mirrors
        return self.chosen

    @property
    def images(self) -> int:
        """How many labelled images Exif turns, without those of files that declare it."""
        return self.by_size.total() + self.by_choice.total() + len(self.unknown)

    def question(self) -> str | None:
        """What must be asked before anything is imported; None where nothing must."""
        count = len(self.unknown)
        if not count:
            return None
        examples = "; ".join(self.unknown[:_EXAMPLES]) + ("; …" if count > _EXAMPLES else "")
        known = self.by_size.most_common()
        hint = f" The sizes of others suggest: {known[0][0].value}." if len(known) == 1 else ""
        what = "photograph is" if count == 1 else "photographs are"
        return (
            f"{count:,} {what} rotated by Exif, and nothing says whether"
            f" {'its' if count == 1 else 'their'} joints are in stored or in upright pixels"
            f" ({examples}).{hint} Say which: --exif stored or --exif upright, on the import page"
            " “Photographs rotated by Exif”."
        )

    def notes(self) -> list[str]:
        """What was done about turned images, in words."""
        notes = []
        for counts, why in (
            (self.by_size, "as their sizes in the file show"),
            (self.by_choice, "as was chosen"),
        ):
            for labels, count in counts.items():
                what = "photograph is" if count == 1 else "photographs are"
                done = (
                    "the labels were rotated with the picture"
                    if labels is LabelPixels.STORED
                    else "the labels stayed as they are"
                )
                notes.append(
                    f"{count:,} {what} rotated by Exif; labels are in {labels.value} pixels, {why}:"
                    f" {done}."
                )
        if self.mirrored:
            notes.append(
                f"Exif mirrors {self.mirrored:,} of them: check whether left and right are "
                "named correctly."
            )
        return notes


def _told(
    image: CocoImage, orientation: Orientation, stored: Size, reach: tuple[float, float]
) -> LabelPixels | None:
    """What an image's size in the file tells, also where the file has it reduced."""
    if image.width is None or image.height is None:
        return None
    said = (image.width, image.height)
    if said not in (stored, orientation.upright_size(stored)):
        shape = size_as_stored_or_upright(orientation, stored, said)
        if shape is None:
            return None
        reach = (reach[0] * shape[0] / said[0], reach[1] * shape[1] / said[1])
        said = shape
    return label_pixels(orientation, stored, said, reach)
