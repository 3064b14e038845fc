"""Training runs: begun, reported on, finished, decided on, deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.session import after_commit
from backend.core.database.tables import Checkpoint, Job, TrainingRun, User
from backend.core.database.tables.jobs import ACTIVE, JobKind
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.core.storage import BlobStore
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.models.checkpoints import service as checkpoints
from backend.models.runs import repository
from backend.models.runs.payloads import TrainPayload
from backend.models.runs.recipes import Told, settings_told

CURVES: Final = "curves.jsonl"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def folder_of(run_id: int) -> str:
    """Where a run's files lie in the store."""
    return f"runs/{run_id}/"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be trained.

    Attributes:
        name: Of the run and of the checkpoint that it makes; "" for one that tells the recipe.
        recipe: As the list of recipes tells it.
        scale: ``paper`` or ``small``.
        changes: Settings that differ.
        seed: Of all chance.
        release_id, release_title, release_sha256: On what.
        renders: Rendered pictures beside it, for recipes that learn from two sets.
        start: Name of a checkpoint; None for the recipe's own.
    """

    name: str
    recipe: Told
    scale: str
    changes: Mapping[str, Any]
    seed: int
    release_id: int
    release_title: str
    release_sha256: str
    renders: int
    start: str | None


def begin(session: Session, user: User, order: Order) -> tuple[TrainingRun, Job]:
    """Ask for a training.

    Raises:
        Forbidden: the person may not.
        InvalidInput: a setting or the name is wrong.
        Conflict: the name is taken.
    """
    policies.require(policies.may_manage_weights(user), "train models")
    recipe = order.recipe
    settings = settings_told(recipe, order.scale, order.changes)
    name = order.name or _free_name(session, str(recipe["name"]))
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"A model cannot be called {name!r}: use lower-case letters, digits, - and _, at most"
            " 80 characters.",
            name=name,
        )
    if session.scalar(select(Checkpoint.id).where(Checkpoint.name == name)) is not None:
        raise Conflict(f"A checkpoint is called {name} already; choose another name.", name=name)
    run = TrainingRun(
        name=name,
        recipe=recipe["name"],
        scale=order.scale,
        settings=settings,
        seed=order.seed,
        release_id=order.release_id,
        release_title=order.release_title,
        release_sha256=order.release_sha256,
        renders=order.renders,
        start=order.start,
        epochs=settings["epochs"],
        created_by_id=user.id,
    )
    try:
        with session.begin_nested():
            session.add(run)
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"A run is called {name} already; choose another name.") from error
    title = f"Train {recipe['title']} on {order.release_title}"
    job = jobs.enqueue(session, TrainPayload(run_id=run.id), None, user.id, title=title[:200])
    run.job_id = job.id
    session.flush()
    tell(session, run)
    return run, job


def _free_name(session: Session, recipe: str) -> str:
    taken = set(session.scalars(select(TrainingRun.name))) | set(
        session.scalars(select(Checkpoint.name))
    )
    number = 1
    while f"{recipe}-{number}" in taken:
        number += 1
    return f"{recipe}-{number}"


def started(session: Session, run_id: int, facts: Mapping[str, Any]) -> TrainingRun:
    """Write down by what a run is trained: ``code``, ``device``, ``samples``, ``notes``,
    ``start``, ``start_sha256``."""
    run = repository.get(session, run_id, lock=True)
    for column, value in facts.items():
        setattr(run, column, value)
    session.flush()
    tell(session, run)
    return run


def kept(session: Session, run_id: int, *, epoch: int, pictures: list[dict[str, Any]]) -> None:
    """Write down that the state after an epoch lies in the store."""
    run = repository.get(session, run_id, lock=True)
    run.epoch, run.pictures = epoch, pictures
    session.flush()
    tell(session, run)


def finished(session: Session, run_id: int, found: Mapping[str, Any]) -> TrainingRun:
    """Write down what came out, in the transaction that ends the job.

    Raises:
        NotFound: the run was deleted meanwhile.
    """
    run = repository.get(session, run_id, lock=True)
    for column, value in found.items():
        setattr(run, column, value)
    run.finished_at = datetime.now(UTC)
    session.flush()
    audit.record(
        session,
        run.created_by_id,
        "model_trained",
        "training_run",
        run.id,
        {"name": run.name, "recipe": run.recipe, "release": run.release_title},
    )
    tell(session, run)
    return run


def decide(session: Session, user: User, run_id: int, decision: str) -> TrainingRun:
    """Take a trained model as pre-labeller, or say that it shall not be one.

    Raises:
        Forbidden: the person may not.
        Conflict: the run made no model that can pre-label.
    """
    policies.require(policies.may_manage_weights(user), "choose the pre-labeller")
    run = repository.get(session, run_id, lock=True)
    if run.checkpoint is None:
        raise Conflict(f"{run.name} made no model that can pre-label recordings.")
    if decision == "chosen":
        checkpoints.choose(session, user, run.checkpoint)
    run.decision, run.decided_at, run.decided_by_id = decision, datetime.now(UTC), user.id
    session.flush()
    tell(session, run)
    return run


def delete(session: Session, user: User, storage: BlobStore, run_id: int) -> None:
    """Delete a run with its files; a checkpoint that it made stays.

    Raises:
        Forbidden: the person may not.
        Conflict: its job works on it.
    """
    policies.require(policies.may_manage_weights(user), "delete training runs")
    run = repository.get(session, run_id, lock=True)
    if session.scalar(select(Job.state).where(Job.id == run.job_id)) in ACTIVE:
        raise Conflict(f"{run.name} is being trained; cancel its job first.")
    audit.record(
        session, user.id, "training_run_deleted", "training_run", run.id, {"name": run.name}
    )
    tell(session, run)
    prefix = folder_of(run.id)
    session.delete(run)
    session.flush()
    after_commit(session, lambda: storage.delete_prefix(prefix))


def remove_pictures(session: Session, storage: BlobStore, release_id: int) -> int:
    """Remove the pictures that runs on a release drew of its images; returns how many files.

    Raises:
        Conflict: a run on it goes on, and would draw further ones.
    """
    removed = 0
    for run in repository.of_release(session, release_id):
        if session.scalar(select(Job.state).where(Job.id == run.job_id)) in ACTIVE:
            raise Conflict(f"{run.name} is being trained on this release: cancel its job first.")
        removed += storage.delete_prefix(f"{folder_of(run.id)}pictures/")
        run.pictures = []
        tell(session, run)
    session.flush()
    return removed


def curves(storage: BlobStore, run: TrainingRun) -> list[dict[str, Any]]:
    """The rows that a run has so far."""
    key = folder_of(run.id) + CURVES
    if not storage.exists(key):
        return []
    rows = []
    for line in storage.read(key).splitlines():
        try:
            rows.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            break
    return rows


def picture(storage: BlobStore, run: TrainingRun, file: str) -> bytes:
    """One of a run's pictures, as JPEG.

    Raises:
        NotFound: it has no such picture.
    """
    if file not in {told["file"] for told in run.pictures}:
        raise NotFound(f"{run.name} has no picture {file}.")
    return storage.read(f"{folder_of(run.id)}pictures/{file}")


def tell(session: Session, run: TrainingRun) -> None:
    """Let open browsers look again."""
    announce(session, "run", {"id": run.id, "epoch": run.epoch})


@jobs.on_unsuccessful_end(JobKind.TRAIN_MODEL)
def _ended(session: Session, job: Job) -> None:
    run = session.get(TrainingRun, job.payload["run_id"])
    if run is not None:
        tell(session, run)


@jobs.on_retry(JobKind.TRAIN_MODEL)
def _again(session: Session, job: Job) -> None:
    try:
        tell(session, repository.get(session, job.payload["run_id"], lock=True))
    except NotFound as error:
        raise Conflict("This run was deleted since.") from error
