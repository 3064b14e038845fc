"""Splits of a draft: by shares, by source, and as folds of a cross-validation."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import InfantConsent, Recording
from backend.core.database.tables.recordings import Source
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.workflow import Stage
from backend.publishing.releases import repository, service
from backend.publishing.releases.effect import effect_of
from backend.publishing.releases.passed_over import (
    NO_CONSENT,
    NOT_NAMED,
    OTHER_AGE,
    OTHER_SOURCE,
)
from backend.publishing.releases.schemas import EffectOut
from backend.publishing.releases.settings import Images, ReleaseSettings, Splitting
from backend.publishing.releases.splitting import propose_splits
from tests.worker.release_lab import Lab


def folded(lab: Lab, k: int) -> set[str]:
    def into_folds(settings: ReleaseSettings) -> None:
        settings.splitting = Splitting(folds=k)
        settings.packaging.images = Images.NONE

    lab.settings(lab.release, into_folds)
    with transaction(lab.bench.engine) as session:
        propose_splits(session, repository.get(session, lab.release))
    with Session(lab.bench.engine) as session:
        return {row.split for row in repository.splits(session, lab.release).values()}


def test_folds_are_written_as_splits(lab: Lab) -> None:
    assert folded(lab, 3) == {"fold_1", "fold_2", "fold_3"}
    lab.published(lab.release)
    files = lab.files(lab.release)
    written = {path for path in files if path.startswith("annotations/")}
    assert written == {f"annotations/fold_{i}.json" for i in (1, 2, 3)}


def test_more_folds_than_groups_are_refused(lab: Lab) -> None:
    with pytest.raises(InvalidInput, match="4 folds need as many groups"):
        folded(lab, 4)


def test_a_dataset_with_published_splits_cannot_become_folds(published_lab: Lab) -> None:
    lab = published_lab
    second = lab.begin()

    def into_folds(settings: ReleaseSettings) -> None:
        settings.splitting = Splitting(folds=3)

    with pytest.raises(Conflict, match="these splits have to stay"):
        lab.settings(second, into_folds)


def test_settings_that_are_being_edited_may_name_other_splits_than_those_that_are_set(
    lab: Lab,
) -> None:
    with transaction(lab.bench.engine) as session:
        settings = service.settings_of(repository.get(session, lab.release))
        settings.splitting = Splitting(folds=2)
        effect = effect_of(
            session, repository.get(session, lab.release), settings, ConsentScope.INTERNAL
        )
    assert {infant.split for infant in effect.table} == {None}
    assert effect.held == []


def test_the_table_of_a_source_shows_shares_of_its_own(lab: Lab) -> None:
    def of_its_own(settings: ReleaseSettings) -> None:
        settings.splitting = Splitting.model_validate(
            {
                "targets": [{"name": "train", "share": 0.5}, {"name": "test", "share": 0.5}],
                "by_source": {"other": {"train": 1.0}, "home_visit": {"train": 1.0}},
            }
        )

    lab.settings(lab.release, of_its_own)
    with transaction(lab.bench.engine) as session:
        release = repository.get(session, lab.release)
        propose_splits(session, release)
        effect = effect_of(session, release, service.settings_of(release), ConsentScope.INTERNAL)
    held = {(one.name, one.split): one for one in effect.held if one.kind == "source"}
    for (source, split), one in held.items():
        wanted = 0.5 if source == "youtube" else float(split == "train")
        assert one.target == pytest.approx(wanted)
        if wanted in (0, 1):
            assert one.amount == wanted * one.total


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"train": 0.5}, "the shares of the splits of youtube add up to 0.5"),
        ({"train": 0.5, "elsewhere": 0.5}, "asks for a split elsewhere, which is none"),
    ],
)
def test_shares_of_a_source_that_mean_nothing_are_refused(
    parts: dict[str, float], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        Splitting.model_validate({"by_source": {"youtube": parts}})


def test_recordings_that_left_approval_since_the_last_version_are_named(published_lab: Lab) -> None:
    lab = published_lab
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.RETURNED.value
        name = recording.name
    following = lab.begin()
    with Session(lab.bench.engine) as session:
        release = repository.get(session, following)
        effect = effect_of(session, release, service.settings_of(release), ConsentScope.INTERNAL)
    assert effect.remarks[0].startswith("4 frames of 1.0.0 are left out")
    assert name in effect.remarks[0]


def test_the_effect_counts_recordings_that_the_rule_does_not_look_into(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        found = [session.get_one(Recording, key) for key in lab.recordings]
        found[0].source, found[0].age_months = "youtube", 5
        found[1].source, found[1].age_months = "home_visit", 5
        found[2].source, found[2].age_months = "home_visit", 12
        settings = service.settings_of(repository.get(session, lab.release))
        session.flush()

        def effect(**rule: Any) -> EffectOut:
            other = settings.model_copy(
                update={"selection": settings.selection.model_copy(update=rule)}
            )
            release = repository.get(session, lab.release)
            return effect_of(session, release, other, ConsentScope.INTERNAL)

        def told(found: EffectOut) -> tuple[int, int, dict[str, int]]:
            return found.frames, found.of_frames, {one.what: one.count for one in found.left_out}

        assert told(effect()) == (12, 12, {})
        assert told(effect(sources=[Source.HOME_VISIT], max_age_months=6)) == (
            4, 12, {OTHER_SOURCE: 4, OTHER_AGE: 4},
        )  # fmt: skip
        assert told(effect(recordings=list(lab.recordings[1:]))) == (8, 12, {NOT_NAMED: 4})
        withdrawn = InfantConsent(
            infant_id=found[0].infant_id, scope="none", given_on=date(2026, 1, 2), document="A-7"
        )
        session.add(withdrawn)
        session.flush()
        assert told(effect()) == (8, 12, {NO_CONSENT: 4})
