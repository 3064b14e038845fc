"""What is placed on the editor's canvas, and which pixel of the screen shows which of the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

JOINTS = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder",
    "left elbow", "right elbow", "left wrist", "right wrist", "left hip", "right hip",
    "left knee", "right knee", "left ankle", "right ankle",
)  # fmt: skip
"""COCO's order, in the screen's words."""

PLACING_ORDER = (0, 1, 2, 3, 4, 5, 7, 9, 6, 8, 10, 11, 13, 15, 12, 14, 16)
"""The order in which the editor asks for joints: head, left arm, right arm, left leg, right leg."""

Visibility = Literal[0, 1, 2]


@dataclass(frozen=True)
class Point:
    """A place in the image, in its pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class Placed:
    """A joint as a person left it; ``v`` is COCO's flag."""

    x: float
    y: float
    v: Visibility


ABSENT = Placed(0, 0, 0)

PATIENCE_MS = 240_000
"""For what a worker does; the machine may be busy."""


@dataclass(frozen=True)
class View:
    """How an image lies on the screen: its left top corner there, and the zoom."""

    left: float
    top: float
    zoom: float
    width: int
    height: int

    def on_screen(self, at: Point | Placed) -> Point:
        """The whole pixel of the screen next to a place in the image."""
        return Point(round(self.left + at.x * self.zoom), round(self.top + at.y * self.zoom))

    def in_image(self, at: Point) -> Point:
        """The place in the image under a pixel of the screen, to a hundredth as the editor says."""
        x, y = (at.x - self.left) / self.zoom, (at.y - self.top) / self.zoom
        return Point(round(min(max(x, 0), self.width), 2), round(min(max(y, 0), self.height), 2))
