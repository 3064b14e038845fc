"""Pipelines on real tables of their own."""

from __future__ import annotations

import pytest

from backend.core.settings import Settings
from tests.worker.bench import Bench


@pytest.fixture
def bench(fresh_database_url: str, settings: Settings) -> Bench:
    return Bench(settings.model_copy(update={"database_url": fresh_database_url}))
