"""The stage machine against random histories of random people."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Conflict, DomainError, Forbidden
from backend.domain.workflow import (
    BOX_REVIEW,
    EDITABLE,
    FIRED_BY,
    KEYPOINT_REVIEW,
    NEW_ROUND,
    TRANSITIONS,
    Actor,
    Event,
    Role,
    Situation,
    Stage,
    allowed_events,
    fire,
    next_stage,
)

WORKER = frozenset({Actor.WORKER})
stages = st.sampled_from(list(Stage))
events = st.sampled_from(list(Event))
roles = st.frozensets(st.sampled_from(list(Role)))
situations = st.builds(Situation, roles, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@dataclass
class Session:
    """A recording session as the product keeps it: stage, round, people, who edited when."""

    annotator: int | None
    inspector: int | None
    stage: Stage = Stage.INGESTING
    round: int = 1
    edited: set[int] = field(default_factory=set)
    inspected: list[int] = field(default_factory=list)

    def situation(self, person: int, held: frozenset[Role]) -> Situation:
        return Situation(
            roles=held,
            is_annotator=self.annotator == person,
            has_annotated=person in self.edited,
            is_inspector=self.inspector == person,
            inspector_taken=self.inspector not in (None, person),
        )


acts = st.one_of(
    st.tuples(st.just("fire"), st.integers(0, 4), events),
    st.tuples(st.just("worker"), st.integers(0, 4), events),
    st.tuples(st.just("edit"), st.integers(0, 4), events),
    st.tuples(st.just("assign"), st.integers(0, 4), events),
)


@given(
    st.lists(roles, min_size=5, max_size=5),
    st.sampled_from([None, 0, 1, 2, 3, 4]),
    st.sampled_from([None, 0, 1, 2, 3, 4]),
    st.lists(acts, max_size=200),
)
def test_no_history_lets_anybody_inspect_what_they_annotated(
    people: list[frozenset[Role]],
    annotator: int | None,
    inspector: int | None,
    history: list[tuple[str, int, Event]],
) -> None:
    session = Session(annotator, inspector)
    for act, person, event in history:
        here = session.situation(person, people[person])
        before = session.stage
        if act == "assign":
            session.annotator = person
            continue
        if act == "edit":
            if before in EDITABLE and Actor.ASSIGNED_ANNOTATOR in here.actors():
                session.edited.add(person)
            continue
        actors = WORKER if act == "worker" else here.actors()
        try:
            session.stage = fire(before, event, actors)
        except DomainError:
            assert session.stage is before
            continue
        assert (before, event) in TRANSITIONS
        if FIRED_BY[event] == {Actor.INDEPENDENT_INSPECTOR}:
            assert act == "fire"
            assert person not in session.edited
            assert person != session.annotator
            assert Role.INSPECTOR in people[person]
            session.inspected.append(person)
        if session.stage is Stage.APPROVED:
            assert event is Event.APPROVE
            assert session.inspected
        if before is Stage.APPROVED:
            assert event is Event.REOPEN
            assert people[person] & {Role.MAINTAINER, Role.ADMIN}
        if event in NEW_ROUND:
            session.round += 1
            assert session.stage in EDITABLE


@given(stages, events)
def test_an_event_that_the_table_lacks_cannot_happen_to_anybody(stage: Stage, event: Event) -> None:
    everybody = frozenset(Actor)
    if (stage, event) in TRANSITIONS:
        assert fire(stage, event, everybody) is TRANSITIONS[stage, event]
    else:
        with pytest.raises(Conflict):
            fire(stage, event, everybody)


@given(stages, situations)
def test_the_events_that_are_offered_are_exactly_those_that_succeed(
    stage: Stage, here: Situation
) -> None:
    offered = allowed_events(stage, here.actors())
    for event in Event:
        try:
            fire(stage, event, here.actors())
        except (Conflict, Forbidden):
            assert event not in offered
        else:
            assert event in offered


@given(situations)
def test_nobody_is_annotator_and_independent_inspector_at_once(here: Situation) -> None:
    assert not {Actor.ASSIGNED_ANNOTATOR, Actor.INDEPENDENT_INSPECTOR} <= here.actors()


@given(situations)
def test_nobody_acts_as_the_worker(here: Situation) -> None:
    assert Actor.WORKER not in here.actors()


@given(situations)
def test_whoever_annotated_or_came_second_does_not_inspect(here: Situation) -> None:
    if here.has_annotated or here.is_annotator or Role.INSPECTOR not in here.roles:
        assert not here.independent_inspector
    if here.inspector_taken and not here.is_inspector:
        assert not here.independent_inspector


@given(stages)
def test_joints_and_boxes_are_never_edited_and_inspected_in_the_same_stage(stage: Stage) -> None:
    assert (stage in EDITABLE) + (stage in KEYPOINT_REVIEW) + (stage in BOX_REVIEW) <= 1


def test_every_stage_can_be_reached_and_every_event_can_happen() -> None:
    reached, waiting = {Stage.INGESTING}, [Stage.INGESTING]
    while waiting:
        stage = waiting.pop()
        for (before, _), after in TRANSITIONS.items():
            if before is stage and after not in reached:
                reached.add(after)
                waiting.append(after)
    assert reached == set(Stage)
    assert {event for _, event in TRANSITIONS} == set(Event)
    assert set(FIRED_BY) == set(Event)


def test_every_stage_leads_on_to_approval() -> None:
    leads = {Stage.APPROVED}
    while True:
        more = {before for (before, _), after in TRANSITIONS.items() if after in leads} - leads
        if not more:
            break
        leads |= more
    assert leads == set(Stage)


def test_approval_is_only_reached_through_both_reviews() -> None:
    ways_in = {key for key, after in TRANSITIONS.items() if after is Stage.APPROVED}
    assert ways_in == {(Stage.INSPECTING_BOXES, Event.APPROVE)}
    ways_on = {key for key, after in TRANSITIONS.items() if after is Stage.KEYPOINTS_APPROVED}
    assert {stage for stage, _ in ways_on} == {Stage.INSPECTING, Stage.BOXING}
    assert [event for stage, event in TRANSITIONS if stage is Stage.APPROVED] == [Event.REOPEN]


def test_the_refusal_names_stage_and_event() -> None:
    with pytest.raises(Conflict, match="“submit” is not possible while the recording is approved"):
        next_stage(Stage.APPROVED, Event.SUBMIT)
    with pytest.raises(Forbidden, match="independent inspector"):
        fire(Stage.INSPECTING, Event.RETURN, frozenset({Actor.MAINTAINER}))
