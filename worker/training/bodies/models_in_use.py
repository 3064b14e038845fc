"""Which body model a network says, and which ones the fits of a material are of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import OPEN_BODY, BodyModel, load_body, open_body
from worker.training.material import Material

ADULT: Final = "adult"
"""The open body at adult age: ``python -m assets.open_infant.make_open_infant --adult``."""


def truth_bodies(material: Material, file: str = "") -> dict[str, BodyModel]:
    """The body models of a material's fits, by name.

    Args:
        material: What is trained on.
        file: Of the body model of fits that are not of the open infant body; "" for none.

    Raises:
        InvalidInput: fits are of a body model of which there is no file.
    """
    known = {OPEN_BODY: open_body()}
    if file:
        body = load_body(Path(file))
        known[body.name] = body
    wanted = {s.body.model for part in material.parts.values() for s in part if s.body is not None}
    if unknown := sorted(wanted - set(known)):
        raise InvalidInput(
            f"{material.name} has fits of the body model {', '.join(unknown)}, of which there is no"
            " file here; name it by the setting “truth”.",
            fault="body model unknown",
        )
    return {name: known[name] for name in sorted(wanted)}


def network_body(file: str, bodies: Mapping[str, BodyModel]) -> BodyModel:
    """The body model that a network says.

    Args:
        file: Of another one than the fits'; "" for theirs.
        bodies: Of the fits.

    Raises:
        InvalidInput: the fits are of several body models, so that one must be named; or the file
            is missing or damaged.
    """
    if file == ADULT:
        raise InvalidInput(
            "This recipe learns an adult's body: make one by “python -m"
            " assets.open_infant.make_open_infant --adult --out FILE” (it needs the extra"
            " “synthesis”), and name it by the setting “body”.",
            fault="no adult body",
        )
    if file:
        return load_body(Path(file))
    if len(bodies) != 1:
        raise InvalidInput(
            f"The fits are of several body models ({', '.join(bodies)}); name the one to learn by"
            " the setting “body”.",
            fault="several body models",
        )
    return next(iter(bodies.values()))
