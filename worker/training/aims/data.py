"""Images and joints in space with their postures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from backend.domain.posture_geometry import TWELVE
from backend.domain.postures import GROUP_OF
from backend.domain.skeleton import JOINTS, MIRROR
from worker.training.aims.networks import GROUPS
from worker.training.crops import Crops, drawn
from worker.training.material import Sample

Array = NDArray[np.float64]
_HIPS = (JOINTS.index("left_hip"), JOINTS.index("right_hip"))
_NOSE = JOINTS.index("nose")


def labelled(sample: Sample) -> bool:
    """Whether a sample has one of the twelve postures."""
    return sample.posture in GROUP_OF


def classes(sample: Sample) -> tuple[int, int]:
    """Numbers of the group and of the posture."""
    if sample.posture is None:
        raise ValueError(f"image {sample.image_id} has no posture")
    return GROUPS.index(GROUP_OF[sample.posture]), TWELVE.index(sample.posture)


def pose_features(joints: Float[Array, "n 17 3"]) -> Float[Array, "n 51"]:
    """Joints about the pelvis in units of the distance from nose to pelvis."""
    pelvis = joints[:, _HIPS].mean(axis=1, keepdims=True)
    about = joints - pelvis
    length = np.linalg.norm(about[:, _NOSE], axis=1)
    return np.asarray(about / np.maximum(length, 1e-6)[:, None, None]).reshape(len(joints), -1)


class PostureImages(Dataset[dict[str, Any]]):
    """People cut out of images, with their postures.

    Args:
        samples: ``labelled`` ones.
        size: Of the cuts.
        vary: Whether cuts are varied at random, by torch's generator.
        unlabelled: Samples of another domain, one of which comes with each item.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        size: tuple[int, int],
        vary: bool = False,
        unlabelled: Sequence[Sample] = (),
    ) -> None:
        self.samples = samples
        self._vary = vary
        self._crops = Crops(samples, size)
        self._others = Crops(unlabelled, size) if unlabelled else None
        self._count = len(unlabelled)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """A cut, its classes, and a cut of the other domain."""
        coarse, fine = classes(self.samples[number])
        item = {
            "image": self._cut(self._crops, number),
            "coarse": coarse,
            "fine": fine,
            "number": number,
        }
        if self._others is not None:
            other = int(torch.randint(self._count, ()))
            item["target_image"] = self._cut(self._others, other)
        return item

    def _cut(self, crops: Crops, number: int) -> Tensor:
        if not self._vary:
            return crops.cut(number, crops.matrix(number))
        rng = np.random.default_rng(int(torch.randint(1 << 62, ())))
        how: Any = drawn(rng, turn=0.15, grow=0.10, shift=0.04)
        return crops.cut(number, crops.matrix(number, **how))


def image_batch(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Cuts into a batch."""
    samples = {
        name: torch.tensor([item[name] for item in items]) for name in ("coarse", "fine", "number")
    }
    if "target_image" in items[0]:
        samples["target_images"] = torch.stack([item["target_image"] for item in items])
    return {"inputs": torch.stack([item["image"] for item in items]), "data_samples": samples}


class PosturePoses(Dataset[dict[str, Any]]):
    """Joints in space with their postures.

    Args:
        samples: ``labelled`` ones.
        joints: (n, 17, 3) in the cameras' axes.
        beside: (n, C) further inputs, such as coarse logits; None for none.
        noise: Standard deviation that is put on the joints in training, in nose–pelvis distances;
            with it, half of the bodies are mirrored, too.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        joints: Float[Array, "n 17 3"],
        beside: Float[Array, "n c"] | None = None,
        noise: float = 0.0,
    ) -> None:
        self.samples, self._noise = samples, noise
        self._features = pose_features(joints)
        self._mirrored = pose_features(joints[:, MIRROR] * (-1.0, 1.0, 1.0))
        self._beside = np.zeros((len(samples), 0)) if beside is None else beside
        self._classes = np.array([classes(sample) for sample in samples])

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """A batch of one."""
        return self.__getitems__([number])

    def __getitems__(self, numbers: Sequence[int]) -> dict[str, Any]:
        """A whole batch."""
        chosen = np.asarray(numbers)
        poses = self._features[chosen]
        if self._noise:
            rng = np.random.default_rng(int(torch.randint(1 << 62, ())))
            flip = rng.random(len(chosen)) < 0.5
            poses = np.where(flip[:, None], self._mirrored[chosen], poses)
            poses = poses + rng.normal(0, self._noise, poses.shape)
        inputs = np.concatenate([poses, self._beside[chosen]], axis=1)
        found = self._classes[chosen]
        return {
            "inputs": torch.from_numpy(inputs).float(),
            "data_samples": {
                "coarse": torch.from_numpy(found[:, 0]),
                "fine": torch.from_numpy(found[:, 1]),
                "number": torch.from_numpy(chosen),
            },
        }
