"""HTTP: what a person sets for themselves."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.personal import repository
from backend.core.personal.schemas import PersonalSettings

router = Router(tags=["accounts"])


@router.get("/auth/me/settings")
def personal_settings(user: CurrentUser, session: SessionDep) -> PersonalSettings:
    """One's own keys and looks."""
    return _shown(repository.read(session, user.id))


@router.patch("/auth/me/settings")
def change_personal_settings(
    body: PersonalSettings, user: CurrentUser, session: SessionDep
) -> PersonalSettings:
    """Replace the parts that the body names; null takes a part back to what everybody has."""
    parts = body.model_dump(mode="json", include=body.model_fields_set)
    return _shown(repository.merge(session, user.id, parts))


def _shown(stored: dict[str, Any]) -> PersonalSettings:
    """What is stored, part by part: one that is not understood any more counts as not set."""
    shown = PersonalSettings()
    for name in PersonalSettings.model_fields:
        try:
            part = PersonalSettings.model_validate({name: stored.get(name)})
        except ValidationError:
            continue
        setattr(shown, name, getattr(part, name))
    return shown
