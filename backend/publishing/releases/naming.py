"""What a release calls the models behind its labels."""

from __future__ import annotations

from typing import Final

from backend.publishing.formats.registry import INTERCHANGE

_COCO: Final = "COCO file"
"""How an import names labels of a COCO file."""


def told_model(model: str | None) -> str | None:
    """A model's name as it leaves the group.

    Labels that came in a file are called by the file's kind and its name. The name stays inside,
    since files are called after children and families.
    """
    if model is None:
        return None
    kinds = (_COCO, *(form.title for form in INTERCHANGE.values()))
    return next((kind for kind in kinds if model.startswith(f"{kind} ")), model)
