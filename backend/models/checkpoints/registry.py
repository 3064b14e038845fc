"""The checkpoints that the product knows by name: the list from which rows are registered.

Sources: addresses and hash prefixes of RTMO from mmpose 1.3.2's model index (the eight hex digits
before the date in a file's name are the start of its SHA-256); those of top-down networks in
``top_down.py``; addresses of SAM 2.1 from its README. SAM 2.1's authors publish no hashes: these,
and the full ones of RTMO, are those that independent public projects pin for the same files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from backend.models.checkpoints.designs import RtmoConfig, WeightKind
from backend.models.checkpoints.known import KnownWeights
from backend.models.checkpoints.top_down import TOP_DOWN

_RTMO: Final = "https://download.openmmlab.com/mmpose/v1/projects/rtmo/"
_SAM: Final = "https://dl.fbaipublicfiles.com/segment_anything_2/092824/"

_ALL: Final = (
    KnownWeights(
        "rtmo-l",
        WeightKind.POSE,
        "l",
        _RTMO + "rtmo-l_16xb16-600e_body7-640x640-b37118ce_20231211.pth",
        "b37118cee39b43531c23d9e443fbb4f0b8987f590d9c6ed61978d12ecfce84df",
        179_277_852,
        "RTMO-L trained on seven datasets; COCO val AP .748. The default once it is here.",
        architecture="rtmo-l",
    ),
    KnownWeights(
        "rtmo-l-coco",
        WeightKind.POSE,
        "l",
        _RTMO + "rtmo-l_16xb16-600e_coco-640x640-516a421f_20231211.pth",
        "516a421f",
        None,
        "RTMO-L trained on COCO only; COCO val AP .724.",
        architecture="rtmo-l",
    ),
    KnownWeights(
        "rtmo-m",
        WeightKind.POSE,
        "m",
        _RTMO + "rtmo-m_16xb16-600e_body7-640x640-39e78cc4_20231211.pth",
        "39e78cc4",
        None,
        "RTMO-M trained on seven datasets; COCO val AP .726.",
        architecture="rtmo-m",
    ),
    KnownWeights(
        "rtmo-s",
        WeightKind.POSE,
        "s",
        _RTMO + "rtmo-s_8xb32-600e_body7-640x640-dac2bf74_20231211.pth",
        "dac2bf749bbfb51e69ca577ca0327dff4433e3be9a56b782f0b7ef94fb45247e",
        39_766_454,
        "RTMO-S trained on seven datasets; COCO val AP .686.",
        architecture="rtmo-s",
    ),
    KnownWeights(
        "rtmo-t",
        WeightKind.POSE,
        "t",
        _RTMO + "rtmo-t_8xb32-600e_body7-416x416-f48f75cb_20231219.pth",
        "f48f75cb",
        None,
        "RTMO-T trained on seven datasets, 416 px; COCO val AP .574.",
        architecture="rtmo-t",
    ),
    *(network.weights() for network in TOP_DOWN),
    KnownWeights(
        "sam2.1-tiny",
        WeightKind.SEGMENT,
        "tiny",
        _SAM + "sam2.1_hiera_tiny.pt",
        "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69",
        156_008_466,
        "SAM 2.1 with Hiera-T: the smallest, for machines without a GPU.",
        architecture="sam2.1-tiny",
    ),
    KnownWeights(
        "sam2.1-small",
        WeightKind.SEGMENT,
        "small",
        _SAM + "sam2.1_hiera_small.pt",
        "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38",
        184_416_285,
        "SAM 2.1 with Hiera-S.",
        architecture="sam2.1-small",
    ),
    KnownWeights(
        "sam2.1-base_plus",
        WeightKind.SEGMENT,
        "base_plus",
        _SAM + "sam2.1_hiera_base_plus.pt",
        "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
        323_606_802,
        "SAM 2.1 with Hiera-B+.",
        architecture="sam2.1-base_plus",
    ),
    KnownWeights(
        "sam2.1-large",
        WeightKind.SEGMENT,
        "large",
        _SAM + "sam2.1_hiera_large.pt",
        "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318",
        898_083_611,
        "SAM 2.1 with Hiera-L. The default once it is here.",
        architecture="sam2.1-large",
    ),
)

_BLAZEPOSE: Final = (
    ("heavy", "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe", 27_709_200),
    ("lite", "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61", 2_819_824),
)
"""Size, SHA-256 and bytes of the landmark networks in npm's @mediapipe/pose 0.5.1675469404."""

DEMO_POSE: Final = "rtmo-t-demo"
"""The shipped pose model, which pre-labels the rendered demo where there is no real one."""

MIN_DEMO_AP: Final = 0.25
"""AP on the demo recordings from which on the shipped model pre-labels them. Below it, annotators
would correct more than they accept, and simulated pre-labels, named so, show the program better."""

_ASSETS: Final = Path(__file__).parent / "assets"

PACKAGED: Final = _ASSETS / "packaged"
"""Where set-up puts the files of BlazePose, out of the package that its authors publish."""

DETECTOR: Final = PACKAGED / "pose_detection.tflite"
"""BlazePose's detector of people, which goes with every size of its landmark network."""


def _packaged() -> tuple[KnownWeights, ...]:
    """BlazePose: what a newcomer's real recordings are pre-labelled with (see ``NOTICE``)."""
    trained = (
        "trained on adults; one of MediaPipe Pose’s networks. Infants who lie are looked for in "
        "turned squares. For real recordings where RTMO is not at hand."
    )
    return tuple(
        KnownWeights(
            f"blazepose-{variant}",
            WeightKind.POSE,
            variant,
            "",
            digest,
            size,
            f"BlazePose {variant}, {trained}",
            architecture=f"blazepose-{variant}",
            shipped=PACKAGED / f"pose_landmark_{variant}.tflite",
        )
        for variant, digest, size in _BLAZEPOSE
    )


def _shipped() -> tuple[KnownWeights, ...]:
    """The checkpoint that ships, as the file beside it describes it; none where it is missing."""
    try:
        told = json.loads((_ASSETS / f"{DEMO_POSE}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return (
        KnownWeights(
            DEMO_POSE,
            WeightKind.POSE,
            told["variant"],
            "",
            told["sha256"],
            told["bytes"],
            "RTMO-T trained on rendered infants only, demonstration only: AP "
            f"{_short(told['ap_held_out'])} on held-out renders. Not for real recordings.",
            architecture=f"rtmo-{told['variant']}",
            shipped=_ASSETS / f"{DEMO_POSE}.pth",
            demonstration=True,
            config=RtmoConfig(side=told["side"], least_score=told["least_score"]),
            prelabels_demo=told["ap_demo"] >= MIN_DEMO_AP,
        ),
    )


def _short(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


KNOWN: Final[Mapping[str, KnownWeights]] = MappingProxyType(
    {known.name: known for known in (*_ALL, *_packaged(), *_shipped())}
)
"""All that ship or are published, by name."""

DEFAULT_POSE: Final = "rtmo-l"
DEFAULT_SEGMENT: Final = "sam2.1-large"
