"""Pipelines on real tables of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.core.settings import Settings
from tests.fixtures.cluster import Cluster
from tests.worker.bench import Bench
from tests.worker.release_lab import Lab, Template, furnished


@pytest.fixture
def bench(fresh_database_url: str, settings: Settings) -> Bench:
    return Bench(settings.model_copy(update={"database_url": fresh_database_url}))


def _kept(factory: pytest.TempPathFactory, name: str) -> Settings:
    return Settings(data_dir=factory.mktemp(name) / "data", storage_url=None, demo=False)


@pytest.fixture(scope="session")
def lab_template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return furnished(cluster, _kept(tmp_path_factory, "lab"))


@pytest.fixture(scope="session")
def checked_template(lab_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return lab_template.then(_kept(tmp_path_factory, "checked"), lambda lab: lab.check(lab.release))


@pytest.fixture(scope="session")
def published_template(
    checked_template: Template, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    return checked_template.then(
        _kept(tmp_path_factory, "published"), lambda lab: lab.publish(lab.release)
    )


@pytest.fixture
def lab(lab_template: Template, settings: Settings) -> Iterator[Lab]:
    """A lab with a draft that is ready to be checked."""
    with lab_template.copied(settings) as lab:
        yield lab


@pytest.fixture
def checked_lab(checked_template: Template, settings: Settings) -> Iterator[Lab]:
    """A lab whose first version is checked."""
    with checked_template.copied(settings) as lab:
        yield lab


@pytest.fixture
def published_lab(published_template: Template, settings: Settings) -> Iterator[Lab]:
    """A lab whose first version is published."""
    with published_template.copied(settings) as lab:
        yield lab
