"""What blocks a release, what is frozen where nothing does."""

from __future__ import annotations

import json

import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Recording,
    Release,
    ReleaseFrame,
    User,
)
from backend.domain.consents import ConsentScope
from backend.domain.operations import MoveJoint
from backend.domain.workflow import Stage
from backend.publishing.releases import drafts, reports, repository, service
from backend.publishing.releases.settings import Images, ReleaseSettings
from tests.factories import (
    discard,
    edit,
    frame_ids_of,
    frames_of,
)
from tests.worker.release_lab import Lab


def session_infant(lab: Lab, recording_id: int) -> int:
    with transaction(lab.bench.engine) as session:
        return session.get_one(Recording, recording_id).infant_id


def blocking(release: Release) -> dict[str, int]:
    return {entry["kind"]: entry["count"] for entry in release.gate or []}


def test_what_blocks_is_counted_and_listed_with_its_place(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        first, second = (session.get_one(Recording, key) for key in lab.recordings[:2])
        frames = frames_of(session, first)
        lab.storage.delete(frames[0].image_key)
        lab.storage.put(frames[1].image_key, lab.storage.read(frames[2].image_key))
        frames[1].sha256 = frames[2].sha256
        edit_of = frames_of(session, second)[0].id
        second.stage = Stage.ANNOTATING.value
        edit(session, session.get_one(User, lab.annotator), edit_of, MoveJoint(0, 11.0, 12.0))
        second.stage = Stage.APPROVED.value
        drafts.assign(session, lab.me(session), lab.release, {first.infant_id: None})
    release = lab.check(lab.release)
    assert release.state == "draft"
    assert blocking(release) == {"unassigned": 1, "unreadable": 1, "duplicate": 1, "stale": 1}
    assert release.gate is not None
    stale = next(entry for entry in release.gate if entry["kind"] == "stale")
    assert stale["items"][0]["frame_id"] == edit_of
    assert lab.bench.all(ReleaseFrame) == []


def test_what_blocked_stays_to_be_read_while_it_is_mended(lab: Lab) -> None:
    infants = [session_infant(lab, key) for key in lab.recordings[:2]]
    with transaction(lab.bench.engine) as session:
        drafts.assign(session, lab.me(session), lab.release, dict.fromkeys(infants))
    lab.check(lab.release)

    with transaction(lab.bench.engine) as session:
        drafts.assign(session, lab.me(session), lab.release, {infants[0]: "train"})

    with transaction(lab.bench.engine) as session:
        told = reports.release_out(session, repository.get(session, lab.release))
        assert told.state == "draft"
        assert [(kind.kind, kind.count) for kind in told.gate or []] == [("unassigned", 2)]
        assert told.gate_outdated
        assert told.gate_checked_at is not None
    again = lab.check(lab.release)
    assert blocking(again) == {"unassigned": 1}


def test_infants_who_look_alike_may_not_be_on_two_sides(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        rows = repository.splits(session, lab.release)
        assert {row.split for row in rows.values()} == {"train", "val", "test"}
        a, b = (frames_of(session, session.get_one(Recording, key)) for key in lab.recordings[:2])
        b[0].dhash = a[0].dhash ^ 1
    release = lab.check(lab.release)
    assert blocking(release) == {"leaking": 1}
    assert release.gate is not None
    assert "nearly repeat each other" in release.gate[0]["items"][0]["why"]


def test_recordings_without_consent_are_left_out_or_block(lab: Lab) -> None:
    for recording in lab.recordings:
        lab.consent(recording, ConsentScope.RESEARCH)
    lab.consent(lab.recordings[0], ConsentScope.INTERNAL)
    with transaction(lab.bench.engine) as session:
        repository.get(session, lab.release).audience = ConsentScope.RESEARCH.value
    assert lab.check(lab.release).frames == 8

    def everybody(settings: ReleaseSettings) -> None:
        settings.selection.consented_only = False

    lab.settings(lab.release, everybody)
    assert blocking(lab.check(lab.release)) == {"unconsented": 1}


def test_who_takes_no_part_any_more_is_in_no_draft_whatever_its_rule_says(lab: Lab) -> None:
    def everybody(settings: ReleaseSettings) -> None:
        settings.selection.consented_only = False

    lab.settings(lab.release, everybody)
    lab.consent(lab.recordings[0], ConsentScope.NONE)
    assert lab.check(lab.release).frames == 8


def test_consent_taken_back_after_the_check_stops_the_publication(checked_lab: Lab) -> None:
    lab = checked_lab
    lab.consent(lab.recordings[0], ConsentScope.NONE)
    job = lab.publish(lab.release)
    assert job.state == "failed"
    assert job.error is not None
    assert "do not agree" in job.error
    assert lab.row(lab.release).state == "draft"
    assert lab.published(lab.release).frames == 8


def test_an_infant_never_changes_sides_between_versions(published_lab: Lab) -> None:
    lab = published_lab
    second = lab.begin()
    with transaction(lab.bench.engine) as session:
        before, now = repository.splits(session, lab.release), repository.splits(session, second)
        assert {k: row.split for k, row in now.items()} == {k: r.split for k, r in before.items()}
        assert all(row.inherited for row in now.values())
        infant, row = next(iter(now.items()))
        other = next(name for name in ("train", "val", "test") if name != row.split)
        with pytest.raises(service.Conflict, match="never changes sides"):
            drafts.assign(session, lab.me(session), second, {infant: other})


def test_faces_as_they_are_do_not_go_to_the_public(lab: Lab) -> None:
    def with_faces(settings: ReleaseSettings) -> None:
        settings.packaging.images = Images.STORED

    lab.settings(lab.release, with_faces)
    for recording in lab.recordings:
        lab.consent(recording, ConsentScope.PUBLIC)
    with transaction(lab.bench.engine) as session:
        about = drafts.About(audience=ConsentScope.PUBLIC)
        drafts.edit(session, lab.me(session), lab.release, about)
    assert blocking(lab.check(lab.release)) == {"unmasked": 3}


def test_what_is_in_a_release_is_counted_when_it_is_frozen(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.ANNOTATING.value
        frame = frame_ids_of(session, recording)[3]
        discard(session, session.get_one(User, lab.annotator), frame)
        recording.stage = Stage.APPROVED.value
    release = lab.published(lab.release)
    told = json.loads(lab.files(release.id)["statistics.json"])
    assert told == release.statistics
    assert sum(row["raw"] for row in told["table"]) == 12
    assert sum(row["kept"] for row in told["table"]) == 11
    assert told["discards"] == {"motion_blur": 1}
    seen = [counts for split in told["joints"].values() for counts in split.values()]
    assert sum(sum(counts) for counts in seen) == 11 * 17
    assert sum(row["frames"] for row in told["ages"]) == 11
    assert sum(row["boxes"] for row in told["box_sizes"]) == 11
    assert told["work"]["annotators"] == 1


def test_an_image_that_changed_in_the_store_blocks(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        frame = frames_of(session, session.get_one(Recording, lab.recordings[0]))[0]
        lab.storage.put(frame.image_key, b"something else")
    release = lab.check(lab.release)
    assert blocking(release) == {"unreadable": 1}
    assert release.gate is not None
    assert "its content has changed" in release.gate[0]["items"][0]["why"]
