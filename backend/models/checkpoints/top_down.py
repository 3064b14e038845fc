"""The top-down networks of mmpose's model zoo that are measured on InfantNet (its Table 3).

One row of the table each: which configuration of mmpose 1.3.2 describes it, how it is used, and
where its authors publish what was trained on COCO. Addresses, scores and hash prefixes are those of
mmpose's model index; the eight hex digits before the date in a file's name are the start of its
SHA-256. For ResNet-101 at 384×288 the index names the file of 256×192; what is named here is the
file that mmpose's documentation named for it before. Files from 2020 and from March 2022 were
written by mmpose before its version 1; :func:`.architectures.current_name` reads their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from backend.models.checkpoints.designs import ARCHITECTURES, HeatmapConfig
from backend.models.checkpoints.known import KnownWeights

FOLDER: Final = "body_2d_keypoint/topdown_heatmap/coco/td-hm_"
"""Of mmpose's configurations, and how their names begin."""
_ZOO: Final = "https://download.openmmlab.com/mmpose/"
_COCO: Final = "v1/body_2d_keypoint/topdown_heatmap/coco/td-hm_"
_PREFIX: Final = re.compile(r"-([0-9a-f]{8})_\d{8}\.pth$")

ZOO_SOURCE: Final = "mmpose's table of inference speeds"
HRFORMER_SOURCE: Final = "Yuan et al., HRFormer (NeurIPS 2021)"
VITPOSE_SOURCE: Final = "Xu et al., ViTPose (NeurIPS 2022)"


@dataclass(frozen=True, slots=True)
class TopDown:
    """One row of InfantNet's Table 3.

    Attributes:
        name: Of the checkpoint, and of the recipe.
        title: As the table calls the network.
        architecture: Whose tensors it has.
        config: Name of mmpose's configuration, without what all of them begin with.
        address: Of the published file, below mmpose's downloads.
        ap: On COCO val2017, as mmpose's model index has it.
        used: Size of the input and codec.
        millions: Parameters as published; None where nobody says.
        counted: What the published number counts.
        source: Who published it.
    """

    name: str
    title: str
    architecture: str
    config: str
    address: str
    ap: float
    used: HeatmapConfig
    millions: float | None
    counted: Literal["network", "backbone"] = "network"
    source: str = ZOO_SOURCE

    @property
    def size(self) -> str:
        """Of the input, height first as in papers."""
        return f"{self.used.height}×{self.used.width}"

    @property
    def config_file(self) -> str:
        """mmpose's configuration, below its folder of configurations."""
        return f"{FOLDER}{self.config}.py"

    def weights(self) -> KnownWeights:
        """The published file."""
        found = _PREFIX.search(self.address)
        assert found is not None
        return KnownWeights(
            self.name,
            ARCHITECTURES[self.architecture].kind,
            ARCHITECTURES[self.architecture].variant,
            _ZOO + self.address,
            found[1],
            None,
            f"{self.title} at {self.size}, one pose per box, trained on COCO; COCO val AP"
            f" {self.ap:.3f}.".replace(" 0.", " ."),
            architecture=self.architecture,
            config=self.used,
        )


def _rows() -> tuple[TopDown, ...]:
    both = {"256x192": HeatmapConfig(), "384x288": HeatmapConfig(width=288, height=384)}
    dark = {size: used.model_copy(update={"codec": "dark"}) for size, used in both.items()}
    udp = HeatmapConfig(codec="udp")
    square = [HeatmapConfig(width=side, height=side) for side in (256, 384)]
    rows = [
        TopDown(
            f"hourglass-{used.width}", "Hourglass", "hourglass",
            f"hourglass52_8xb32-210e_coco-{used.width}x{used.width}",
            f"top_down/hourglass/hourglass52_coco_{used.width}x{used.width}-{stamp}.pth",
            ap, used, 94.85,
        )
        for used, stamp, ap in zip(
            square, ("4ec713ba_20200709", "be91ba2b_20200812"), (0.726, 0.746), strict=True
        )
    ]  # fmt: skip
    for depth, size, batch, stamp, ap, millions in (
        (50, "256x192", 64, "04af38ce_20220923", 0.718, 34.00),
        (50, "384x288", 64, "7b8db90e_20220923", 0.731, 34.00),
        (101, "256x192", 64, "065d3625_20220926", 0.728, 52.99),
        (101, "384x288", 32, "", 0.749, 52.99),
        (152, "256x192", 32, "0345f330_20220928", 0.736, 68.64),
        (152, "384x288", 32, "7fbb906f_20220927", 0.750, 68.64),
    ):
        config = f"res{depth}_8xb{batch}-210e_coco-{size}"
        address = f"{_COCO}{config}-{stamp}.pth"
        if not stamp:
            address = "top_down/resnet/res101_coco_384x288-8c71bdc9_20200709.pth"
        rows.append(
            TopDown(
                _named(f"resnet-{depth}", size), f"ResNet-{depth}", f"resnet-{depth}", config,
                address, ap, both[size], millions,
            )
        )  # fmt: skip
    for width, codec, size, stamp, ap in (
        (32, "", "256x192", "81c58e40_20220909", 0.746),
        (32, "", "384x288", "ca5956af_20220909", 0.760),
        (48, "", "256x192", "0e67c616_20220913", 0.756),
        (48, "", "384x288", "c161b7de_20220915", 0.767),
        (32, "dark", "256x192", "0e00bf12_20220914", 0.757),
        (32, "dark", "384x288", "9bab4c9b_20220917", 0.766),
        (48, "dark", "256x192", "e1ebdd6f_20220913", 0.764),
        (48, "dark", "384x288", "39c3c381_20220916", 0.772),
    ):
        joined = f"_{codec}-" if codec else "_"
        config = f"hrnet-w{width}{joined}8xb{64 if width == 32 else 32}-210e_coco-{size}"
        name = _named(f"hrnet-w{width}{'-dark' if codec else ''}", size)
        title = f"HRNet-W{width}{' with DARK' if codec else ''}"
        used = dark[size] if codec else both[size]
        rows.append(
            TopDown(
                name, title, f"hrnet-w{width}", config, f"{_COCO}{config}-{stamp}.pth", ap, used,
                28.54 if width == 32 else 63.60,
            )
        )  # fmt: skip
    for word, size, stamp, ap in (
        ("small", "256x192", "5310d898_20220316", 0.738),
        ("small", "384x288", "98d237ed_20220316", 0.757),
        ("base", "256x192", "6f5f1169_20220316", 0.754),
        ("base", "384x288", "ecf0758d_20220316", 0.774),
    ):
        rows.append(
            TopDown(
                _named(f"hrformer-{word[0]}", size), f"HRFormer-{word[0].upper()}",
                f"hrformer-{word[0]}", f"hrformer-{word}_8xb32-210e_coco-{size}",
                f"top_down/hrformer/hrformer_{word}_coco_{size}-{stamp}.pth", ap, both[size],
                7.8 if word == "small" else 43.2, source=HRFORMER_SOURCE,
            )
        )  # fmt: skip
    transformers: tuple[tuple[str, str, float, float | None], ...] = (
        ("small", "62d7a712_20230314", 0.739, None),
        ("base", "216eae50_20230314", 0.757, 86.0),
        ("large", "53609f55_20230314", 0.782, 307.0),
        ("huge", "e32adcd4_20230314", 0.788, 632.0),
    )
    for word, stamp, ap, published in transformers:
        config = f"ViTPose-{word}_8xb64-210e_coco-256x192"
        rows.append(
            TopDown(
                f"vitpose-{word[0]}", f"ViTPose-{word[0].upper()}", f"vitpose-{word[0]}", config,
                f"{_COCO}{config}-{stamp}.pth", ap, udp, published, "backbone", VITPOSE_SOURCE,
            )
        )  # fmt: skip
    return tuple(rows)


def _named(name: str, size: str) -> str:
    """The smaller input goes without saying."""
    return name if size == "256x192" else f"{name}-384"


TOP_DOWN: Final = _rows()
"""All rows, in the order of the table."""

BY_NAME: Final = {row.name: row for row in TOP_DOWN}
