"""What the server knows of each architecture is what its network has."""

from __future__ import annotations

import pytest

from backend.models.checkpoints.architectures import signatures
from backend.models.checkpoints.registry import KNOWN

pytestmark = pytest.mark.models


def test_every_known_checkpoint_names_an_architecture_that_is_described() -> None:
    assert {known.architecture for known in KNOWN.values()} <= set(signatures())


@pytest.mark.parametrize(
    "architecture",
    ["rtmo-t", "rtmo-l", "blazepose-lite", "resnet-50", "hourglass", "vitpose-s", "sam2.1-tiny"],
)
def test_names_and_shapes_are_those_of_the_network(architecture: str) -> None:
    from worker.adapters.signatures import shapes_of

    told = {name: list(shape) for name, shape in signatures()[architecture].items()}

    assert shapes_of(architecture) == told
