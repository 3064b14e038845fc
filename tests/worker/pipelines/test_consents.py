"""Consent taken back: what of a release goes, what stays, and what is erased."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Annotation,
    Candidate,
    Export,
    Frame,
    Infant,
    InfantConsent,
    Job,
    Recording,
    Release,
    TrainingRun,
    Upload,
)
from backend.core.database.tables.jobs import JobKind, JobState
from backend.core.uploads.service import path_of
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict, InvalidInput
from backend.publishing.consents import erasing
from backend.publishing.consents import service as consents
from backend.publishing.consents.payloads import EraseInfantPayload
from backend.publishing.consents.schemas import ConsentIn, ConsentsOut, InfantState
from backend.publishing.releases import removal, reports, repository, service
from tests.worker.bench import png
from tests.worker.release_lab import Lab


def entry(scope: ConsentScope) -> ConsentIn:
    return ConsentIn(scope=scope, given_on=date(2026, 11, 1), document="A-12")


def infant_of(lab: Lab, number: int = 0) -> int:
    with Session(lab.bench.engine) as session:
        return session.get_one(Recording, lab.recordings[number]).infant_id


def take_back(lab: Lab, infant: int) -> None:
    with transaction(lab.bench.engine) as session:
        consents.note(session, lab.me(session), infant, entry(ConsentScope.NONE))


def test_a_withdrawal_makes_checked_releases_drafts_and_lists_published_ones(
    published_lab: Lab,
) -> None:
    lab = published_lab
    second = lab.begin()
    lab.check(second)
    infant = infant_of(lab)
    with transaction(lab.bench.engine) as session:
        told = consents.note(session, lab.me(session), infant, entry(ConsentScope.NONE))
    assert [held.release_id for held in told.published] == [lab.release]
    assert told.infant.scope is ConsentScope.NONE
    assert lab.row(second).state == "draft"
    assert lab.row(lab.release).state == "published"
    with Session(lab.bench.engine) as session:
        out = reports.release_out(session, repository.get(session, lab.release))
    assert out.disagreeing == [pseudonym_of(lab, infant)]
    assert lab.published(second).frames == 8
    with Session(lab.bench.engine) as session:
        assert reports.release_out(session, repository.get(session, second)).disagreeing == []


def test_a_wider_entry_leaves_checked_releases_alone(
    checked_lab: Lab,
) -> None:
    lab = checked_lab
    with transaction(lab.bench.engine) as session:
        consents.note(session, lab.me(session), infant_of(lab), entry(ConsentScope.PUBLIC))
    assert lab.row(lab.release).state == "checked"


def test_an_entry_names_a_document_that_is_signed_already(lab: Lab) -> None:
    infant = infant_of(lab)
    today = datetime.now(UTC).date()
    with transaction(lab.bench.engine) as session:
        me = lab.me(session)
        odd = entry(ConsentScope.PUBLIC)
        with pytest.raises(InvalidInput, match="number in your archive"):
            consents.note(session, me, infant, odd.model_copy(update={"document": "  "}))
        later = odd.model_copy(update={"given_on": today + timedelta(days=2)})
        with pytest.raises(InvalidInput, match="in the future"):
            consents.note(session, me, infant, later)
    assert told(lab, infant).entries == []


def pseudonym_of(lab: Lab, infant: int) -> str:
    with Session(lab.bench.engine) as session:
        return session.get_one(Infant, infant).pseudonym


def told(lab: Lab, infant: int) -> ConsentsOut:
    with Session(lab.bench.engine) as session:
        return consents.consents_of(session, lab.me(session), infant)


def ask_to_erase(lab: Lab, infant: int, name: str | None = None) -> int:
    with transaction(lab.bench.engine) as session:
        name = pseudonym_of(lab, infant) if name is None else name
        return erasing.request_erasure(session, lab.me(session), infant, name).id


def erase(lab: Lab, infant: int) -> Job:
    return lab.bench.run(ask_to_erase(lab, infant))


def test_an_infant_is_erased_only_after_the_withdrawal_and_by_its_pseudonym(lab: Lab) -> None:
    infant = infant_of(lab)
    with pytest.raises(Conflict, match="note that first"):
        ask_to_erase(lab, infant)
    take_back(lab, infant)
    with pytest.raises(InvalidInput, match="to erase"):
        ask_to_erase(lab, infant, "somebody else")
    assert len(lab.bench.all(Recording)) == 3


def test_erasing_removes_rows_and_files_and_keeps_the_consents(
    published_lab: Lab,
) -> None:
    lab = published_lab
    infant = infant_of(lab)
    take_back(lab, infant)
    job = erase(lab, infant)
    assert job.state == "succeeded", job.error
    assert job.result == {
        "infant_id": infant, "recordings": 1, "files": 4, "exports": 0, "uploads": 0,
    }  # fmt: skip
    gone = lab.recordings[0]
    assert gone not in [row.id for row in lab.bench.all(Recording)]
    assert not [path for path in lab.bench.files() if path.startswith(f"recordings/{gone}/")]
    for table in (Frame, Annotation):
        assert {row.recording_id for row in lab.bench.all(table)} == set(lab.recordings[1:])
    assert len(lab.bench.all(Candidate)) == 2 * 8
    assert [row.scope for row in lab.bench.all(InfantConsent)] == ["none"]
    assert lab.row(lab.release).state == "published"
    after = told(lab, infant)
    assert after.infant.state is InfantState.ERASED
    assert after.erasure is not None
    assert after.erasure.id == job.id
    assert [(held.release_id, held.frames) for held in after.published] == [(lab.release, 4)]


def test_drafts_do_not_go_on_naming_recordings_that_were_erased(published_lab: Lab) -> None:
    lab = published_lab
    infant = infant_of(lab)
    draft = lab.begin()
    with transaction(lab.bench.engine) as session:
        row = session.get_one(Release, draft)
        place = {"recording_id": lab.recordings[0], "frame_id": None, "infant_id": None}
        item = place | {"what": "Visit of Ada", "why": "It is annotating."}
        row.gate = [{"kind": "unapproved", "count": 1, "items": [item]}]
    take_back(lab, infant)

    assert erase(lab, infant).state == "succeeded"

    assert lab.row(draft).gate is None


def test_an_erasure_that_was_cut_off_goes_on_where_it_stopped(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        second = session.get_one(Recording, lab.recordings[1])
        second.infant_id = session.get_one(Recording, lab.recordings[0]).infant_id
    infant = infant_of(lab)
    take_back(lab, infant)
    job = ask_to_erase(lab, infant)
    asked = EraseInfantPayload(infant_id=infant, by_id=lab.bench.maintainer_id)
    with transaction(lab.bench.engine) as session:
        erasing.erase_recording(session, lab.recordings[0], asked, job, lab.storage)
    # The worker died here, and between the files and the rows of the next recording.
    lab.storage.delete_prefix(f"recordings/{lab.recordings[1]}/")
    assert told(lab, infant).infant.state is InfantState.ERASING
    ended = lab.bench.run(job)
    assert ended.state == "succeeded", ended.error
    assert ended.result is not None
    assert ended.result["recordings"] == 2
    assert [row.id for row in lab.bench.all(Recording)] == [lab.recordings[2]]


def test_what_failed_publications_and_exports_hold_goes_as_well(
    checked_lab: Lab,
) -> None:
    lab = checked_lab
    lab.storage.put(f"releases/{lab.release}/1/images/a.png", b"left by a worker that died")
    with transaction(lab.bench.engine) as session:
        lab.storage.put("exports/1/all.json", b"{}")
        session.add(
            Export(
                recording_ids=lab.recordings, filename="all.json", key="exports/1/all.json", bytes=2
            )
        )
    infant = infant_of(lab)
    take_back(lab, infant)
    assert told(lab, infant).stored.exports == 1
    job = erase(lab, infant)
    assert job.result is not None
    assert job.result["exports"] == 1
    kept = {path.split("/")[0] for path in lab.bench.files()}
    assert kept == {"recordings"}
    assert lab.bench.all(Export) == []


def test_what_dead_workers_left_and_surfaces_of_fits_go_as_well(lab: Lab) -> None:
    first = lab.recordings[0]
    blobs = lab.bench.settings.data_dir / "blobs"
    on_the_way = lab.bench.settings.scratch_dir / "job-0-1-dead"
    on_the_way.mkdir(parents=True)
    (on_the_way / "film.mp4").write_bytes(b"film")
    lab.storage.put(f"fits/{first}/surface-1.npy", b"skin, as older versions stored it")
    (blobs / "recordings" / str(first) / "half.jpg#77").write_bytes(b"half a picture")
    infant = infant_of(lab)
    take_back(lab, infant)
    assert erase(lab, infant).state == "succeeded"
    assert not [path for path in blobs.rglob("*") if str(first) in path.parts and path.is_file()]
    assert not on_the_way.exists()


def test_uploads_that_a_failed_import_keeps_go_with_the_infant(lab: Lab) -> None:
    failed = lab.bench.videos(("broken.mp4", b"no video"), infant={"pseudonym": "INF-9"})
    assert failed.state == "failed"
    infant = next(row.id for row in lab.bench.all(Infant) if row.pseudonym == "INF-9")
    take_back(lab, infant)
    assert told(lab, infant).stored.uploads == 1
    upload = lab.bench.all(Upload)[0]
    path = path_of(lab.bench.settings.uploads_dir, upload.id)
    assert path.exists()
    job = erase(lab, infant)
    assert job.result is not None
    assert job.result["uploads"] == 1
    assert not path.exists()
    assert lab.bench.all(Upload) == []


def test_nothing_of_an_infant_is_imported_after_the_withdrawal(lab: Lab) -> None:
    infant = infant_of(lab)
    take_back(lab, infant)
    with pytest.raises(Conflict, match="took its consent back"):
        lab.bench.images(
            ("1.png", png(64, 48)), name="Again", infant={"pseudonym": pseudonym_of(lab, infant)}
        )
    assert len(lab.bench.all(Recording)) == 3


def test_nobody_is_erased_whose_family_agreed_again_before_the_job_began(lab: Lab) -> None:
    infant = infant_of(lab)
    take_back(lab, infant)
    job = ask_to_erase(lab, infant)
    with transaction(lab.bench.engine) as session:
        consents.note(session, lab.me(session), infant, entry(ConsentScope.INTERNAL))
    assert lab.bench.run(job).state == "failed"
    assert len(lab.bench.all(Recording)) == 3


def test_the_list_tells_how_each_infant_stands(
    published_lab: Lab,
) -> None:
    lab = published_lab
    infant = infant_of(lab)
    take_back(lab, infant)
    with Session(lab.bench.engine) as session:
        rows = {row.id: row for row in consents.list_infants(session, lab.me(session))}
    first, second = rows[infant], rows[infant_of(lab, 1)]
    assert (first.state, first.published, first.document) == (InfantState.WITHDRAWN, 1, "A-12")
    assert (second.state, second.scope, second.frames) == (InfantState.AGREED, None, 4)
    assert second.by_recordings


def train(lab: Lab, state: JobState) -> int:
    """A run on the release that has drawn a picture of its images."""
    with transaction(lab.bench.engine) as session:
        kind = JobKind.TRAIN_MODEL.value
        job = Job(kind=kind, queue="gpu", title="Train", payload={}, state=state.value)
        session.add(job)
        session.flush()
        run = TrainingRun(
            name="tiny", recipe="rtmo-t", settings={}, scale="small", seed=1, epochs=2,
            release_id=lab.release, release_title="crawlers 1.0.0", release_sha256="0" * 64,
            job_id=job.id, pictures=[{"epoch": 1, "file": "0001-00.jpg"}],
        )  # fmt: skip
        session.add(run)
        session.flush()
        lab.storage.put(f"runs/{run.id}/pictures/0001-00.jpg", b"drawn over an image")
        lab.storage.put(f"runs/{run.id}/curves.jsonl", b"{}")
        return run.id


def test_pictures_that_trainings_drew_of_a_release_leave_with_its_files(published_lab: Lab) -> None:
    lab = published_lab
    run = train(lab, JobState.SUCCEEDED)
    with transaction(lab.bench.engine) as session:
        service.withdraw(session, lab.me(session), lab.release, "The family withdrew.")
        job = removal.request_removal(session, lab.me(session), lab.release).id
    assert lab.bench.run(job).state == "succeeded"
    assert [p for p in lab.bench.files() if p.startswith("runs/")] == [f"runs/{run}/curves.jsonl"]
    assert lab.bench.all(TrainingRun)[0].pictures == []


def test_files_of_a_release_that_is_trained_on_stay_until_the_training_is_cancelled(
    published_lab: Lab,
) -> None:
    lab = published_lab
    train(lab, JobState.RUNNING)
    with transaction(lab.bench.engine) as session:
        service.withdraw(session, lab.me(session), lab.release, "The family withdrew.")
        job = removal.request_removal(session, lab.me(session), lab.release).id
    ended = lab.bench.run(job)
    assert ended.state == "failed"
    assert "cancel its job first" in str(ended.error)
    assert [p for p in lab.bench.files() if p.startswith("releases/")]


def test_files_of_a_withdrawn_release_leave_the_store_and_their_hashes_stay(
    published_lab: Lab,
) -> None:
    lab = published_lab
    release = lab.row(lab.release)
    with transaction(lab.bench.engine) as session:
        with pytest.raises(Conflict, match="withdraw it first"):
            removal.request_removal(session, lab.me(session), lab.release)
        service.withdraw(session, lab.me(session), lab.release, "The family withdrew.")
        job = removal.request_removal(session, lab.me(session), lab.release).id
        with pytest.raises(Conflict, match="are being removed"):
            removal.request_removal(session, lab.me(session), lab.release)
    assert lab.bench.run(job).state == "succeeded"
    assert not [path for path in lab.bench.files() if path.startswith("releases/")]
    with transaction(lab.bench.engine) as session:
        assert len(repository.files(session, lab.release)) == release.files
        (item,) = reports.items(session, repository.releases(session))
        assert item.files_removed_at is not None
        assert item.content_sha256 == release.content_sha256
        with pytest.raises(Conflict, match="removed already"):
            removal.request_removal(session, lab.me(session), lab.release)
