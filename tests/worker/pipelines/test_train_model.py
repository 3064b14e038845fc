"""Training on a published release: the real loop, the real model, the real store."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Checkpoint, Evaluation, TrainingRun, User
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.domain.errors import Conflict, InvalidInput
from backend.models.checkpoints import service as checkpoints
from backend.models.checkpoints.designs import WeightKind
from backend.models.runs import service as runs
from backend.publishing.trainings import service
from backend.publishing.trainings.schemas import TrainIn
from tests.worker.bench import Bench
from tests.worker.release_lab import Ids, Lab, furnish
from worker.context import JobContext
from worker.pipelines import train_model

pytestmark = pytest.mark.models
if importlib.util.find_spec("mmpose") is None:
    pytest.skip("training needs the model packages", allow_module_level=True)

SMALL = {"epochs": 2, "batch": 4, "size": [64, 64]}


@pytest.fixture(scope="module")
def trained_lab(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Lab, int]:
    """A published release of five infants, of whom one is in the test split."""
    settings = Settings(
        database_url=module_database_url,
        redis_url=None,
        data_dir=tmp_path_factory.mktemp("lab"),
        storage_url=None,
        demo=False,
        inference_device="cpu",
    )
    bench = Bench(settings)
    ids: Ids = furnish(bench, visits=5)
    lab = Lab(bench, ids)
    lab.published(ids.release)
    return lab, ids.release


def ask(lab: Lab, release: int, **wish: Any) -> tuple[int, int]:
    asked = TrainIn.model_validate(
        {"recipe": "rtmo-t", "start": "rtmo-t-demo", "settings": SMALL} | wish
    )
    with transaction(lab.bench.engine) as session:
        run, job = service.request(session, lab.me(session), lab.bench.settings, release, asked)
        return run.id, job.id


def row(lab: Lab, run_id: int) -> TrainingRun:
    with Session(lab.bench.engine, expire_on_commit=False) as session:
        return session.get_one(TrainingRun, run_id)


def test_a_run_is_taken_over_registered_measured_and_chosen(
    trained_lab: tuple[Lab, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, release = trained_lab
    run_id, job_id = ask(lab, release, name="crawler")

    # The first worker dies after an epoch, without a word.
    class Died(BaseException):
        pass

    kept = runs.kept

    def dies(session: Session, run: int, **told: Any) -> None:
        kept(session, run, **told)
        session.commit()
        if told["epoch"] == 1:
            raise Died

    monkeypatch.setattr(runs, "kept", dies)
    with transaction(lab.bench.engine) as session:
        claimed = jobs.claim(session, job_id)
        assert claimed is not None
        context = JobContext(
            job_id, None, dict(claimed.payload), 0, claimed.claims, lab.bench.settings
        )
    with pytest.raises(Died):
        train_model.run(context)
    monkeypatch.undo()
    assert row(lab, run_id).epoch == 1
    with transaction(lab.bench.engine) as session:
        job = jobs.get_job(session, job_id, lock=True)
        job.state = "queued"
        job.cancel_requested = False

    job = lab.bench.run(job_id)

    assert job.state == "succeeded", job.error
    run = row(lab, run_id)
    with Session(lab.bench.engine) as session:
        rows = runs.curves(lab.storage, session.get_one(TrainingRun, run_id))
        board = [(e.model, e.setting) for e in lab.bench.all(Evaluation)]
        checkpoint = session.query(Checkpoint).filter_by(name="crawler").one()
        assert (checkpoint.architecture, checkpoint.config["side"]) == ("rtmo-t", 64)
        assert "crawlers@" in checkpoint.trained_on
        assert checkpoint.sha256 == run.best_sha256
    assert [r["epoch"] for r in rows if "scores" in r] == [0, 1, 2]
    assert run.checkpoint == "crawler"
    assert run.scores is not None
    assert set(run.scores) == {"AP", "AP50", "AP75", "AR", "OKS"}
    assert run.pictures
    assert sorted(board) == [("crawler", "fine-tuned"), ("rtmo-t-demo", "zero-shot")]
    with transaction(lab.bench.engine) as session:
        runs.decide(session, lab.me(session), run_id, "chosen")
    with transaction(lab.bench.engine) as session:
        store = checkpoints.refresh(session, lab.bench.settings)
        assert checkpoints.chosen(store.list(), WeightKind.POSE) == "crawler"


def test_losses_that_are_no_numbers_register_nothing(trained_lab: tuple[Lab, int]) -> None:
    lab, release = trained_lab
    run_id, job_id = ask(lab, release, name="hasty", settings={**SMALL, "rate": 9.0, "clip": 1e9})

    job = lab.bench.run(job_id)

    assert job.state == "failed"
    assert "Nothing was registered" in (job.error or "") or "numbers that are none" in (
        job.error or ""
    )
    run = row(lab, run_id)
    assert (run.checkpoint, run.finished_at, run.scores) == (None, None, None)
    assert "hasty" not in {c.name for c in lab.bench.all(Checkpoint)}
    assert "hasty" not in {e.model for e in lab.bench.all(Evaluation)}


def test_what_cannot_be_trained_is_refused_before_a_job_is_made(
    trained_lab: tuple[Lab, int],
) -> None:
    lab, release = trained_lab
    with pytest.raises(InvalidInput, match="begins from one of rtmo-t"):
        ask(lab, release, start="blazepose-lite")
    with pytest.raises(InvalidInput, match="no 'speed'"):
        ask(lab, release, settings={"speed": 3})
    with pytest.raises(InvalidInput, match="batch must be"):
        ask(lab, release, settings={"batch": 0})
    ask(lab, release, name="twice")
    with pytest.raises(Conflict, match="twice already"):
        ask(lab, release, name="twice")
    with transaction(lab.bench.engine) as session:
        stranger = session.get_one(User, lab.annotator)
        assert stranger.id != lab.ids.maintainer
