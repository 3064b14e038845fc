"""What a person may set, and its bounds. Parts that this server does not know are left out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

ActionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.]{1,60}$")]
KeyName = Annotated[str, StringConstraints(min_length=1, max_length=40)]

MAX_REMAPPED = 400
MAX_KEYS_EACH = 8


class KeySettings(BaseModel):
    """The editor's keys: a set to begin with, and what this person changed in it."""

    preset: Literal["infantnet", "cvat"] = "infantnet"
    changed: Annotated[
        dict[ActionName, Annotated[list[KeyName], Field(max_length=MAX_KEYS_EACH)]],
        Field(max_length=MAX_REMAPPED),
    ] = {}
    """By action; an empty list leaves it without a key."""


class LookSettings(BaseModel):
    """How a person looks at images in the editor; the images themselves never change."""

    brightness: Annotated[float, Field(ge=0.2, le=4)] = 1
    contrast: Annotated[float, Field(ge=0.2, le=4)] = 1
    gamma: Annotated[float, Field(ge=0.2, le=4)] = 1
    opacity: Annotated[float, Field(ge=0, le=1)] = 1
    """Of everything that is drawn over the image."""
    joint_size: Annotated[float, Field(ge=0.3, le=4)] = 1
    """Times the usual size on the screen, whatever the zoom."""
    labels: bool = False
    others: bool = True
    mask: bool = True
    geometry: bool = True
    follow: bool = False
    along: bool = False
    """What hangs on a dragged joint moves with it."""
    only_matching: bool = False
    """A filter leaves other frames out of the strip rather than dim them there."""
    magnifier: bool = True
    crosshair: bool = True
    ghost: Literal["off", "round", "model", "before"] = "round"


class PersonalSettings(BaseModel):
    """All that a person set; a part that they never touched is null."""

    keys: KeySettings | None = None
    look: LookSettings | None = None
