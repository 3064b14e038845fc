"""Asks for trainings on releases."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from backend.core.database.tables import Job, TrainingRun, User
from backend.core.settings import Settings
from backend.domain.errors import InvalidInput, WeightsMissing
from backend.models.checkpoints import service as checkpoints
from backend.models.runs import service as runs
from backend.models.runs.recipes import Told, recipe_told
from backend.publishing.releases import repository as releases
from backend.publishing.releases import service as release_service
from backend.publishing.releases.settings import Images
from backend.publishing.trainings.schemas import TrainIn

MIN_RENDERS: Final = 64
"""Rendered pictures that a second set has at least."""


def request(
    session: Session, user: User, settings: Settings, release_id: int, asked: TrainIn
) -> tuple[TrainingRun, Job]:
    """Ask for a training on a published release; a worker does it.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such release or recipe.
        Conflict: the release is not published or was withdrawn, or the name is taken.
        InvalidInput: the release holds no images or no training split, or settings are wrong.
        WeightsMissing: the checkpoint to begin from is not here.
    """
    release, _ = release_service.given_out(session, release_id)
    recipe = recipe_told(asked.recipe)
    splits = releases.split_counts(release)
    if not any("train" in name.lower() for name in splits):
        raise InvalidInput(
            f"This release has no training split; it has {', '.join(sorted(splits))}.",
            fault="no training split",
        )
    if release_service.settings_of(release).packaging.images is Images.NONE:
        raise InvalidInput(
            "This release holds no images, and a model learns from them.", fault="no images"
        )
    if "second_domain" in recipe["needs"] and asked.renders < MIN_RENDERS:
        raise InvalidInput(
            f"{recipe['title']} learns from two sets: let at least {MIN_RENDERS} pictures be"
            " rendered beside the release.",
            fault="no second domain",
        )
    dataset = releases.get_dataset(session, release.dataset_id)
    order = runs.Order(
        name=asked.name,
        recipe=recipe,
        scale=asked.scale,
        changes=asked.settings,
        seed=asked.seed,
        release_id=release.id,
        release_title=f"{dataset.name}@{release.version}",
        release_sha256=release.content_sha256 or "",
        renders=asked.renders,
        start=_start(session, settings, recipe, asked.start),
    )
    return runs.begin(session, user, order)


def _start(session: Session, settings: Settings, recipe: Told, wanted: str | None) -> str | None:
    """Name of the checkpoint that a training begins from; the first of the recipe's that is here.

    Raises:
        NotFound: no checkpoint has that name.
        InvalidInput: it is of another architecture.
        WeightsMissing: none is here, and the recipe needs one.
    """
    store = checkpoints.refresh(session, settings)
    if wanted is not None:
        usable = store.usable(wanted)
        architecture = recipe["architecture"]
        if architecture is not None and usable.known.architecture != architecture:
            raise InvalidInput(
                f"{wanted} is a checkpoint of {usable.known.architecture}; {recipe['name']} begins"
                f" from one of {architecture}.",
                fault="another architecture",
            )
        return wanted
    here = [n for n in recipe["starts"] if n in store.known and store.status(n).present]
    if here:
        return str(here[0])
    if "start" in recipe["needs"]:
        raise WeightsMissing(
            f"{recipe['title']} begins from a trained checkpoint ({', '.join(recipe['starts'])}),"
            " and none of them is on this machine."
        )
    return None
