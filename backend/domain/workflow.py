"""The stage machine of a recording session: one table, and who may fire each event.

Source: InfantNet's six stages (pre-labels, correction, inspection, refinement rounds, boxes, box
inspection). Approved is read-only; only an explicit, logged reopening changes that. Nobody
inspects a recording that they annotated in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.errors import Conflict, Forbidden


class Role(StrEnum):
    """What a person may do. One person may hold several roles."""

    ANNOTATOR = "annotator"
    INSPECTOR = "inspector"
    MAINTAINER = "maintainer"
    ADMIN = "admin"


class Stage(StrEnum):
    """The stage of a recording."""

    INGESTING = "ingesting"
    INGESTED = "ingested"
    PRELABELLING = "prelabelling"
    PRELABELLED = "prelabelled"
    ANNOTATING = "annotating"
    INSPECTING = "inspecting"
    RETURNED = "returned"
    KEYPOINTS_APPROVED = "keypoints_approved"
    BOXING = "boxing"
    BOXED = "boxed"
    INSPECTING_BOXES = "inspecting_boxes"
    BOXES_RETURNED = "boxes_returned"
    APPROVED = "approved"


class Event(StrEnum):
    """What moves a recording from stage to stage."""

    INGEST_FINISHED = "ingest_finished"
    PRELABEL = "prelabel"
    PRELABEL_FINISHED = "prelabel_finished"
    PRELABEL_FAILED = "prelabel_failed"
    PRELABELS_IMPORTED = "prelabels_imported"
    START_ANNOTATING = "start_annotating"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE_KEYPOINTS = "approve_keypoints"
    BOX = "box"
    BOX_FINISHED = "box_finished"
    BOX_FAILED = "box_failed"
    START_BOX_REVIEW = "start_box_review"
    RETURN_BOXES = "return_boxes"
    SUBMIT_BOXES = "submit_boxes"
    APPROVE = "approve"
    REOPEN = "reopen"


class Actor(StrEnum):
    """In what capacity somebody fires an event."""

    WORKER = "worker"
    ASSIGNED_ANNOTATOR = "assigned_annotator"
    INDEPENDENT_INSPECTOR = "independent_inspector"
    MAINTAINER = "maintainer"


TRANSITIONS: Final[dict[tuple[Stage, Event], Stage]] = {
    (Stage.INGESTING, Event.INGEST_FINISHED): Stage.INGESTED,
    (Stage.INGESTED, Event.PRELABEL): Stage.PRELABELLING,
    (Stage.PRELABELLED, Event.PRELABEL): Stage.PRELABELLING,
    (Stage.PRELABELLING, Event.PRELABEL_FINISHED): Stage.PRELABELLED,
    (Stage.PRELABELLING, Event.PRELABEL_FAILED): Stage.INGESTED,
    (Stage.INGESTED, Event.PRELABELS_IMPORTED): Stage.PRELABELLED,
    (Stage.INGESTED, Event.START_ANNOTATING): Stage.ANNOTATING,
    (Stage.PRELABELLED, Event.START_ANNOTATING): Stage.ANNOTATING,
    (Stage.ANNOTATING, Event.SUBMIT): Stage.INSPECTING,
    (Stage.INSPECTING, Event.RETURN): Stage.RETURNED,
    (Stage.RETURNED, Event.SUBMIT): Stage.INSPECTING,
    (Stage.INSPECTING, Event.APPROVE_KEYPOINTS): Stage.KEYPOINTS_APPROVED,
    (Stage.KEYPOINTS_APPROVED, Event.BOX): Stage.BOXING,
    (Stage.BOXING, Event.BOX_FINISHED): Stage.BOXED,
    (Stage.BOXING, Event.BOX_FAILED): Stage.KEYPOINTS_APPROVED,
    (Stage.BOXED, Event.START_BOX_REVIEW): Stage.INSPECTING_BOXES,
    (Stage.INSPECTING_BOXES, Event.RETURN_BOXES): Stage.BOXES_RETURNED,
    (Stage.BOXES_RETURNED, Event.SUBMIT_BOXES): Stage.BOXING,
    (Stage.INSPECTING_BOXES, Event.APPROVE): Stage.APPROVED,
    (Stage.KEYPOINTS_APPROVED, Event.REOPEN): Stage.RETURNED,
    (Stage.BOXED, Event.REOPEN): Stage.RETURNED,
    (Stage.INSPECTING_BOXES, Event.REOPEN): Stage.RETURNED,
    (Stage.APPROVED, Event.REOPEN): Stage.RETURNED,
}
"""(stage, event) → next stage. What is not here cannot happen."""

FIRED_BY: Final[dict[Event, frozenset[Actor]]] = {
    Event.INGEST_FINISHED: frozenset({Actor.WORKER}),
    Event.PRELABEL: frozenset({Actor.MAINTAINER, Actor.WORKER}),
    Event.PRELABEL_FINISHED: frozenset({Actor.WORKER}),
    Event.PRELABEL_FAILED: frozenset({Actor.WORKER}),
    Event.PRELABELS_IMPORTED: frozenset({Actor.WORKER}),
    Event.START_ANNOTATING: frozenset({Actor.ASSIGNED_ANNOTATOR, Actor.MAINTAINER}),
    Event.SUBMIT: frozenset({Actor.ASSIGNED_ANNOTATOR}),
    Event.RETURN: frozenset({Actor.INDEPENDENT_INSPECTOR}),
    Event.APPROVE_KEYPOINTS: frozenset({Actor.INDEPENDENT_INSPECTOR}),
    Event.BOX: frozenset({Actor.INDEPENDENT_INSPECTOR, Actor.MAINTAINER, Actor.WORKER}),
    Event.BOX_FINISHED: frozenset({Actor.WORKER}),
    Event.BOX_FAILED: frozenset({Actor.WORKER}),
    Event.START_BOX_REVIEW: frozenset({Actor.INDEPENDENT_INSPECTOR}),
    Event.RETURN_BOXES: frozenset({Actor.INDEPENDENT_INSPECTOR}),
    Event.SUBMIT_BOXES: frozenset({Actor.ASSIGNED_ANNOTATOR}),
    Event.APPROVE: frozenset({Actor.INDEPENDENT_INSPECTOR}),
    Event.REOPEN: frozenset({Actor.MAINTAINER}),
}
"""Who may fire each event."""

NEW_ROUND: Final = frozenset({Event.RETURN, Event.REOPEN, Event.RETURN_BOXES})
"""Events that begin the next round of corrections."""

FOLLOWED_BY: Final[dict[Event, Event]] = {Event.APPROVE_KEYPOINTS: Event.BOX}
"""Events that the worker fires at once after another: boxes follow without anybody's thinking."""

EDITABLE: Final = frozenset({Stage.ANNOTATING, Stage.RETURNED, Stage.BOXES_RETURNED})
"""Stages in which the annotator may change joints and verdicts."""

KEYPOINT_REVIEW: Final = frozenset({Stage.INSPECTING})
"""Stages in which the inspector marks frames and comments on joints."""

BOX_REVIEW: Final = frozenset({Stage.INSPECTING_BOXES})
"""Stages in which the inspector marks and edits boxes."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A person before a recording session.

    Attributes:
        roles: The person's roles.
        is_annotator: Whether the recording is assigned to them for annotation.
        has_annotated: Whether they ever changed an annotation in this session.
        is_inspector: Whether the recording is assigned to them for inspection.
        inspector_taken: Whether somebody else is assigned for inspection.
    """

    roles: frozenset[Role]
    is_annotator: bool
    has_annotated: bool
    is_inspector: bool
    inspector_taken: bool = False

    def actors(self) -> frozenset[Actor]:
        """The capacities in which this person may act here."""
        actors: set[Actor] = set()
        if Role.ANNOTATOR in self.roles and self.is_annotator:
            actors.add(Actor.ASSIGNED_ANNOTATOR)
        if self.independent_inspector:
            actors.add(Actor.INDEPENDENT_INSPECTOR)
        if self.roles & {Role.MAINTAINER, Role.ADMIN}:
            actors.add(Actor.MAINTAINER)
        return frozenset(actors)

    @property
    def independent_inspector(self) -> bool:
        """An inspector who neither annotates nor annotated here, with no other one assigned."""
        return (
            Role.INSPECTOR in self.roles
            and not self.is_annotator
            and not self.has_annotated
            and (self.is_inspector or not self.inspector_taken)
        )


def next_stage(stage: Stage, event: Event) -> Stage:
    """The stage after an event.

    Raises:
        Conflict: the event cannot happen in this stage.
    """
    try:
        return TRANSITIONS[stage, event]
    except KeyError:
        raise Conflict(
            f"“{event.value.replace('_', ' ')}” is not possible while the recording is"
            f" {stage.value.replace('_', ' ')}.",
            stage=stage.value,
            event=event.value,
        ) from None


def allowed_events(stage: Stage, actors: frozenset[Actor]) -> tuple[Event, ...]:
    """Events that these actors may fire in this stage, in the enumeration's order."""
    return tuple(e for e in Event if (stage, e) in TRANSITIONS and FIRED_BY[e] & actors)


def fire(stage: Stage, event: Event, actors: frozenset[Actor]) -> Stage:
    """Check who fires an event, and give the next stage.

    Raises:
        Conflict: the event cannot happen in this stage.
        Forbidden: it can, but not by these actors.
    """
    after = next_stage(stage, event)
    if not FIRED_BY[event] & actors:
        who = " or ".join(sorted(a.value.replace("_", " ") for a in FIRED_BY[event]))
        raise Forbidden(
            f"“{event.value.replace('_', ' ')}” is for: {who};"
            " nobody inspects what they annotated.",
            stage=stage.value,
            event=event.value,
        )
    return after
