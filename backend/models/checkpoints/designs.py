"""The architectures that the worker can run, and how a checkpoint of one is used.

A checkpoint's row keeps the configuration with which it is used; it begins as its architecture's
and may differ in what the tensors leave open, such as the size of the input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from backend.domain.errors import InvalidInput

Codec = Literal["msra", "dark", "udp"]
"""MSRA's (Xiao et al., ECCV 2018), the same with Zhang et al.'s distribution-aware reading (CVPR
2020), and the unbiased one (Huang et al., CVPR 2020)."""


class WeightKind(StrEnum):
    """What a model does with an image."""

    POSE = "pose"
    SEGMENT = "segment"


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RtmoConfig(_Config):
    """RTMO: whole images, letterboxed into a square."""

    design: Literal["rtmo"] = "rtmo"
    takes: Literal["image"] = "image"
    side: int = Field(ge=64, le=1536, multiple_of=32)
    """Of the input in pixels."""
    least_score: float = Field(default=0.1, ge=0, le=1)
    """People whom it scores below this are left out (mmpose's configuration: .1)."""


class HeatmapConfig(_Config):
    """Top-down networks such as HRNet or ViTPose: one person in a box, a heatmap a joint."""

    design: Literal["heatmap"] = "heatmap"
    takes: Literal["boxes"] = "boxes"
    width: int = Field(default=192, ge=64, le=1024, multiple_of=32)
    height: int = Field(default=256, ge=64, le=1024, multiple_of=32)
    codec: Codec = "msra"
    """How positions become cells of heatmaps and back; as the checkpoint was trained."""
    padding: float = Field(default=1.25, ge=1, le=3)
    """The input's extent over the box's."""
    flip: bool = True
    """Whether heatmaps are averaged with those of the mirrored input."""

    @property
    def heatmap(self) -> tuple[int, int]:
        """Columns and rows of a heatmap."""
        return self.width // 4, self.height // 4

    @property
    def sigma(self) -> float:
        """Of a joint's blob in cells: 2 at 256×192, in proportion at other sizes (mmpose)."""
        return self.height / 128

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the input."""
        return self.width, self.height


class BlazePoseConfig(_Config):
    """BlazePose: a detector over tiles of the image, then landmarks in a turned square each."""

    design: Literal["blazepose"] = "blazepose"
    takes: Literal["image"] = "image"
    levels: tuple[Annotated[int, Field(ge=1, le=8)], ...] = (1, 2)
    """Tiles' sides: the image's longer side divided by each; 1 is the whole image."""
    quarters: tuple[Annotated[int, Field(ge=0, le=3)], ...] = (0, 1, 3)
    """In which quarter turns the detector looks: infants lie in any direction."""
    looks: int = Field(default=3, ge=1, le=5)
    """How often landmarks are looked for, each time in the square that the last look proposes."""
    least_presence: float = Field(default=0.5, ge=0, le=1)
    """Poses of which the network is less sure that somebody is there are left out."""


class Sam2Config(_Config):
    """SAM 2.1: masks for points and boxes in an image."""

    design: Literal["sam2"] = "sam2"
    takes: Literal["prompts"] = "prompts"


AnyConfig = RtmoConfig | HeatmapConfig | BlazePoseConfig | Sam2Config
CheckpointConfig = Annotated[AnyConfig, Field(discriminator="design")]
_STORED: Final[TypeAdapter[AnyConfig]] = TypeAdapter(CheckpointConfig)


def read_config(stored: Mapping[str, Any]) -> AnyConfig:
    """A stored configuration.

    Raises:
        ValidationError: a newer version of the program wrote it.
    """
    return _STORED.validate_python(dict(stored))


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network by name.

    Attributes:
        name: As checkpoints name it.
        kind: Pose or segmentation.
        variant: Its size within its family.
        config: How its published checkpoints are used.
    """

    name: str
    kind: WeightKind
    variant: str
    config: AnyConfig


def _all() -> tuple[Architecture, ...]:
    pose, segment = WeightKind.POSE, WeightKind.SEGMENT
    udp = HeatmapConfig(codec="udp")
    return (
        Architecture("rtmo-t", pose, "t", RtmoConfig(side=416)),
        *(Architecture(f"rtmo-{v}", pose, v, RtmoConfig(side=640)) for v in "sml"),
        Architecture("hourglass", pose, "52", HeatmapConfig(width=256, height=256)),
        *(Architecture(f"resnet-{v}", pose, v, HeatmapConfig()) for v in ("50", "101", "152")),
        *(Architecture(f"hrnet-{v}", pose, v, HeatmapConfig()) for v in ("w32", "w48")),
        *(Architecture(f"hrformer-{v}", pose, v, HeatmapConfig()) for v in "sb"),
        *(Architecture(f"vitpose-{v}", pose, v, udp) for v in "sblh"),
        *(Architecture(f"blazepose-{v}", pose, v, BlazePoseConfig()) for v in ("lite", "heavy")),
        *(
            Architecture(f"sam2.1-{v}", segment, v, Sam2Config())
            for v in ("tiny", "small", "base_plus", "large")
        ),
    )


ARCHITECTURES: Final[Mapping[str, Architecture]] = MappingProxyType({a.name: a for a in _all()})
"""All architectures by name."""


def architecture_named(name: str) -> Architecture:
    """An architecture.

    Raises:
        InvalidInput: none has that name; the message lists those there are.
    """
    if name not in ARCHITECTURES:
        raise InvalidInput(
            f"No architecture is called {name!r}; there are {', '.join(ARCHITECTURES)}.",
            architecture=name,
        )
    return ARCHITECTURES[name]


def changed(
    architecture: Architecture,
    before: AnyConfig,
    changes: Mapping[str, Any],
) -> AnyConfig:
    """A configuration with some of its values changed.

    Raises:
        InvalidInput: a value is out of bounds, or the architecture has no such thing.
    """
    if not changes:
        return before
    wanted = dict(changes)
    if isinstance(before, RtmoConfig) and {"width", "height"} & wanted.keys():
        sides = {wanted.pop(key) for key in ("width", "height") if key in wanted}
        if len(sides) > 1:
            raise InvalidInput(f"The input of {architecture.name} is a square.")
        wanted["side"] = sides.pop()
    fixed = architecture.name.startswith("vitpose") and {"width", "height"} & wanted.keys()
    if fixed:
        raise InvalidInput(f"The input of {architecture.name} cannot have another size.")
    if architecture.name == "hourglass" and any(
        side % 128 for side in (wanted.get("width", 0), wanted.get("height", 0))
    ):
        # It is halved seven times and doubled again.
        raise InvalidInput("The input of hourglass must be a multiple of 128 pixels wide and high.")
    try:
        return read_config(before.model_dump() | wanted)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"][1:])
        raise InvalidInput(
            f"{architecture.name} cannot be used like this: {place}: {fault['msg']}.",
            architecture=architecture.name,
        ) from error
