"""The lab whose releases readers look at."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.backend.publishing.releases.lab import Corrected, Lab


@pytest.fixture
def lab(committed: Session, client: TestClient) -> Lab:
    return Lab(committed, client)


@pytest.fixture
def corrected(lab: Lab) -> Corrected:
    return Corrected(lab)
