"""What people set for themselves."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.tables import PersonalSetting
from backend.domain.workflow import Role
from tests.factories import bearer, make_user

URL = "/api/v1/auth/me/settings"


@pytest.fixture
def anna(committed: Session) -> dict[str, str]:
    """An annotator's headers."""
    headers = bearer(committed, make_user(committed, Role.ANNOTATOR))
    committed.commit()
    return headers


def test_whoever_set_nothing_has_nothing(client: TestClient, anna: dict[str, str]) -> None:
    assert client.get(URL, headers=anna).json() == {"keys": None, "look": None}


def test_keys_and_looks_are_kept_apart_and_per_person(
    client: TestClient, anna: dict[str, str], committed: Session
) -> None:
    keys = {"preset": "cvat", "changed": {"swap": ["Shift+S"], "accept": []}}
    client.patch(URL, json={"keys": keys}, headers=anna)
    client.patch(URL, json={"look": {"gamma": 1.4, "ghost": "model"}}, headers=anna)
    stored = client.get(URL, headers=anna).json()
    assert stored["keys"] == keys
    assert stored["look"]["gamma"] == 1.4
    assert stored["look"]["ghost"] == "model"
    other = bearer(committed, make_user(committed, Role.ANNOTATOR))
    committed.commit()
    assert client.get(URL, headers=other).json()["keys"] is None


def test_a_part_is_taken_back_by_null(client: TestClient, anna: dict[str, str]) -> None:
    client.patch(URL, json={"keys": {"preset": "cvat"}, "look": {"contrast": 2}}, headers=anna)
    answer = client.patch(URL, json={"keys": None}, headers=anna)
    assert answer.json()["keys"] is None
    assert answer.json()["look"]["contrast"] == 2


@pytest.mark.parametrize(
    "part",
    [
        {"keys": {"preset": "emacs"}},
        {"keys": {"changed": {"swap": ["S" * 41]}}},
        {"keys": {"changed": {"swap it": ["S"]}}},
        {"keys": {"changed": {f"a{i}": ["S"] for i in range(401)}}},
        {"look": {"gamma": 0}},
        {"look": {"ghost": "friendly"}},
    ],
)
def test_what_makes_no_sense_is_refused(
    client: TestClient, anna: dict[str, str], part: dict[str, Any]
) -> None:
    assert client.patch(URL, json=part, headers=anna).status_code == 422
    assert client.get(URL, headers=anna).json() == {"keys": None, "look": None}


def test_a_stored_part_that_nobody_understands_any_more_counts_as_not_set(
    client: TestClient, anna: dict[str, str], committed: Session
) -> None:
    client.patch(URL, json={"keys": {"preset": "cvat"}, "look": {"contrast": 2}}, headers=anna)
    stale = {"keys": {"preset": "of old"}, "look": {"contrast": 2}}
    committed.execute(update(PersonalSetting).values(parts=stale))
    committed.commit()
    answer = client.get(URL, headers=anna).json()
    assert answer["keys"] is None
    assert answer["look"]["contrast"] == 2


def test_nobody_logged_in_has_no_settings(client: TestClient) -> None:
    assert client.get(URL).status_code == 401
