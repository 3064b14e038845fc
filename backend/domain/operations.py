"""What can be done to a frame's document, each kind declared once: here.

The JSON form of an operation follows from its class: ``type`` is the name of the class, the other
keys are its fields, each written as ``FORMS`` says. The HTTP interface makes its schema from the
same classes, and the frontend its types from that schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from backend.domain.boxes import Box, BoxStatus, DrawnBox
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Skeleton, Visibility
from backend.domain.reviews import Mark
from backend.domain.verdicts import Decision, DiscardReason, Verdict


@dataclass(frozen=True, slots=True)
class PlaceJoint:
    """Put a joint somewhere with a visibility; also moves it."""

    joint: int
    x: float
    y: float
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class MoveJoint:
    """Drag a present joint; its visibility stays."""

    joint: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class SetVisibility:
    """Mark a present joint visible or occluded, or any joint not present."""

    joint: int
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class ChooseCandidate:
    """Take a machine-made person as the infant, with its joints."""

    candidate_id: int


@dataclass(frozen=True, slots=True)
class SetSkeleton:
    """Replace all joints at once: copy from another frame, swap, clear, or undo of a choice."""

    candidate_id: int | None
    skeleton: Skeleton | None


@dataclass(frozen=True, slots=True)
class TakeEstimate:
    """Replace all joints by those that were inferred from other frames; who was chosen stays.

    Attributes:
        estimate: The joints.
        sources: Ids of the frames from which they were inferred, the nearest first.
        solve: Number of the recording's propagation that inferred them.
    """

    estimate: Skeleton
    sources: tuple[int, ...]
    solve: int


@dataclass(frozen=True, slots=True)
class SwapSides:
    """Exchange left and right: of all joints, or of those that are named.

    Either side of a pair names it, and both together name it once. ``None`` is what operations
    stored before single pairs could be exchanged say: everything.
    """

    joints: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """Keep, discard with a reason, or take the decision back."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class DrawBox:
    """Draw the infant's box around the joints as they are; what was said of it stays."""

    box: Box


@dataclass(frozen=True, slots=True)
class SetBox:
    """Put back a box as it was before, with its judgement, or take it away: undo of the others."""

    drawn: DrawnBox | None


@dataclass(frozen=True, slots=True)
class JudgeBox:
    """Approve a box, send it back, or take the judgement back."""

    status: BoxStatus


@dataclass(frozen=True, slots=True)
class SetMark:
    """Mark a frame under review good or to be revised, or take the mark away."""

    mark: Mark | None


JointOperation = (
    PlaceJoint
    | MoveJoint
    | SetVisibility
    | ChooseCandidate
    | SetSkeleton
    | TakeEstimate
    | SwapSides
    | SetVerdict
)
"""What annotators do: joints and verdict."""

BoxOperation = DrawBox | SetBox | JudgeBox

Operation = JointOperation | BoxOperation | SetMark

KINDS: Final[tuple[type[Operation], ...]] = get_args(Operation)
"""Every kind of operation."""


def name_of(kind: type[Operation]) -> str:
    """The tag of a kind of operation in JSON, such as ``moveJoint``."""
    return kind.__name__[0].lower() + kind.__name__[1:]


@dataclass(frozen=True, slots=True)
class Form:
    """How a field of an operation stands in JSON.

    Attributes:
        write: The keys and values of the field's value.
        read: The field's value from an operation's keys and values.
    """

    write: Callable[[Any], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], Any]


def _plain(key: str) -> Form:
    return Form(lambda value: {key: value}, lambda data: data[key])


def _read_decision(data: Mapping[str, Any]) -> Decision:
    reason = data.get("reason")
    return Decision(
        Verdict(data["verdict"]),
        DiscardReason(reason) if reason else None,
        data.get("text") or None,
    )


def _write_box(box: Box) -> dict[str, Any]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}


def _read_box(data: Mapping[str, Any]) -> Box:
    return Box(data["x"], data["y"], data["width"], data["height"])


def _write_drawn(drawn: DrawnBox | None) -> dict[str, Any]:
    if drawn is None:
        return {"box": None}
    made_from = drawn.made_from.to_json()
    return {"box": _write_box(drawn.box) | {"madeFrom": made_from, "status": drawn.status.value}}


def _read_drawn(data: Mapping[str, Any]) -> DrawnBox | None:
    box = data["box"]
    if box is None:
        return None
    return DrawnBox(_read_box(box), Skeleton.from_json(box["madeFrom"]), BoxStatus(box["status"]))


def _read_joints(data: Mapping[str, Any]) -> tuple[int, ...] | None:
    joints = data.get("joints")
    return None if joints is None else tuple(joints)


FORMS: Final[Mapping[str, Form]] = {
    "joint": _plain("joint"),
    "joints": Form(lambda value: {} if value is None else {"joints": list(value)}, _read_joints),
    "x": _plain("x"),
    "y": _plain("y"),
    "visibility": Form(
        lambda value: {"visibility": int(value)}, lambda data: Visibility(data["visibility"])
    ),
    "candidate_id": _plain("candidateId"),
    "skeleton": Form(
        lambda value: {"joints": value.to_json() if value else None},
        lambda data: None if data["joints"] is None else Skeleton.from_json(data["joints"]),
    ),
    "estimate": Form(
        lambda value: {"joints": value.to_json()}, lambda data: Skeleton.from_json(data["joints"])
    ),
    "sources": Form(
        lambda value: {"sources": list(value)}, lambda data: tuple(map(int, data["sources"]))
    ),
    "solve": _plain("solve"),
    "decision": Form(
        lambda value: {"verdict": value.verdict, "reason": value.reason, "text": value.text},
        _read_decision,
    ),
    "box": Form(_write_box, _read_box),
    "drawn": Form(_write_drawn, _read_drawn),
    "status": Form(lambda value: {"status": value.value}, lambda data: BoxStatus(data["status"])),
    "mark": Form(
        lambda value: {"mark": value.value if value else None},
        lambda data: None if data["mark"] is None else Mark(data["mark"]),
    ),
}
"""By name of a field."""

_BY_NAME: Final = {name_of(kind): kind for kind in KINDS}


def operation_from_json(data: Mapping[str, Any]) -> Operation:
    """Read one operation from its JSON form, tagged by ``type``.

    Raises:
        InvalidInput: unknown type, or values out of range.
    """
    kind = _BY_NAME.get(data.get("type", ""))
    if kind is None:
        raise InvalidInput(f"There is no operation {data.get('type')!r}.")
    try:
        return kind(*(FORMS[field.name].read(data) for field in fields(kind)))
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput(f"Operation {data['type']!r} cannot be read: {error}.") from error


def operation_to_json(operation: Operation) -> dict[str, Any]:
    """Write one operation in its JSON form."""
    data: dict[str, Any] = {"type": name_of(type(operation))}
    for field in fields(operation):
        data |= FORMS[field.name].write(getattr(operation, field.name))
    return data
