"""Pre-labels of the rendered demo: by the model that ships where it can run, else simulated."""

from __future__ import annotations

import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import Candidate, Job, Recording, User
from backend.core.database.tables.jobs import JobKind
from backend.core.settings import Settings
from backend.demo.known import RenderedTruth
from backend.demo.simulate import MODEL_NAME
from backend.demo.truth import list_demo_recordings
from backend.domain.workflow import Event, Stage
from backend.labelling.workflow import service as stages
from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from backend.recordings import service as recordings
from backend.recordings.access import get_recording
from backend.recordings.schemas import ImportIn
from tests.worker.bench import Bench
from worker.pipelines.models import choose

EVERY = 50


def import_demo(bench: Bench, *, models: bool) -> Job:
    """A few frames of the living room, as the demo's own import brings them."""
    bench.settings = bench.settings.model_copy(update={"models": models})
    demo = next(demo for demo in list_demo_recordings() if demo.name == "living_room")
    upload = bench.upload("room.mp4", demo.cameras[0].video.read_bytes())
    request = ImportIn.model_validate(
        {
            "kind": "video",
            "name": "room",
            "source": "other",
            "infant": {"pseudonym": "room"},
            "consent": "public_video",
            "cameras": [{"name": "camera 1", "upload_id": upload}],
            "sampling": {"mode": "every", "value": EVERY},
        }
    )
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        _, job = recordings.begin_import(session, request, user, demo=demo.name)
        number = job.id
    return bench.run(number)


@pytest.mark.models
@pytest.mark.xdist_group("models")
def test_the_shipped_model_looks_at_the_demo_if_it_is_good_enough(bench: Bench) -> None:
    pytest.importorskip("mmpose", reason="the model packages are not installed")
    good = KNOWN[DEMO_POSE].prelabels_demo
    name = DEMO_POSE if good else MODEL_NAME
    job = import_demo(bench, models=True)
    assert (job.state, job.error) == ("succeeded", None)
    recording = bench.all(Recording)[0]
    assert (recording.stage, recording.prelabel_model) == (Stage.PRELABELLED, name)
    assert recording.prelabels_simulated is not good
    people = bench.all(Candidate)
    assert {person.model for person in people} <= {name}
    assert all(person.simulated is not good for person in people)


@pytest.mark.models
@pytest.mark.xdist_group("models")
def test_the_shipped_model_runs_when_it_is_named(bench: Bench) -> None:
    pytest.importorskip("mmpose", reason="the model packages are not installed")
    import_demo(bench, models=False)
    with transaction(bench.engine) as session:
        recording = get_recording(session, bench.all(Recording)[0].id, lock="update")
        maintainer = session.get_one(User, bench.maintainer_id)
        stages.fire(session, recording, Event.PRELABEL, maintainer, model=DEMO_POSE)
    [waiting] = [job for job in bench.all(Job) if job.kind == JobKind.PRELABEL]
    assert bench.run(waiting.id).state == "succeeded"
    recording = bench.all(Recording)[0]
    assert (recording.prelabel_model, recording.prelabels_simulated) == (DEMO_POSE, False)


def test_with_models_switched_off_the_demo_is_simulated_and_says_so(bench: Bench) -> None:
    job = import_demo(bench, models=False)
    assert (job.state, job.error) == ("succeeded", None)
    recording = bench.all(Recording)[0]
    assert (recording.stage, recording.prelabel_model) == (Stage.PRELABELLED, MODEL_NAME)
    assert recording.prelabels_simulated
    assert all(person.simulated for person in bench.all(Candidate))


@pytest.mark.models
def test_only_the_demo_gets_the_demonstration_model_unasked(settings: Settings) -> None:
    offered = RenderedTruth("living_room").pose_checkpoint
    assert offered == (DEMO_POSE if KNOWN[DEMO_POSE].prelabels_demo else None)
    if offered is not None:
        assert choose(settings, WeightKind.POSE, None, instead=offered).known.name == DEMO_POSE
    assert choose(settings, WeightKind.POSE, DEMO_POSE).known.name == DEMO_POSE
    assert choose(settings, WeightKind.POSE, None).known.name == "blazepose-heavy"
