"""COCO keypoint files and lists of results as a stream of frames, for formats that are not COCO.

The import of recordings reads COCO files itself (``coco_reader``), because it holds them against
their images and asks about what is odd.

Pixels: as the file declares, else by its numbers (``domain.pixels``). Source: cocodataset.org,
"Data format" and "Results format".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.file_names import How, match_numbers
from backend.domain.infants import PersonRole
from backend.domain.oddities import Odd
from backend.domain.outlines import check_outlines
from backend.domain.pixels import COCO_JOINTS, KnownRule, PixelRule, rule_of_file
from backend.publishing.formats.coco import NAMESPACE, CocoAnnotation, CocoImage, Key
from backend.publishing.formats.coco_places import declared_rule, placed, rule_in_words
from backend.publishing.formats.coco_reader import CocoFile
from backend.publishing.formats.findings import Findings, Spot
from backend.publishing.formats.folders import IMAGE_SUFFIXES
from backend.publishing.formats.label_source import PersonSource
from backend.publishing.formats.reading import MAX_FILES, Reader, ReadOptions, frame_of
from backend.publishing.labelled import (
    AreaOf,
    ImportedPerson,
    LabelledFrame,
    LabelledImage,
    LabelledMask,
    LabelledPerson,
    OutlinedMask,
    PersonMarks,
    VideoFrame,
)

_OWN_MEMBERS: Final = ("area_of", "fit", "source")
_TRACK: Final = ("track_id", "tracking_id", "instance_id", "person_id")
"""Members in which sets of videos (PoseTrack, MOT, Halpe) say who somebody is."""


class CocoFrames(Reader):
    """See the module. Memory grows with the people: about 3 KB each."""

    PIXELS = COCO_JOINTS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        self.file = CocoFile(
            path,
            choices=self.options.choices,
            findings=self.findings,
            max_bytes=self.options.max_bytes,
        )
        head = self.file.head
        self.licences = head.licenses
        self._known = rule_of_file(
            declared=declared_rule(head.info),
            chosen=self.options.choices.pixels,
            whole_numbers=head.places.whole_numbers,
            results=head.results,
        )
        self.note(rule_in_words(self._known))

    @property
    def rule(self) -> PixelRule:
        """As the file declares, as was chosen, or by its numbers."""
        return self._known.rule

    @property
    def known(self) -> KnownRule:
        """As :class:`Reader`."""
        return self._known

    def require_choices(self, labels: Collection[str]) -> None:
        """Nothing is left to refuse: all categories were known before the first person was read."""

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        head = self.file.head
        found_names = self._by_number() if head.results else {}
        images = {
            key: self._sized(replace(image, file_name=found_names.get(key, image.file_name)))
            for key, image in head.images.items()
        }
        people: dict[Key, list[CocoAnnotation]] = {}
        for person in self.file.people(images):
            people.setdefault(person.image_id, []).append(person)
        if self.file.ignored:
            self.note(f"{self.file.ignored:,} annotations of categories without joints left out.")
        own_ids = all(type(key) is int and key >= 1 for key in images)
        if not own_ids:
            self.note("Ids of images are not numbers from 1 on: images are numbered anew.")
        names = {key: c.name for key, c in head.categories.items()}
        several = len({c.name for c in head.categories.values() if c.taken}) > 1
        roles: dict[str, PersonRole] = {c.name: c.role for c in head.categories.values()}
        for number, (key, image) in enumerate(images.items(), 1):
            found = [
                self._person(person, image, names, several=several)
                for person in people.pop(key, [])
            ]
            labelled = _image(image, int(key) if own_ids else number, self.name)
            marked = [i for i, (_, told) in enumerate(found) if told.get("is_infant") is True]
            frame = frame_of(
                labelled,
                [person for person, _ in found],
                roles,
                infant=marked[0] if len(marked) == 1 else None,
            )
            provenance = next(
                (origin for person, origin in found if person.joints is frame.joints), {}
            )
            yield replace(
                frame, provenance={k: v for k, v in provenance.items() if k != "is_infant"}
            )

    def _by_number(self) -> dict[Key, str]:
        """Names of the images of a list of results, by the numbers in the names of files."""
        folder = self.options.images
        if folder is None:
            return {}
        present = [
            path.relative_to(folder).as_posix()
            for path in islice(folder.rglob("*"), MAX_FILES)
            if path.suffix.casefold() in IMAGE_SUFFIXES
        ]
        numbers = [key for key in self.file.head.images if type(key) is int]
        matched = match_numbers(numbers, sorted(present))
        return {key: m.files[0] for key, m in matched.items() if m.how is How.NUMBER}

    def _sized(self, image: CocoImage) -> CocoImage:
        if image.width is not None and image.height is not None:
            return image
        width, height = self.sizes.of(image.file_name)
        return replace(image, width=width or None, height=height or None)

    def _person(
        self, person: CocoAnnotation, image: CocoImage, names: Mapping[Key, str], *, several: bool
    ) -> tuple[LabelledPerson, Mapping[str, Any]]:
        key = person.category_id
        category = None if key is None else self.file.head.categories.get(key)
        moved = placed(person, image, category, self.rule, self.name)
        assert moved.source is not None
        source = PersonSource.from_json(moved.source)
        extras = source.extras
        track = next((str(extras.pop(name)) for name in _TRACK if name in extras), "")
        origin = {k: v for k, v in person.provenance.items() if k not in _OWN_MEMBERS}
        name = names.get(key, "") if key is not None else ""
        mask = self._mask(source, image, moved.id)
        return LabelledPerson(
            moved.skeleton,
            moved.box,
            mask,
            PersonMarks(
                name=name if several or name != "person" else "",
                track=track,
                score=person.score,
                joint_scores=person.joint_scores,
            ),
            ImportedPerson(
                category=None if several else source.category,
                crowd=person.iscrowd,
                area=_area(person, moved.box, mask),
                source=source.told(with_mask=False),
                extras=extras,
            ),
        ), origin

    def _mask(self, source: PersonSource, image: CocoImage, key: Key | None) -> LabelledMask | None:
        found = source.mask
        if found is None:
            return None
        if isinstance(found, dict):
            return LabelledMask(found, masks.area(found))
        if image.width is None or image.height is None:
            return None
        try:
            check_outlines(found)
        except InvalidInput as error:
            spot = Spot(self.findings, "segmentation", image.file_name, key)
            spot.odd(Odd.OUTLINE_UNREADABLE, "", error.message)
            return None
        return OutlinedMask(found, image.width, image.height)


def _area(person: CocoAnnotation, box: Box | None, mask: LabelledMask | None) -> float | None:
    """The file's area where it is not what follows from mask or box."""
    if person.area is None:
        return None
    if person.provenance.get("area_of") in (AreaOf.BOX.value, AreaOf.MASK.value):
        return None
    if mask is None and box is not None and person.area == box.width * box.height:
        return None
    return person.area


def _image(image: CocoImage, number: int, file: str) -> LabelledImage:
    extras = {k: v for k, v in image.members.items() if k not in _IMAGE_MEMBERS}
    facts = {k: v for k, v in image.provenance.items() if k not in ("source", "video")}
    told, licence = image.provenance.get("source"), image.members.get("license")
    source = dict(told) if isinstance(told, Mapping) else {"file": file, "image_id": image.id}
    return LabelledImage(
        number,
        image.file_name or str(image.id),
        image.width or 0,
        image.height or 0,
        licence=licence if type(licence) is int else None,
        facts=facts,
        source=source,
        extras=extras,
        video=_video(image.provenance.get("video")),
    )


def _video(told: Any) -> VideoFrame | None:
    if not isinstance(told, Mapping):
        return None
    file, index = told.get("file"), told.get("index")
    known = isinstance(file, str) and type(index) is int and index >= 0
    return VideoFrame(str(file), int(index)) if known and type(index) is int else None


_IMAGE_MEMBERS: Final = frozenset(("id", "file_name", "width", "height", "license", NAMESPACE))
