"""Who may do what: every permission of the product, as readable predicates, in this one place.

The stage machine itself (which event, in which stage, fired by whom) is in
``backend.domain.workflow``; :func:`situation` gives what it asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.domain.errors import Forbidden
from backend.domain.tokens import ROLES_WITHIN, TokenScope
from backend.domain.workflow import (
    BOX_REVIEW,
    EDITABLE,
    KEYPOINT_REVIEW,
    Actor,
    Role,
    Situation,
    Stage,
)

if TYPE_CHECKING:
    from backend.core.database.tables import Comment, Recording, User


def require(allowed: bool, doing: str) -> None:
    """Refuse unless allowed: ``require(may_import(user), "import recordings")``.

    Raises:
        Forbidden: not allowed.
    """
    if not allowed:
        raise Forbidden(f"Your roles do not let you {doing}.")


# Roles


def roles_of(user: User) -> frozenset[Role]:
    """The roles in which a person acts here; none once deactivated, fewer by a lesser token."""
    return _own_roles(user) & ROLES_WITHIN[user.scope]


def _own_roles(user: User) -> frozenset[Role]:
    """All roles that a person has, whatever the token; none once deactivated."""
    return frozenset(Role(role) for role in user.roles) if user.is_active else frozenset()


def is_annotator(user: User) -> bool:
    """Corrects joints."""
    return Role.ANNOTATOR in roles_of(user)


def is_inspector(user: User) -> bool:
    """Verifies joints and boxes."""
    return Role.INSPECTOR in roles_of(user)


def is_maintainer(user: User) -> bool:
    """Runs the dataset; an admin may do all that a maintainer may."""
    return bool(roles_of(user) & _MAINTAINERS)


_MAINTAINERS = frozenset({Role.MAINTAINER, Role.ADMIN})


def is_admin(user: User) -> bool:
    """Manages people."""
    return Role.ADMIN in roles_of(user)


# People


def may_manage_users(user: User) -> bool:
    """Add people, change their roles, deactivate them."""
    return is_admin(user)


def may_make_token_for(user: User, owner_id: int) -> bool:
    """Make or revoke an API token: one's own, or as admin anybody's; never by a lesser token."""
    if user.scope is not TokenScope.MAINTAIN:
        return False
    return user.id == owner_id or is_admin(user)


# The dataset as a whole


def may_import(user: User) -> bool:
    """Upload files and import recordings."""
    return is_maintainer(user)


def may_assign(user: User) -> bool:
    """Say who annotates and who inspects a recording session."""
    return is_maintainer(user)


def may_see_everybodys_work(user: User) -> bool:
    """See how everybody works and who changed what; people see their own."""
    return is_maintainer(user)


def may_set_quality(user: User) -> bool:
    """Choose gold frames, set how much is checked, see how far people agree."""
    return is_maintainer(user)


def may_adjudicate(user: User) -> bool:
    """Make one annotation of two people's answers."""
    return is_maintainer(user) or is_inspector(user)


def may_pull(user: User) -> bool:
    """Take the next recording from the queue."""
    return is_annotator(user)


def may_run_models(user: User) -> bool:
    """Start pre-labelling and box jobs."""
    return is_maintainer(user)


def may_calibrate(user: User) -> bool:
    """Calibrate a session's cameras, choose and delete versions of them."""
    return is_maintainer(user)


def may_manage_scans(user: User) -> bool:
    """Attach point clouds and depth images to a session, and remove them."""
    return is_maintainer(user)


def may_manage_weights(user: User) -> bool:
    """Download or add model checkpoints."""
    return is_maintainer(user)


def may_fit(user: User) -> bool:
    """Start body fits: maintainers, and inspectors who look at the outcome."""
    return is_maintainer(user) or is_inspector(user)


def may_manage_bodies(user: User) -> bool:
    """Add or remove body models."""
    return is_maintainer(user)


def may_export(user: User) -> bool:
    """Write and download files of approved recordings."""
    return is_maintainer(user)


def may_read_releases(user: User) -> bool:
    """See and download releases: who may export, also by a token that may only read."""
    return bool(_own_roles(user) & _MAINTAINERS)


def may_see_jobs(user: User) -> bool:
    """Follow background work."""
    return bool(roles_of(user))


def may_control_jobs(user: User) -> bool:
    """Cancel and retry background work."""
    return is_maintainer(user)


# One recording session


def may_see_recording(user: User, recording: Recording | None = None) -> bool:
    """Look at a recording session: everybody who has a role in the project.

    The team is small and shares its work: inspectors need sessions that nobody assigned to them,
    and annotators pick from those that nobody has yet. The recording is an argument so that a
    finer rule changes this line only.
    """
    return bool(roles_of(user))


def may_edit_facts(user: User, recording: Recording | None = None) -> bool:
    """Change a session's name, notes, age, consent or source."""
    return is_maintainer(user)


def situation(
    user: User, recording: Recording, *, has_annotated: bool, has_part: bool = False
) -> Situation:
    """A person before a recording session, as the stage machine sees it.

    Args:
        user: The person.
        recording: The session, with its assigned people.
        has_annotated: Whether the person ever changed an annotation in it.
        has_part: Whether one of its parts is theirs, where it is cut into parts.
    """
    return Situation(
        roles=roles_of(user),
        is_annotator=has_part or (recording.annotator_id == user.id and not recording.in_parts),
        has_annotated=has_annotated,
        is_inspector=recording.inspector_id == user.id,
        inspector_taken=recording.inspector_id is not None and recording.inspector_id != user.id,
    )


def may_claim(user: User, recording: Recording) -> bool:
    """Take a session that nobody annotates yet."""
    return (
        is_annotator(user)
        and recording.annotator_id is None
        and recording.inspector_id != user.id
        and recording.stage in {Stage.INGESTED, Stage.PRELABELLED}
    )


def may_annotate(here: Situation, stage: Stage) -> bool:
    """Change joints and verdicts: the assigned annotator, while the session is with them."""
    return stage in EDITABLE and Actor.ASSIGNED_ANNOTATOR in here.actors()


def may_review(here: Situation, stage: Stage) -> bool:
    """Mark frames in the review of joints."""
    return stage in KEYPOINT_REVIEW and here.independent_inspector


def may_review_boxes(here: Situation, stage: Stage) -> bool:
    """Mark, approve and send back boxes in their review."""
    return stage in BOX_REVIEW and here.independent_inspector


def may_edit_boxes(here: Situation, stage: Stage) -> bool:
    """Drag a box or run its mask again: the inspector in box review, the annotator afterwards."""
    return may_review_boxes(here, stage) or (
        stage is Stage.BOXES_RETURNED and may_annotate(here, stage)
    )


def may_comment(here: Situation, stage: Stage) -> bool:
    """Write or resolve comments: whoever has the session at hand now, and maintainers.

    Maintainers also of approved sessions: what a model's errors show of a released label is said
    there, for the next version. Labels stay as they are until somebody reopens the session.
    """
    return (
        may_annotate(here, stage)
        or may_review(here, stage)
        or may_review_boxes(here, stage)
        or Actor.MAINTAINER in here.actors()
    )


def may_change_comment(user: User, comment: Comment) -> bool:
    """Reword or delete a comment: its author."""
    return comment.author_id == user.id


def may_reopen(here: Situation) -> bool:
    """Make an approved session editable again, which is logged."""
    return Actor.MAINTAINER in here.actors()
