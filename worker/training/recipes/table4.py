"""InfantNet, Table 4: bodies from one image, each network with an infant's or an adult's body.

All are written anew from the papers. What the authors published may not be used here: HMR's and
4D-Humans' code is MIT, but the weights of all three were trained with SMPL, whose licence forbids
commercial use, and on data for research alone; PARE's code is for non-commercial research only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from worker.adapters.weights import load_checkpoint
from worker.training import usual
from worker.training.bodies.drawing import pictures_of
from worker.training.bodies.model import BodyRegressor
from worker.training.bodies.models_in_use import ADULT, network_body, truth_bodies
from worker.training.bodies.networks import FromJoints, Hmr, Hmr2, Pare, Patches
from worker.training.bodies.regression import Mean
from worker.training.bodies.samples import BodySamples
from worker.training.bodies.scoring import KEY, BodyErrors, mean_of, same_mesh
from worker.training.bodies.torch_body import TorchBody
from worker.training.material import Material, Need
from worker.training.recipe import Assembly, Recipe, Scale, Settings, Source, Task

_STEM: Final = 64
"""Channels of a residual network's first stage, also of runs whose settings do not say it."""
NETWORKS: Final = ("hmr", "pare", "hmr2", "body-from-joints")
_NEEDS: Final = frozenset({Need.FITS, Need.BOXES, Need.JOINTS})


def build(settings: Settings, mean: Mean) -> nn.Module:
    """The network of a recipe.

    Args:
        settings: ``extra["network"]`` says which one.
        mean: Where regression begins.
    """
    own = settings.extra
    if own["network"] == "hmr":
        return Hmr(own["layers"], mean, own["width"], own.get("stem", _STEM))
    if own["network"] == "pare":
        return Pare(own["layers"], mean, own["width"], own["finer"], own.get("stem", _STEM))
    if own["network"] == "hmr2":
        assert settings.size is not None
        patches = Patches(
            settings.size[0], own["patch"], own["tokens"], own["encoder"], own["heads"]
        )
        return Hmr2(patches, own["tokens"], mean, own["width"], own["depth"])
    return FromJoints(mean, own["width"])


def assemble(
    material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    """See :class:`~worker.training.recipe.Assemble`."""
    own = settings.extra
    kept = material.of(lambda sample: sample.body is not None and sample.box[2] > 0)
    bodies = truth_bodies(kept, own["truth"])
    body = network_body(own["body"], bodies)
    side = settings.size[0] if settings.size is not None else 256
    meshes = all(same_mesh(one, body) for one in bodies.values())
    maps = side // 32 * 2 ** own["finer"] if own["network"] == "pare" else 0

    def samples(part: Any, *, changed: bool) -> BodySamples:
        return BodySamples(
            part, bodies, model=body.name, betas=body.betas, side=side, changed=changed,
            map_side=maps if changed else 0, mesh=meshes and not changed,
            image=settings.size is not None, noise=own["noise"] if changed else 0.0,
        )  # fmt: skip

    train = samples(kept.train, changed=True)
    validation = samples(kept.validation, changed=False)
    test = samples(kept.test, changed=False) if kept.test else None
    mean = mean_of(samples(kept.train, changed=False), body)
    model = BodyRegressor(build(settings, mean), TorchBody(body))
    if start is not None:
        load_checkpoint(model, start, f"{own['network']} of these settings")
    left = sum(len(part) for part in material.parts.values()) - sum(
        len(part) for part in kept.parts.values()
    )
    notes = [f"The body is {body.name}."]
    if left:
        notes.append(f"{left} images without a body fit or a box were left out.")
    return Assembly(
        model=model,
        train=train,
        validation=validation,
        test=test,
        metrics=lambda: [BodyErrors()],
        key=KEY,
        larger=False,
        optimiser=usual.optimiser(settings),
        schedules=usual.schedules(settings, -(-len(train) // settings.batch)),
        collate=torch.utils.data.default_collate,
        begins_trained=start is not None,
        pictures=lambda trained: pictures_of(trained, validation),
        notes=tuple(notes),
    )


_OWN: Final[Mapping[str, Any]] = {"body": "", "truth": "", "noise": 0.0}
"""body: file of the network's body model where it is not that of the fits; truth: of theirs, where
they are not of the open infant body; noise: on joints that go in, in half widths of the crop."""
_HMR: Final = (
    "HMR: Kanazawa, Black, Jacobs, Malik, “End-to-end Recovery of Human Shape and Pose”, 2018"
)
_PARE: Final = "PARE: Kocabas, Huang, Hilliges, Black, “Part Attention Regressor”, 2021"
_HMR2: Final = "4D-Humans: Goel, Pavlakos, Rajasegaran, Kanazawa, Malik, “Humans in 4D”, 2023"
_LIFTING: Final = "Martinez, Hossain, Romero, Little, “A simple yet effective baseline”, 2017"
_DIFFERS: Final = (
    "Written from the paper. Rotations are six numbers; the crop is a turned camera, so that"
    " perspective is exact; the body's size is said too. "
)


def _hmr_settings() -> dict[Scale, Settings]:
    own = {**_OWN, "network": "hmr", "stem": _STEM}
    return {
        Scale.PAPER: Settings(
            epochs=55, batch=64, rate=1e-5, size=(224, 224), loaders=8,
            extra={**own, "layers": 50, "width": 1024},
        ),
        Scale.SMALL: Settings(
            epochs=8, batch=32, rate=1e-3, size=(128, 128), optimiser="AdamW", weight_decay=0.01,
            warm_up=20, cosine=True, clip=1.0, half=True,
            extra={**own, "layers": 18, "width": 512},
        ),
    }  # fmt: skip


def _pare_settings() -> dict[Scale, Settings]:
    own = {**_OWN, "network": "pare", "stem": _STEM}
    return {
        Scale.PAPER: Settings(
            epochs=65, batch=64, rate=5e-5, size=(224, 224), loaders=8,
            extra={**own, "layers": 50, "width": 256, "finer": 3},
        ),
        Scale.SMALL: Settings(
            epochs=8, batch=32, rate=1e-3, size=(128, 128), optimiser="AdamW", weight_decay=0.01,
            warm_up=20, cosine=True, clip=1.0, half=True,
            extra={**own, "layers": 18, "width": 64, "finer": 2},
        ),
    }  # fmt: skip


def _hmr2_settings() -> dict[Scale, Settings]:
    own = {**_OWN, "network": "hmr2"}
    return {
        # ViT-huge: 32 layers of 1,280 numbers, patches of 16 pixels.
        Scale.PAPER: Settings(
            epochs=100, batch=48, rate=1e-5, size=(256, 256), optimiser="AdamW", weight_decay=1e-4,
            half=True, loaders=8,
            extra={**own, "patch": 16, "tokens": 1280, "encoder": 32, "heads": 16, "width": 1024,
                   "depth": 6},
        ),
        Scale.SMALL: Settings(
            epochs=12, batch=32, rate=5e-4, size=(128, 128), optimiser="AdamW", weight_decay=0.01,
            warm_up=20, cosine=True, clip=1.0, half=True,
            extra={**own, "patch": 16, "tokens": 192, "encoder": 4, "heads": 3, "width": 128,
                   "depth": 2},
        ),
    }  # fmt: skip


def _joints_settings() -> dict[Scale, Settings]:
    own = {**_OWN, "network": "body-from-joints", "noise": 0.02}
    return {
        Scale.PAPER: Settings(
            epochs=200, batch=64, rate=1e-3, cosine=True, warm_up=100, clip=1.0,
            optimiser="AdamW", weight_decay=0.01, extra={**own, "width": 1024},
        ),
        Scale.SMALL: Settings(
            epochs=40, batch=64, rate=1e-3, cosine=True, warm_up=50, clip=1.0, validate_every=5,
            pictures_every=20, optimiser="AdamW", weight_decay=0.01,
            extra={**own, "width": 512},
        ),
    }  # fmt: skip


_ALL: Final = (
    (
        "hmr", "HMR", _HMR, _hmr_settings(),
        "A residual network, then three corrections of the mean body.",
        "There is no adversary: it wants motion capture, which nobody has of infants. The"
        " authors' code is MIT, their weights need SMPL, for research only.",
    ),
    (
        "pare", "PARE", _PARE, _pare_settings(),
        "Attention over seven parts of the body, which a branch of its own learns from the mesh.",
        "Seven parts instead of 24, as InfantNet's table has it. The authors' code is for"
        " non-commercial research only and was not looked at.",
    ),
    (
        "hmr2", "HMR2 (4D-Humans)", _HMR2, _hmr2_settings(),
        "A vision transformer and a decoder with a single query.",
        "No adversary and no start from ViTPose unless one is given. The authors' code is MIT,"
        " their weights need SMPL, for research only.",
    ),
    (
        "body-from-joints", "Body from 2D joints", _LIFTING, _joints_settings(),
        "Joints of one view to a body, without the picture: what annotated or pre-labelled"
        " frames already have.",
        "Says a body instead of 3D joints. It stands in none of the paper's tables.",
    ),
)  # fmt: skip


def _recipes() -> tuple[Recipe, ...]:
    found = []
    for name, title, paper, settings, about, differs in _ALL:
        for adult in (False, True):
            chosen = {
                scale: own.changed(body=ADULT) if adult else own for scale, own in settings.items()
            }
            found.append(
                Recipe(
                    name=f"{name}-adult" if adult else name,
                    title=f"{title}, adult body" if adult else title,
                    about=about,
                    task=Task.BODIES,
                    source=Source(
                        paper, table="" if name == "body-from-joints" else "InfantNet, Table 4",
                        differs=_DIFFERS + differs,
                    ),
                    licence="The terms of the body model and of the material",
                    needs=_NEEDS,
                    settings=chosen,
                    assemble=assemble,
                )
            )  # fmt: skip
    return tuple(found)


RECIPES: Final = _recipes()
