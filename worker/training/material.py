"""What is trained on: labelled images by split, whatever folder they were read from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

TRAIN, VALIDATION, TEST = "train", "validation", "test"
MIN_SAMPLES: Final = 4
"""Labelled images that a side needs at least."""
SHARE: Final = 0.15
"""Of the training images that a cut validation side has, about."""

Array = NDArray[np.float64]


class Need(StrEnum):
    """What a recipe's material must hold."""

    JOINTS = "joints"
    BOXES = "boxes"
    FITS = "fits"
    """A body for each sample: pose, shape and place of a body model."""
    POSTURES = "postures"
    CAMERAS = "cameras"
    """Intrinsics of each image."""
    JOINTS_3D = "joints_3d"
    SEQUENCES = "sequences"
    """Recording, camera and time of each image."""
    SECOND_DOMAIN = "second_domain"
    """Another set beside the first, such as renders."""
    START = "start"
    """A checkpoint to begin from."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A body model's parameters.

    Attributes:
        model: Name of the body model.
        betas: (B,) shape.
        pose: (72,) radians, SMPL's order, the root's first.
        scale: Factor on the template.
        translation: (3,) metres, in the frame that ``T_camera_world`` starts from.
    """

    model: str
    betas: Array
    pose: Array
    scale: float
    translation: Array


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The infant in one image.

    Attributes:
        image: The file.
        image_id: Its number in its set.
        width, height: Of the image, pixels.
        joints: (17, 3): x, y in continuous pixels (0 is the outer corner of the first pixel), and
            visibility 2, 1 or 0. Absent joints are 0, 0, 0.
        box: x, y, width, height in pixels.
        area: Of the infant in square pixels; scales OKS.
        infant: Who it is; "" where nobody knows.
        recording, camera: Which film it is of; "" where nobody knows.
        time_s: Since the recording began; None where nobody knows.
        posture: One of the twelve of ``backend.domain.postures``, or what a rendered set calls it.
        posture_group: One of the four, where it is told.
        K: (3, 3) intrinsics of a pinhole camera, continuous pixels.
        distortion: Its distortion as OpenCV has it; None or empty for none.
        T_camera_world: (4, 4).
        joints_3d: (17, 3) metres, in the camera: known exactly of renders, of a verified body fit
            otherwise.
        body: The body fit.
    """

    image: Path
    image_id: int
    width: int
    height: int
    joints: Array
    box: tuple[float, float, float, float]
    area: float
    infant: str = ""
    recording: str = ""
    camera: str = ""
    time_s: float | None = None
    posture: str | None = None
    posture_group: str | None = None
    K: Array | None = None
    distortion: Array | None = None
    T_camera_world: Array | None = None
    joints_3d: Array | None = None
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """Labelled images by split.

    Attributes:
        name: For people: a release's name and version, or the folder's.
        root: The folder.
        sha256: Over the annotation files (of a release: of its ``SHA256SUMS``).
        parts: Samples by split: ``train``, ``validation``, and ``test`` where there is one.
        rendered: Whether a program drew the images.
        second: Another set beside this one, for recipes that learn from two.
        notes: What people should know, such as how validation was cut.
    """

    name: str
    root: Path
    sha256: str
    parts: Mapping[str, Sequence[Sample]]
    rendered: bool = False
    second: Material | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def train(self) -> Sequence[Sample]:
        """What is learnt from."""
        return self.parts.get(TRAIN, ())

    @property
    def validation(self) -> Sequence[Sample]:
        """What the best checkpoint is chosen on; of other infants than ``train``."""
        return self.parts.get(VALIDATION, ())

    @property
    def test(self) -> Sequence[Sample]:
        """What nothing is chosen on."""
        return self.parts.get(TEST, ())

    def with_second(self, second: Material) -> Material:
        """The same with another set beside it."""
        return replace(self, second=second)

    def of(self, keep: Callable[[Sample], bool]) -> Material:
        """The same without the samples that a recipe cannot use."""
        parts = {name: tuple(filter(keep, part)) for name, part in self.parts.items()}
        return replace(self, parts=parts)


_HAS: Final[Mapping[Need, tuple[Callable[[Sample], bool], str]]] = {
    Need.JOINTS: (lambda s: bool((s.joints[:, 2] > 0).any()), "joints"),
    Need.BOXES: (lambda s: s.box[2] > 0 and s.box[3] > 0, "boxes"),
    Need.FITS: (lambda s: s.body is not None, "body fits"),
    Need.POSTURES: (lambda s: s.posture is not None, "posture labels"),
    Need.CAMERAS: (lambda s: s.K is not None, "calibrated cameras"),
    Need.JOINTS_3D: (lambda s: s.joints_3d is not None, "3D joints"),
    Need.SEQUENCES: (lambda s: bool(s.recording) and s.time_s is not None, "recordings and times"),
}
"""What tells that a sample has what is needed, and what it is called."""


def require(material: Material, needs: Iterable[Need], start: Path | None = None) -> None:
    """Refuse material that lacks what a recipe needs, saying what and where.

    A side needs :data:`MIN_SAMPLES` samples that have each thing; a recipe leaves out the others.

    Raises:
        InvalidInput: something is missing.
    """
    needs = frozenset(needs)
    if Need.START in needs and start is None:
        raise InvalidInput("This recipe needs a checkpoint to begin from.", fault="no start")
    if Need.SECOND_DOMAIN in needs and material.second is None:
        raise InvalidInput(
            f"This recipe learns from two sets; beside {material.name} another one is needed,"
            " such as a folder of “infantnet synthesise”.",
            fault="no second domain",
        )
    for side in (TRAIN, VALIDATION):
        part = material.parts.get(side, ())
        if len(part) < MIN_SAMPLES:
            raise InvalidInput(
                f"{material.name} is too small for its split: {side} has {len(part)} labelled"
                f" images, and at least {MIN_SAMPLES} are needed.",
                fault="too small",
            )
        for need, (has, called) in _HAS.items():
            count = sum(map(has, part)) if need in needs else MIN_SAMPLES
            if count < MIN_SAMPLES:
                raise InvalidInput(
                    f"{material.name} does not have the {called} that this recipe learns from:"
                    f" {count} of {len(part)} images of {side} have them.",
                    fault=f"no {called}",
                )


def require_postures(part: Sequence[Sample], wanted: Iterable[str], called: str) -> None:
    """Refuse a side on which some postures have no sample, naming them.

    Raises:
        InvalidInput: some have none.
    """
    counted = Counter(sample.posture for sample in part)
    missing = [posture for posture in wanted if not counted[posture]]
    if missing:
        raise InvalidInput(
            f"{called} has no image with the posture {', '.join(missing)}; a model cannot learn"
            " what it never sees.",
            fault="no labels of a posture",
        )


def with_validation(material: Material, seed: int = 0) -> Material:
    """The material with a validation side, cut from its training side by infant if it has none.

    Raises:
        InvalidInput: the training side holds one infant only, or nobody says who is who and there
            is one recording only.
    """
    if material.validation or not material.train:
        return material
    whose = _who(material.train)
    counted = Counter(whose)
    if len(counted) < 2:
        raise InvalidInput(
            f"{material.name} holds one infant only in its training split, so that no other one"
            " is left to choose the best checkpoint by. Add recordings of another infant, or give"
            " the release a validation split.",
            fault="one infant only",
        )
    chosen = _chosen(counted, seed)
    pairs = list(zip(material.train, whose, strict=True))
    train = tuple(sample for sample, who in pairs if who not in chosen)
    held = tuple(sample for sample, who in pairs if who in chosen)
    note = (
        f"No validation split came with {material.name}: {len(chosen)} of {len(counted)}"
        f" {'infants' if material.train[0].infant else 'groups of images'} of its training split,"
        f" with {len(held):,} of {len(pairs):,} images, are kept aside to choose the best"
        " checkpoint by."
    )
    parts = {**material.parts, TRAIN: train, VALIDATION: held}
    return replace(material, parts=parts, notes=(*material.notes, note))


def _who(part: Sequence[Sample]) -> list[str]:
    """For each sample the name of what must not fall on both sides: infant, else film, else
    folder; where not even folders differ, runs of images that follow one another."""
    by_infant = [sample.infant for sample in part]
    if all(by_infant):
        return by_infant
    for names in (
        [sample.recording for sample in part],
        [sample.image.parent.as_posix() for sample in part],
    ):
        if all(names) and len(set(names)) > 1:
            return names
    run = max(1, len(part) // 20)
    order = sorted(range(len(part)), key=lambda i: part[i].image.name)
    place = {i: rank // run for rank, i in enumerate(order)}
    return [str(place[i]) for i in range(len(part))]


def _chosen(counted: Counter[str], seed: int) -> set[str]:
    """Whose images are held out: drawn one after another until they are enough."""

    def drawn(who: str) -> bytes:
        return hashlib.sha256(f"{seed}/{who}".encode()).digest()

    wanted = SHARE * counted.total()
    chosen: set[str] = set()
    held = 0
    for who in sorted(counted, key=drawn):
        if held < wanted and held + counted[who] <= 2 * wanted + MIN_SAMPLES:
            chosen.add(who)
            held += counted[who]
    return chosen if 0 < len(chosen) < len(counted) else {min(counted, key=lambda w: counted[w])}
