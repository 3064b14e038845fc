"""A frame's posture as files of labels say it, beside the annotation's other facts."""

from __future__ import annotations

from typing import Any

from backend.domain.postures import PostureLabel, label_of_code, label_of_posture


def told_posture(posture: str | None, version: int | None) -> dict[str, Any]:
    """Members of an annotation whose posture is named; none otherwise."""
    return told_label(label_of_posture(posture), version) if posture is not None else {}


def told_code(code: int, version: int | None) -> dict[str, Any]:
    """The same by its code, 0 for none; the group alone where no posture is named."""
    return told_label(label_of_code(code), version) if code else {}


def told_label(label: PostureLabel, version: int | None) -> dict[str, Any]:
    """``posture`` only where it is named; ``posture_version`` of the recording's postures."""
    named = {} if label.posture is None else {"posture": label.posture}
    return {
        **named,
        "posture_group": label.group,
        "posture_code": label.code,
        "posture_version": version,
    }
