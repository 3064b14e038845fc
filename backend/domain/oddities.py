"""What can be odd in a file of labels, and what a maintainer may choose to do about it.

One odd element never costs a whole import. A first pass lists what is odd, grouped by kind; for
each kind the maintainer chooses: *map* it as said here, *skip* the odd element, or *cancel*. Where
nobody is asked, ``default`` holds: what is unambiguous and loses nothing is mapped, everything else
is skipped. Nothing is ever done in silence: each kind that was met is said with its count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from backend.domain.errors import InvalidInput


class Answer(StrEnum):
    """What to do with the elements of one kind."""

    MAP = "map"
    SKIP = "skip"
    CANCEL = "cancel"


class Group(StrEnum):
    """Where a kind belongs when kinds are listed."""

    FILE = "The file"
    IMAGES = "Images"
    CATEGORIES = "Categories and skeletons"
    PEOPLE = "People"
    JOINTS = "Joints"
    SHAPES = "Boxes and masks"


class Odd(StrEnum):
    """Kinds of oddities, in the order in which they are listed."""

    RESULTS_LIST = "results_list"
    ID_AS_TEXT = "id_as_text"
    IMAGE_UNREADABLE = "image_unreadable"
    IMAGE_REPEATED = "image_repeated"
    IMAGE_ID_TWICE = "image_id_twice"
    IMAGE_NAME_TWICE = "image_name_twice"
    IMAGE_NAME_DIFFERS = "image_name_differs"
    IMAGE_OTHER_FOLDER = "image_other_folder"
    IMAGE_OTHER_EXTENSION = "image_other_extension"
    IMAGE_BY_NUMBER = "image_by_number"
    IMAGE_AMBIGUOUS = "image_ambiguous"
    IMAGE_NOT_SENT = "image_not_sent"
    IMAGE_UNLISTED = "image_unlisted"
    IMAGE_BROKEN = "image_broken"
    IMAGE_SIZE_UNKNOWN = "image_size_unknown"
    IMAGE_SIZE_DIFFERS = "image_size_differs"
    CATEGORY_UNREADABLE = "category_unreadable"
    CATEGORY_TWICE = "category_twice"
    JOINTS_REORDERED = "joints_reordered"
    JOINTS_UNNAMED = "joints_unnamed"
    OTHER_SKELETON = "other_skeleton"
    SKELETON_BY_COUNT = "skeleton_by_count"
    SKELETON_UNKNOWN = "skeleton_unknown"
    CATEGORY_UNKNOWN = "category_unknown"
    ANNOTATION_UNREADABLE = "annotation_unreadable"
    ANNOTATION_REPEATED = "annotation_repeated"
    ANNOTATION_ID_TWICE = "annotation_id_twice"
    ANNOTATION_ID_MISSING = "annotation_id_missing"
    ANNOTATION_WITHOUT_IMAGE = "annotation_without_image"
    CROWD = "crowd"
    CROWD_FLAG_UNREADABLE = "crowd_flag_unreadable"
    PERSON_WITHOUT_JOINTS = "person_without_joints"
    SCORE_UNREADABLE = "score_unreadable"
    ORIGIN_UNREADABLE = "origin_unreadable"
    JOINTS_WRONG_LENGTH = "joints_wrong_length"
    JOINTS_NESTED = "joints_nested"
    JOINTS_WITHOUT_VISIBILITY = "joints_without_visibility"
    JOINTS_RELATIVE = "joints_relative"
    JOINT_AS_TEXT = "joint_as_text"
    JOINT_NOT_A_NUMBER = "joint_not_a_number"
    JOINT_AT_CORNER = "joint_at_corner"
    JOINT_TWICE = "joint_twice"
    JOINT_UNKNOWN = "joint_unknown"
    VISIBILITY_SCORE = "visibility_score"
    VISIBILITY_BOOLEAN = "visibility_boolean"
    VISIBILITY_UNKNOWN = "visibility_unknown"
    VISIBILITY_NEVER_SEEN = "visibility_never_seen"
    BOX_UNREADABLE = "box_unreadable"
    BOX_NEGATIVE = "box_negative"
    BOX_AS_CORNERS = "box_as_corners"
    AREA_UNREADABLE = "area_unreadable"
    OUTLINE_UNREADABLE = "outline_unreadable"
    OUTLINE_FLAT = "outline_flat"
    MASK_UNREADABLE = "mask_unreadable"
    SHAPE_LEFT_OUT = "shape_left_out"


@dataclass(frozen=True, slots=True)
class OddRule:
    """One kind of oddity, in words for maintainers.

    Attributes:
        group: Where it is listed.
        unit: What is counted, in the singular.
        title: What is odd.
        skip: What skipping does.
        map: What mapping does; None where there is nothing to map to.
        default: What is done where nobody chose.
        asks: Whether a person should look at it: it loses something, or it is a guess.
    """

    group: Group
    unit: str
    title: str
    skip: str
    map: str | None = None
    default: Answer = Answer.SKIP
    asks: bool = True

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What may be chosen."""
        mapped = (Answer.MAP,) if self.map else ()
        return (*mapped, Answer.SKIP, Answer.CANCEL)

    def amount(self, count: int) -> str:
        """A count with its unit: ``1 box``, ``1,200 images``."""
        plural = {"category": "categories", "box": "boxes"}.get(self.unit, f"{self.unit}s")
        return f"{count:,} {self.unit if count == 1 else plural}"

    def done(self, answer: Answer) -> str:
        """What an answer does, in words."""
        if answer is Answer.CANCEL:
            return "the import is refused"
        return self.map if answer is Answer.MAP and self.map else self.skip


def _harmless(
    group: Group, unit: str, title: str, map_: str, skip: str = "they are left out"
) -> OddRule:
    return OddRule(group, unit, title, skip, map_, Answer.MAP, asks=False)


def _left_out(
    group: Group, unit: str, title: str, skip: str, map_: str | None = None, *, asks: bool = True
) -> OddRule:
    return OddRule(group, unit, title, skip, map_, Answer.SKIP, asks=asks)


_F, _I, _C, _P, _J, _S = Group

ODD_RULES: Final[Mapping[Odd, OddRule]] = {
    Odd.RESULTS_LIST: _harmless(
        _F, "file", "A list of results, without images and categories",
        "its people are read by their image ids", "nothing is read"),
    Odd.ID_AS_TEXT: _harmless(
        _F, "id", "Ids written as text or with a decimal point",
        "they are read as the ids that they stand for"),
    Odd.IMAGE_UNREADABLE: _left_out(
        _I, "image", "Images without an id or a file name", "they are left out"),
    Odd.IMAGE_REPEATED: _left_out(
        _I, "image", "Images listed a second time in the same words",
        "the repetition is left out", asks=False),
    Odd.IMAGE_ID_TWICE: _left_out(
        _I, "image", "Different images with the same id",
        "they are left out, because nobody can tell whose people are whose"),
    Odd.IMAGE_NAME_TWICE: _harmless(
        _I, "image", "One file listed under several image ids",
        "it becomes one frame with the people of all of them",
        "only the first of them is read"),
    Odd.IMAGE_NAME_DIFFERS: _harmless(
        _I, "image", "Names that differ in spelling, Unicode form, letter case or folder",
        "they are matched, because exactly one file fits each"),
    Odd.IMAGE_OTHER_FOLDER: _left_out(
        _I, "image", "The file name is there, but in another folder",
        "they are left out", "they are taken from that folder"),
    Odd.IMAGE_OTHER_EXTENSION: _left_out(
        _I, "image", "The file is there with another extension",
        "they are left out", "the file with the other extension is taken"),
    Odd.IMAGE_BY_NUMBER: _left_out(
        _I, "image", "Only a number at the end of the file name fits the image id",
        "they are left out", "the file whose number is the id is taken"),
    Odd.IMAGE_AMBIGUOUS: _left_out(
        _I, "image", "Several files fit one name, or one file fits several names",
        "they are left out, because none is certainly right"),
    Odd.IMAGE_NOT_SENT: _left_out(
        _I, "image", "Images whose file was not sent", "they are left out"),
    Odd.IMAGE_UNLISTED: _left_out(
        _I, "image", "Image files that the labels do not name",
        "they are left out", "they become frames without people", asks=False),
    Odd.IMAGE_BROKEN: _left_out(
        _I, "image", "Image files that cannot be read", "they are left out"),
    Odd.IMAGE_SIZE_UNKNOWN: _harmless(
        _I, "image", "Images without a usable width and height",
        "the size is taken from the image itself"),
    Odd.IMAGE_SIZE_DIFFERS: _left_out(
        _I, "image", "Images whose size differs from what the labels say",
        "they are left out, because their joints would be misplaced",
        "joints, boxes and outlines are scaled to the image; masks are dropped"),
    Odd.CATEGORY_UNREADABLE: _left_out(
        _C, "category", "Categories without an id", "they are left out"),
    Odd.CATEGORY_TWICE: _left_out(
        _C, "category", "Different categories with the same id",
        "the first is used, the others are left out"),
    Odd.JOINTS_REORDERED: _harmless(
        _C, "category", "COCO's joints in another order or spelling",
        "each joint goes where its name says"),
    Odd.JOINTS_UNNAMED: _harmless(
        _C, "category", "17 joints without names",
        "they are read in COCO's order", "the people of the category are left out"),
    Odd.OTHER_SKELETON: OddRule(
        _C, "category", "Another skeleton, recognised by the names of its joints",
        "the people of the category are left out",
        "joints that COCO has are used, the others are dropped", Answer.MAP),
    Odd.SKELETON_BY_COUNT: _left_out(
        _C, "category", "Another skeleton, guessed from the number of its joints",
        "the people of the category are left out", "joints are mapped as in the table shown"),
    Odd.SKELETON_UNKNOWN: _left_out(
        _C, "category", "A skeleton that is not known here",
        "the people of the category are left out"),
    Odd.CATEGORY_UNKNOWN: _left_out(
        _C, "annotation", "Annotations of a category that the file does not list",
        "they are left out", "they are taken for the file's one category of people"),
    Odd.ANNOTATION_UNREADABLE: _left_out(
        _P, "annotation", "Annotations that cannot be read", "they are left out"),
    Odd.ANNOTATION_REPEATED: _left_out(
        _P, "annotation", "Annotations listed a second time in the same words",
        "the repetition is left out", asks=False),
    Odd.ANNOTATION_ID_TWICE: _harmless(
        _P, "annotation", "Different annotations with the same id",
        "all are read, the later ones without an id", "only the first of them is read"),
    Odd.ANNOTATION_ID_MISSING: _harmless(
        _P, "annotation", "Annotations without a usable id", "they are read without an id"),
    Odd.ANNOTATION_WITHOUT_IMAGE: _left_out(
        _P, "annotation", "Annotations of an image that the file does not list",
        "they are left out"),
    Odd.CROWD: _harmless(
        _P, "annotation", "Crowds", "they are kept apart, and not offered as the infant"),
    Odd.CROWD_FLAG_UNREADABLE: _left_out(
        _P, "annotation", "A crowd flag that is neither 0 nor 1",
        "the flag is taken as 0", asks=False),
    Odd.PERSON_WITHOUT_JOINTS: _harmless(
        _P, "annotation", "People without any labelled joint",
        "they are kept apart, and not offered as the infant"),
    Odd.SCORE_UNREADABLE: _left_out(
        _P, "annotation", "A score that is not a number", "the score is dropped", asks=False),
    Odd.ORIGIN_UNREADABLE: _left_out(
        _P, "element", "A member “infantnet” that is not an object", "it is ignored", asks=False),
    Odd.JOINTS_WRONG_LENGTH: _left_out(
        _J, "annotation", "More or fewer joints than the category has",
        "the annotations are left out"),
    Odd.JOINTS_NESTED: _harmless(
        _J, "annotation", "Joints as a list of lists", "they are read joint by joint",
        "the annotations are left out"),
    Odd.JOINTS_WITHOUT_VISIBILITY: _left_out(
        _J, "annotation", "Joints with x and y, but without visibility",
        "the annotations are left out",
        "joints are taken as visible, those at (0, 0) as absent"),
    Odd.JOINTS_RELATIVE: _left_out(
        _J, "annotation", "All joints lie between 0 and 1, as shares of the image's size would",
        "the annotations are left out", "they are multiplied by the image's size"),
    Odd.JOINT_AS_TEXT: _harmless(
        _J, "joint", "Numbers written as text", "they are read as numbers",
        "the joints become absent"),
    Odd.JOINT_NOT_A_NUMBER: _left_out(
        _J, "joint", "Joints whose place is not a number (null, NaN, text)",
        "the joints become absent", asks=False),
    Odd.JOINT_AT_CORNER: _harmless(
        _J, "joint", "Joints marked as labelled at exactly (0, 0)",
        "they are absent, as everywhere in COCO", "they are taken as they stand"),
    Odd.JOINT_TWICE: _left_out(
        _J, "joint", "Joints that one person has twice", "they become absent"),
    Odd.JOINT_UNKNOWN: _left_out(
        _J, "joint", "Joints of a name that the skeleton does not have", "they are left out",
        asks=False),
    Odd.VISIBILITY_SCORE: _harmless(
        _J, "annotation", "A score between 0 and 1 in the place of visibility",
        "it is read as a model's score: visible from 0.3 on, occluded below",
        "the joints become absent"),
    Odd.VISIBILITY_BOOLEAN: _harmless(
        _J, "joint", "True in the place of visibility", "it is read as visible",
        "the joints become absent"),
    Odd.VISIBILITY_UNKNOWN: _left_out(
        _J, "joint", "A visibility that COCO does not know",
        "the joints become absent", "the joints are taken as placed but not seen"),
    Odd.VISIBILITY_NEVER_SEEN: OddRule(
        _J, "file", "No joint of the file is marked as visible (2), all are occluded (1)",
        "they are taken as they stand, occluded",
        "they are taken as visible: some tools write 1 for it"),
    Odd.BOX_UNREADABLE: _left_out(
        _S, "box", "Boxes that are not four numbers",
        "the box is drawn around the joints instead", asks=False),
    Odd.BOX_NEGATIVE: _left_out(
        _S, "box", "Boxes of negative width or height",
        "the box is drawn around the joints instead",
        "their corners are put in order", asks=False),
    Odd.BOX_AS_CORNERS: _left_out(
        _S, "box", "Boxes that fit the image only as two corners, not as a corner and a size",
        "the box is drawn around the joints instead", "they are read as two corners"),
    Odd.AREA_UNREADABLE: _left_out(
        _S, "area", "Areas that are negative or not a number", "the area is dropped", asks=False),
    Odd.OUTLINE_UNREADABLE: _left_out(
        _S, "outline", "Outlines of fewer than three points, or with something other than numbers",
        "these outlines are dropped, others of the same person stay", asks=False),
    Odd.OUTLINE_FLAT: _harmless(
        _S, "outline", "An outline that is not in a list of outlines",
        "it is read as the one outline", "it is dropped"),
    Odd.MASK_UNREADABLE: _left_out(
        _S, "mask", "Masks that are damaged, or of another size than their image",
        "the mask is dropped; joints and box stay", asks=False),
    Odd.SHAPE_LEFT_OUT: _left_out(
        _S, "shape", "Shapes that are no joint, box or mask of a person", "they are left out",
        asks=False),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What a maintainer chose.

    Attributes:
        chosen: Answers for single kinds.
        otherwise: The answer for every other kind that should be asked about; None for its default.
    """

    chosen: Mapping[Odd, Answer] = field(default_factory=dict)
    otherwise: Answer | None = None

    def __post_init__(self) -> None:
        for kind, answer in self.chosen.items():
            rule = ODD_RULES[kind]
            if answer not in rule.answers:
                offered = " or ".join(rule.answers)
                raise InvalidInput(f"{kind}: {answer} is not offered; choose {offered}.")

    def of(self, kind: Odd) -> Answer:
        """The answer for a kind."""
        rule = ODD_RULES[kind]
        if kind in self.chosen:
            return self.chosen[kind]
        if self.otherwise is not None and rule.asks and self.otherwise in rule.answers:
            return self.otherwise
        return rule.default
