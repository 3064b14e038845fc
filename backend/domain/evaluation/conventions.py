"""What each number means: definition, source, and the conventions that decide its value.

The table is data, so that it can be frozen with a release and shown beside the numbers. Whoever
changes a convention raises ``VERSION``: numbers of different versions are not comparable.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

VERSION: Final = 1

_COCO: Final = "cocodataset.org, Keypoint Evaluation; pycocotools COCOeval('keypoints')"
_AREA: Final = (
    "the truth's “area” (segment); of predictions the box they bring, else the rectangle"
    " around all joints"
)
_COCO_PEOPLE: Final = (
    "all but crowds and people without labelled joints, which are ignored; at most 20"
    " predictions an image"
)
_NEAREST: Final = (
    "people with a labelled joint, no crowds; each with the prediction of highest OKS,"
    " whatever its score, each used once"
)
_ALIGNED: Final = "shifted so that the pelvises meet; neither turned nor scaled"
_PELVIS: Final = "middle of the hips of 17 COCO joints; joint 0 of 24 SMPL joints"


@dataclass(frozen=True, slots=True)
class Convention:
    """One measure. An empty text means that the question does not arise.

    Attributes:
        name: As in results.
        title: For people.
        definition: How it is computed.
        source: Where it comes from.
        unit: Of its values.
        better: ``higher``, ``lower``.
        people: Who counts, and which prediction belongs to whom.
        area: What areas are taken from.
        box: What boxes are taken from.
        length: What distances are divided by.
        pelvis: What counts as pelvis.
        alignment: What is done to a prediction before it is compared.
    """

    name: str
    title: str
    definition: str
    source: str
    unit: str = "share"
    better: str = "higher"
    people: str = ""
    area: str = ""
    box: str = ""
    length: str = ""
    pelvis: str = ""
    alignment: str = ""


def _coco(name: str, title: str, definition: str) -> Convention:
    box = (
        "where a person has no labelled joint: the region around the truth's box, grown by"
        " its own size on each side"
    )
    return Convention(name, title, definition, _COCO, people=_COCO_PEOPLE, area=_AREA, box=box)


def _pck(name: str, title: str, length: str, source: str) -> Convention:
    definition = (
        "share of labelled joints (visible and occluded) whose prediction lies within the"
        " threshold × length; joints of people without a prediction are wrong; people without"
        " such a length are left out"
    )
    return Convention(name, title, definition, source, people=_NEAREST, length=length)


CONVENTIONS: Final[tuple[Convention, ...]] = (
    _coco(
        "AP",
        "Average precision",
        ("mean over OKS thresholds .50, .55 … .95 of the precision read at 101 recalls"),
    ),
    _coco(
        "AP.5",
        "Average precision at OKS .50",
        "as AP, one threshold",
    ),
    _coco(
        "AP.75",
        "Average precision at OKS .75",
        "as AP, one threshold",
    ),
    _coco(
        "AP_M",
        "Average precision, medium people",
        "as AP; only people with an area of 32² to 96² px count",
    ),
    _coco(
        "AP_L",
        "Average precision, large people",
        "as AP; only people with an area above 96² px count",
    ),
    _coco(
        "AR",
        "Average recall",
        "mean over the ten thresholds of the share of people found",
    ),
    _coco(
        "AR.5",
        "Average recall at OKS .50",
        "as AR, one threshold",
    ),
    _coco(
        "AR.75",
        "Average recall at OKS .75",
        "as AR, one threshold",
    ),
    _coco(
        "AR_M",
        "Average recall, medium people",
        "as AR; only people with an area of 32² to 96² px count",
    ),
    _coco(
        "AR_L",
        "Average recall, large people",
        "as AR; only people with an area above 96² px count",
    ),
    Convention(
        "OKS",
        "Mean OKS",
        ("mean over people of the OKS of their prediction, 0 where there is none"),
        _COCO,
        people=_NEAREST,
        area="the truth's “area”",
    ),
    _pck(
        "PCK_box@0.1",
        "PCK, 0.1 of the box",
        "longer side of the truth's box",
        ("Yang & Ramanan 2013; robust for infants who are seen along the body's axis"),
    ),
    _pck(
        "PCK_torso@0.2",
        "PCK, 0.2 of the torso",
        ("longer of the labelled diagonals left shoulder – right hip, right shoulder – left hip"),
        (
            "the usual PCK of single people (FLIC, J-HMDB); too strict where the torso is"
            " foreshortened"
        ),
    ),
    _pck(
        "PCKh@0.5",
        "PCKh, 0.5 of the head",
        (
            "“head_length” of the truth where each person has one; else, for all, the largest"
            " distance between two labelled joints of the face (at least three of nose, eyes,"
            " ears). The latter is not comparable with MPII; an infant's head is also larger"
            " beside the body than an adult's"
        ),
        "Andriluka et al. 2014, adapted",
    ),
    Convention(
        "AJPE",
        "Average joint position error",
        (
            "mean distance of labelled joints from their prediction; people without a"
            " prediction are left out and counted beside it"
        ),
        "InfantNet",
        unit="px",
        better="lower",
        people=_NEAREST,
    ),
    Convention(
        "AJPE_median",
        "Median joint position error",
        "as AJPE, the median",
        "InfantNet, adapted",
        unit="px",
        better="lower",
        people=_NEAREST,
    ),
    Convention(
        "ECE",
        "Expected calibration error",
        (
            "mean over predictions of |mean score − mean OKS| of the predictions in the same"
            " tenth of scores; OKS is 0 where a prediction is nobody's"
        ),
        "Guo et al. 2017; Ronchi & Perona 2017",
        better="lower",
        people="predictions matched as for AP at OKS .1; ignored ones left out",
    ),
    Convention(
        "MPJPE",
        "Mean per-joint position error",
        "mean distance of joints in 3D, averaged per body",
        "Ionescu et al. 2014",
        unit="mm",
        better="lower",
        pelvis=_PELVIS,
        alignment=_ALIGNED,
    ),
    Convention(
        "MPJPE_unaligned",
        "Mean per-joint position error, unaligned",
        "as MPJPE, in the coordinates as given",
        "Ionescu et al. 2014",
        unit="mm",
        better="lower",
        alignment="none",
    ),
    Convention(
        "PA-MPJPE",
        "Procrustes-aligned MPJPE",
        "as MPJPE after alignment",
        "Goel et al. 2023 (4D-Humans); Umeyama 1991",
        unit="mm",
        better="lower",
        alignment=("shifted, turned and scaled to lie as near as possible; never mirrored"),
    ),
    Convention(
        "PVE",
        "Per-vertex error",
        "mean distance of the vertices of the same mesh, averaged per body",
        "Pavlakos et al. 2018",
        unit="mm",
        better="lower",
        pelvis=(
            "middle of the hips of 17 COCO joints; joint 0 of 24 SMPL joints, from the joints"
            " of the same file"
        ),
        alignment=_ALIGNED,
    ),
    Convention(
        "PVE_unaligned",
        "Per-vertex error, unaligned",
        "as PVE, in the coordinates as given",
        "Pavlakos et al. 2018",
        unit="mm",
        better="lower",
        alignment="none",
    ),
    Convention(
        "top1",
        "Top-1 accuracy",
        (
            "share of frames whose highest score is that of the true posture; of equal scores"
            " the first column's"
        ),
        "AIMS classification of InfantNet",
    ),
    Convention(
        "top1_balanced",
        "Balanced accuracy",
        "mean over the postures that occur of the share recognised",
        "AIMS classification of InfantNet, adapted",
    ),
    Convention(
        "top1_groups",
        "Top-1 accuracy of groups",
        "as top1, by prone, supine, sitting, standing",
        "AIMS classification of InfantNet",
    ),
)

BY_NAME: Final = {convention.name: convention for convention in CONVENTIONS}


def table() -> dict[str, Any]:
    """The conventions as JSON values, to be frozen with a release."""
    return {"version": VERSION, "measures": [asdict(convention) for convention in CONVENTIONS]}
