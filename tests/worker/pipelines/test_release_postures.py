"""Postures in releases: selected, required, frozen, counted, compared, written, measured."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Recording, ReleaseFrame, User
from backend.domain.consents import ConsentScope
from backend.domain.posture_ranges import Stroke
from backend.domain.postures import PostureLabel, label_of_posture
from backend.domain.workflow import Stage
from backend.labelling.postures import service as postures
from backend.publishing.evaluation.posture_file import read_postures
from backend.publishing.evaluation.truth_file import read_truth
from backend.publishing.exports.frames import labelled
from backend.publishing.labelled_columns import as_frames
from backend.publishing.releases import repository
from backend.publishing.releases.contents import changes, statistics
from backend.publishing.releases.leaks import components_of
from backend.publishing.releases.selecting import choose
from backend.publishing.releases.settings import Images, ReleaseSettings
from tests.factories import frame_ids_of
from tests.worker.release_lab import Lab

PRONE, SITTING = label_of_posture("prone_lying"), label_of_posture("sitting_without_support")


def paint(lab: Lab, recording: int, *strokes: Stroke) -> None:
    """As the annotator did before the recording was approved."""
    with transaction(lab.bench.engine) as session:
        row = session.get_one(Recording, recording)
        row.stage = Stage.ANNOTATING.value
        session.flush()
        version = postures.postures_of(session, recording).version
        me = session.get_one(User, row.annotator_id or lab.annotator)
        row.annotator_id = me.id
        session.flush()
        postures.paint_postures(
            session, me, recording, strokes, version=version, operation_id=uuid.uuid4()
        )
        row.stage = Stage.APPROVED.value


def frozen(lab: Lab, release: int) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for row in lab.bench.all(ReleaseFrame):
        if row.release_id == release:
            found[row.posture] = found.get(row.posture, 0) + 1
    return found


def without_images(settings: ReleaseSettings) -> None:
    settings.packaging.images = Images.NONE


def test_a_release_freezes_counts_and_writes_postures(lab: Lab, tmp_path: Path) -> None:
    first, second = lab.recordings[:2]
    paint(lab, first, Stroke(0, 1, PRONE), Stroke(2, 2, PostureLabel("supine")))
    paint(lab, second, Stroke(1, 1, SITTING))
    lab.settings(lab.release, without_images)
    row = lab.published(lab.release)
    counts = frozen(lab, lab.release)
    assert counts["prone_lying"] > 0
    assert counts["sitting_without_support"] > 0
    assert row.statistics is not None
    told = {entry["posture"] for entry in row.statistics["postures"]}
    assert told == {"prone_lying", "sitting_without_support"}
    written = [
        annotation["infantnet"]
        for path, data in lab.files(lab.release).items()
        if path.startswith("annotations/")
        for annotation in json.loads(data)["annotations"]
    ]
    named = [about for about in written if "posture" in about]
    assert len(named) == counts["prone_lying"] + counts["sitting_without_support"]
    assert {(about["posture"], about["posture_code"]) for about in named} == {
        ("prone_lying", 11),
        ("sitting_without_support", 33),
    }
    assert {about["posture_version"] for about in named} == {1}


def test_only_frames_of_some_postures_are_selected_and_balanced(lab: Lab) -> None:
    first, second = lab.recordings[:2]
    paint(lab, first, Stroke(0, 2, PRONE))
    paint(lab, second, Stroke(0, 0, SITTING), Stroke(1, 2, PRONE))

    def only_sitting(settings: ReleaseSettings) -> None:
        without_images(settings)
        settings.selection.postures = ["sitting_without_support"]

    lab.settings(lab.release, only_sitting)
    with Session(lab.bench.engine) as session:
        settings = ReleaseSettings.model_validate(repository.get(session, lab.release).settings)
        audience = ConsentScope(repository.get(session, lab.release).audience)
        chosen = choose(session, settings.selection, audience)
        (unit,) = [unit for part in components_of(session, chosen) for unit in part.units]
        assert unit.recording == second
        assert unit.postures == {"sitting_without_support": unit.frames}
        live = statistics.told(session, repository.get(session, lab.release))
        assert live.postures is not None
        assert [entry.posture for entry in live.postures] == ["sitting_without_support"]
    lab.check(lab.release)
    assert set(frozen(lab, lab.release)) == {"sitting_without_support"}


def test_where_postures_are_required_frames_without_one_block(lab: Lab) -> None:
    first = lab.recordings[0]
    paint(lab, first, Stroke(0, 0, PRONE), Stroke(1, 2, PostureLabel("supine")))

    def required(settings: ReleaseSettings) -> None:
        without_images(settings)
        settings.selection.posture_required = True

    lab.settings(lab.release, required)
    gate = lab.check(lab.release).gate or []
    (entry,) = gate
    assert (entry["kind"], entry["count"]) == ("without_posture", 3)
    assert {item["recording_id"] for item in entry["items"]} == set(lab.recordings)
    words = {item["recording_id"]: item["why"] for item in entry["items"]}
    assert words[first] == "3 frames have no posture."
    places = {item["recording_id"]: item["frame_id"] for item in entry["items"]}
    with Session(lab.bench.engine) as session:
        assert places[first] in frame_ids_of(session, session.get_one(Recording, first))


def test_changed_postures_show_between_two_versions(lab: Lab) -> None:
    first = lab.recordings[0]
    paint(lab, first, Stroke(0, 2, PRONE))
    lab.settings(lab.release, without_images)
    lab.published(lab.release)
    paint(lab, first, Stroke(1, 1, SITTING))
    later = lab.begin()
    lab.settings(later, without_images)
    with Session(lab.bench.engine) as session:
        assert changes.difference(session, later).postures_changed == 1
    lab.check(later)
    assert frozen(lab, later)["sitting_without_support"] == 1
    with Session(lab.bench.engine) as session:
        assert changes.difference(session, later).postures_changed == 1


def test_exports_say_postures_and_their_groups(lab: Lab) -> None:
    first = lab.recordings[0]
    paint(lab, first, Stroke(0, 0, PRONE), Stroke(1, 1, PostureLabel("supine")))
    with Session(lab.bench.engine) as session:
        told = [frame.provenance for frame in as_frames(labelled(session, [first]))]
    keys = ("posture", "posture_group", "posture_code", "posture_version")
    assert [tuple(about.get(key) for key in keys) for about in told][:2] == [
        ("prone_lying", "prone", 11, 1),
        (None, "supine", 20, 1),
    ]
    assert not any(key in about for about in told[2:] for key in keys)


def test_a_release_is_the_truth_that_predicted_postures_are_measured_against(
    lab: Lab, tmp_path: Path
) -> None:
    for recording in lab.recordings:
        paint(lab, recording, Stroke(0, 2, PRONE))
    lab.settings(lab.release, without_images)
    lab.published(lab.release)
    folder = lab.pull(lab.release, tmp_path / "pulled")
    (truth,) = (folder / "annotations").glob("*train*.json")
    images = json.loads(truth.read_text())["images"]
    table = tmp_path / "predicted.csv"
    lines = ["image_id,posture", *(f"{image['id']},Prone Lying" for image in images)]
    table.write_text("\n".join(lines))
    pairs = read_postures(table, read_truth(truth))
    assert pairs.true
    assert set(pairs.true) == {"prone_lying"}
    assert pairs.true == pairs.predicted
