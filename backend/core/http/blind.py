"""Who has to answer a frame on their own does not read its recording until they have.

The rule is asked where endpoints are called, by the names of their parameters, so that an endpoint
that is added later follows it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ScalarSelect, exists, select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.database.tables import Attempt, Fit, Frame, Moment, User
from backend.domain.errors import Forbidden

_OF_MANY: Final = ("release_id", "export_id", "evaluation_id")
"""These hold labels of many recordings: they are closed as long as any frame is to be answered."""
OF: Final = ("recording_id", "frame_id", "moment_id", "fit_id", *_OF_MANY)
"""Names of parameters that lead to labels."""


def require_open(session: Session, user: User, named: Mapping[str, int | None]) -> None:
    """Refuse to show a recording of which a person has a frame to answer; maintainers see all.

    Args:
        session: The transaction.
        user: Who asks.
        named: Ids by name of :data:`OF`; None where an optional one was left out.

    Raises:
        Forbidden: they have to answer first.
    """
    if policies.is_maintainer(user):
        return
    for name, key in named.items():
        if key is None:
            continue
        theirs = exists().where(Attempt.user_id == user.id, Attempt.closed_at.is_(None))
        if name not in _OF_MANY:
            theirs = theirs.where(Attempt.recording_id == _recording(name, key))
        if session.scalar(select(theirs)):
            raise Forbidden(
                "A frame of this recording lies before you to be annotated without looking at what"
                " others did. Hand in your single frames, then it opens."
                if name not in _OF_MANY
                else "Hand in the single frames that lie before you first, then it opens."
            )


def _recording(name: str, key: int) -> int | ScalarSelect[int]:
    """The id of the recording that something belongs to, as it stands in a query."""
    match name:
        case "frame_id":
            return select(Frame.recording_id).where(Frame.id == key).scalar_subquery()
        case "moment_id":
            return select(Moment.recording_id).where(Moment.id == key).scalar_subquery()
        case "fit_id":
            return select(Fit.recording_id).where(Fit.id == key).scalar_subquery()
        case _:
            return key
