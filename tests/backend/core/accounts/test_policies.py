"""Who may do what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.core.accounts import policies
from backend.core.database.tables import Recording, User
from backend.domain.errors import Forbidden
from backend.domain.workflow import Role, Stage

ALL = frozenset(Role)
MANAGERS = frozenset({Role.MAINTAINER, Role.ADMIN})


def person(*roles: Role, user_id: int = 1, is_active: bool = True) -> User:
    return User(id=user_id, roles=[r.value for r in roles], is_active=is_active)


def recording(
    stage: Stage, annotator_id: int | None = None, inspector_id: int | None = None
) -> Recording:
    return Recording(id=1, stage=stage.value, annotator_id=annotator_id, inspector_id=inspector_id)


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (policies.may_manage_users, frozenset({Role.ADMIN})),
        (policies.may_import, MANAGERS),
        (policies.may_assign, MANAGERS),
        (policies.may_run_models, MANAGERS),
        (policies.may_manage_weights, MANAGERS),
        (policies.may_export, MANAGERS),
        (policies.may_control_jobs, MANAGERS),
        (policies.may_edit_facts, MANAGERS),
        (policies.may_see_jobs, ALL),
        (policies.may_see_recording, ALL),
    ],
)
def test_roles_decide_about_the_dataset(
    policy: Callable[[User], bool], allowed: frozenset[Role]
) -> None:
    assert {role for role in Role if policy(person(role))} == allowed
    assert not policy(person(*Role, is_active=False))


def test_one_person_may_hold_several_roles() -> None:
    both = person(Role.ANNOTATOR, Role.MAINTAINER)
    assert policies.may_import(both)
    assert policies.is_annotator(both)
    assert not policies.is_inspector(both)


def test_nobody_inspects_what_they_annotated() -> None:
    both = person(Role.ANNOTATOR, Role.INSPECTOR)
    here = policies.situation(both, recording(Stage.INSPECTING), has_annotated=True)
    assert not policies.may_review(here, Stage.INSPECTING)
    fresh = policies.situation(both, recording(Stage.INSPECTING), has_annotated=False)
    assert policies.may_review(fresh, Stage.INSPECTING)


def test_another_inspector_keeps_a_session_that_is_assigned() -> None:
    taken = recording(Stage.INSPECTING, annotator_id=5, inspector_id=6)
    here = policies.situation(person(Role.INSPECTOR), taken, has_annotated=False)
    assert not policies.may_review(here, Stage.INSPECTING)


@pytest.mark.parametrize("stage", list(Stage))
def test_only_the_assigned_annotator_edits_and_only_in_editable_stages(stage: Stage) -> None:
    mine = recording(stage, annotator_id=1)
    here = policies.situation(person(Role.ANNOTATOR), mine, has_annotated=True)
    other = policies.situation(person(Role.ANNOTATOR, user_id=2), mine, has_annotated=False)
    editable = stage in {Stage.ANNOTATING, Stage.RETURNED, Stage.BOXES_RETURNED}
    assert policies.may_annotate(here, stage) is editable
    assert not policies.may_annotate(other, stage)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_changes_an_approved_session_and_only_maintainers_comment_on_it(role: Role) -> None:
    approved = recording(Stage.APPROVED, annotator_id=1, inspector_id=1)
    here = policies.situation(person(role), approved, has_annotated=False)
    assert not policies.may_annotate(here, Stage.APPROVED)
    assert not policies.may_review(here, Stage.APPROVED)
    assert not policies.may_review_boxes(here, Stage.APPROVED)
    assert not policies.may_edit_boxes(here, Stage.APPROVED)
    assert policies.may_comment(here, Stage.APPROVED) is (role in MANAGERS)
    assert policies.may_reopen(here) is (role in MANAGERS)


def test_a_free_session_can_be_claimed_but_not_by_its_inspector() -> None:
    free = recording(Stage.PRELABELLED)
    assert policies.may_claim(person(Role.ANNOTATOR), free)
    assert not policies.may_claim(person(Role.INSPECTOR), free)
    mine = recording(Stage.PRELABELLED, inspector_id=1)
    assert not policies.may_claim(person(Role.ANNOTATOR, Role.INSPECTOR), mine)
    assert not policies.may_claim(person(Role.ANNOTATOR), recording(Stage.PRELABELLED, 5))


def test_a_refusal_says_what_was_not_allowed() -> None:
    with pytest.raises(Forbidden, match="import recordings"):
        policies.require(policies.may_import(person(Role.ANNOTATOR)), "import recordings")
