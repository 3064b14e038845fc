"""The first pass over labels: what would be imported, what is odd, and what may be chosen."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, field_validator, model_validator

from backend.core.jobs.schemas import JobOut
from backend.domain.errors import InvalidInput
from backend.domain.file_names import How
from backend.domain.infants import PersonRole, RoleChoice, WhoIfUnclear
from backend.domain.oddities import Answer, Answers, Odd
from backend.domain.orientation import LabelPixels
from backend.domain.pixels import PixelRule, RuleOrigin
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import SKELETONS, Told

BY_NAMES = "by_names"
EVERY_CATEGORY = "*"

ShortText = Annotated[str, StringConstraints(max_length=200)]


class ChoicesIn(BaseModel):
    """What a maintainer chose for the import of labels."""

    odd: dict[Odd, Answer] = Field(
        default_factory=dict, description="What to do about single kinds of oddities."
    )
    otherwise: Answer | None = Field(
        default=None,
        description="What to do about all other kinds that lose something or are a guess."
        " By default each kind's own answer holds.",
    )
    skeletons: dict[ShortText, ShortText] = Field(
        default_factory=dict,
        max_length=1000,
        description="Known skeleton, or `by_names`, by category id or name; `*` for all others.",
    )
    infant_category: ShortText | None = Field(
        default=None,
        description="Name or id of the category of the infants; empty for none of them."
        " By default the names decide.",
    )
    pixels: PixelRule | None = Field(
        default=None,
        description="What joint coordinates are measured from: `index` (0 is the centre of "
        "the first pixel) or"
        " `continuous` (0 is its outer corner). By default what the file declares, `index` "
        "where all are whole numbers, otherwise `continuous`, which is reported.",
    )
    exif: LabelPixels | None = Field(
        default=None,
        description="Whether joints, boxes and masks of photographs rotated by Exif are in `stored`"
        " or in `upright` pixels, where the sizes in the file do not tell. Without it such a file"
        " is refused.",
    )

    @field_validator("skeletons")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value.values():
            if name != BY_NAMES and name not in SKELETONS:
                known = ", ".join((BY_NAMES, *SKELETONS))
                raise ValueError(f"there is no skeleton {name}; known: {known}")
        return value

    @model_validator(mode="after")
    def _offered(self) -> ChoicesIn:
        try:
            self.answers()
        except InvalidInput as error:
            raise ValueError(error.message) from error
        return self

    format: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")] | None = Field(
        default=None,
        description="Name of the format of the labels; by default their content tells.",
    )
    joints: dict[ShortText, dict[ShortText, ShortText]] = Field(
        default_factory=dict,
        max_length=1000,
        description="What single joints become, by the key of their skeleton (`*` for all) and"
        " their name: a joint of COCO, or an empty text for none.",
    )
    people: dict[ShortText, RoleChoice] = Field(
        default_factory=dict,
        max_length=1000,
        description="What the people of a category are, by its id or name: `infant`, `other`, or"
        " `skip` to leave them out.",
    )
    unclear: WhoIfUnclear = Field(
        default=WhoIfUnclear.ALONE,
        description="Who is proposed as the infant in images where nothing tells.",
    )

    @field_validator("joints")
    @classmethod
    def _coco(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for name in (name for changes in value.values() for name in changes.values()):
            if name and name not in JOINTS:
                raise ValueError(f"COCO has no joint {name}; known: {', '.join(JOINTS)}")
        return value

    def answers(self) -> Answers:
        """The answers to oddities, as the rules take them."""
        return Answers(self.odd, self.otherwise)


class LabelFiles(BaseModel):
    """Labels and what they label, all uploaded."""

    upload_ids: list[int] = Field(
        default_factory=list,
        max_length=100_000,
        description="Images, or an archive of them, which may hold the labels as well; videos of"
        " which labels name frames.",
    )
    coco_upload_id: int | None = Field(
        default=None, description="A COCO file. For files of other tools: `label_upload_ids`."
    )
    label_upload_ids: list[int] = Field(
        default_factory=list,
        max_length=10_000,
        description="Files of labels, of any format that is read.",
    )

    def labels(self) -> list[int]:
        """Uploads that were sent as labels."""
        return ([] if self.coco_upload_id is None else [self.coco_upload_id]) + [
            *self.label_upload_ids
        ]


class CheckIn(LabelFiles):
    """Labels and their images, uploaded, to be looked through before an import."""

    choices: ChoicesIn = ChoicesIn()

    @model_validator(mode="after")
    def _something(self) -> CheckIn:
        if not self.uploads():
            raise ValueError("name at least one upload")
        if self.coco_upload_id is not None and not self.upload_ids:
            raise ValueError("a COCO file needs its images")
        return self

    def uploads(self) -> list[int]:
        """Ids of all uploads that are read."""
        return [*self.upload_ids, *self.labels()]


class PlaceOut(BaseModel):
    """Where something is odd: image file, annotation id, place in the document, what is there."""

    image: str | None
    annotation: str | None
    where: str
    detail: str


class AnswerOut(BaseModel):
    """One thing that may be done about a kind, and what it does."""

    answer: Answer
    text: str


class OddOut(BaseModel):
    """One kind of oddity that was met."""

    kind: Odd
    group: str
    title: str
    count: int
    amount: str
    """The count with its unit."""
    places: list[PlaceOut]
    answers: list[AnswerOut]
    answer: Answer
    """What was chosen, or what is done where nobody chooses."""
    asks: bool
    """Whether a person should look at it: it loses something, or it is a guess."""
    text: str
    """All of it in one sentence."""


class MappedJointOut(BaseModel):
    """One joint of the file's skeleton, and the COCO joint that it becomes; none: it is dropped."""

    joint: str
    coco: str | None


class SkeletonOut(BaseModel):
    """A known skeleton, as it is chosen and in words."""

    name: str
    title: str


class CategoryOut(BaseModel):
    """One category of the file: people who are called the same."""

    id: str
    key: str
    """By what key its skeleton is chosen, and its joints are mapped."""
    name: str
    people: int
    """Annotations with joints."""
    joints: int
    role: PersonRole
    told: Told | None
    skeleton: str | None
    """What its skeleton was taken for, in words."""
    taken: bool
    """Whether its people are imported."""
    table: list[MappedJointOut]
    absent: list[str]
    """COCO joints that the skeleton has not."""
    alternatives: list[SkeletonOut]
    """Known skeletons with as many joints, which may be chosen instead."""


class NameOut(BaseModel):
    """A name in the COCO file, and the file that was found or would fit; empty for none."""

    wanted: str
    found: str


class NamesOut(BaseModel):
    """How many names found their image in one way, and the first few."""

    how: How
    title: str
    count: int
    examples: list[NameOut]


class PixelsOut(BaseModel):
    """What the joints of the file count."""

    rule: PixelRule
    origin: RuleOrigin
    """`assumed` where nothing tells: then a person should choose."""
    text: str


class TurnedOut(BaseModel):
    """Photographs with labels that Exif turns."""

    images: int
    unknown: int
    """Those for which nothing tells which pixels their labels count: then a person must choose."""
    examples: list[str]
    notes: list[str]
    """What is done about the others, in words."""


class LabelVideoOut(BaseModel):
    """A video of which labels name frames."""

    name: str
    frames: int
    found: str
    """The file that was sent for it; empty where none fits."""


class FirstPass(BaseModel):
    """What a first pass found. Nothing is imported by it."""

    file: str
    format: str
    """Name of the format."""
    title: str
    """The format in words."""
    results: bool
    """Whether the file is a list of results, without images."""
    images: int
    """Images that become frames."""
    people: int
    """People who may be the infant."""
    apart: int
    """Crowds and people without joints, who are kept apart."""
    proposed: int
    """Frames in which somebody is proposed as the infant."""
    unclear: int
    """Frames with people, none of whom is proposed."""
    videos: list[LabelVideoOut]
    notes: list[str]
    """What else there is to say: what the format has and is not taken over."""
    names: list[NamesOut]
    categories: list[CategoryOut]
    infant_category: str | None
    """Id of the category that is proposed as the infant; none where the names do not tell."""
    odd: list[OddOut]
    pixels: PixelsOut
    turned: TurnedOut
    refused: str | None
    """Why nothing can be imported with these choices; none where the import can begin."""


class LabelFormatOut(BaseModel):
    """A format of labels that is read."""

    name: str
    title: str


class CheckOut(BaseModel):
    """A first pass: its job, and what it found once the job has succeeded."""

    job: JobOut
    report: FirstPass | None
