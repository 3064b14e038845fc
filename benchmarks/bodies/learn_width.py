"""Learns how wide a fit's intervals must be: ``python -m benchmarks.bodies.learn_width``.

Fits the made conditions of seeds 5 and 6, and writes ``backend/domain/fit_width.json``: factors of
the causes of error, by maximum likelihood of Student's t with four degrees of freedom, whose
ellipsoids then get the radii that hold the stated shares in the median condition. Every condition
weighs the same. The limit of a good fit is the largest expected error below which 98 % of fits miss
by less than 15 mm."""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.bodies.conditions import CONDITIONS
from benchmarks.bodies.fitted_conditions import fitted
from worker.fitting.uncertainty import CAUSES, SIGNS
from worker.fitting.width import CLASSES, FILE, LEAST_M, Width

Array = NDArray[np.float64]
SEEDS, SESSIONS, FREEDOM = (5, 6), 8, 4.0
NORMAL_80 = 2.154


def collect(seeds: tuple[int, ...], sessions: int) -> dict[str, Array]:
    """Causes, signs, errors and the number of the condition of every moment."""
    parts: dict[str, list[Array]] = {"causes": [], "signs": [], "error": [], "condition": []}
    for seed, (number, condition) in itertools.product(seeds, enumerate(CONDITIONS)):
        for session in range(sessions):
            one = fitted(condition, seed, session)
            parts["causes"].append(one.evidence.causes)
            parts["signs"].append(one.evidence.signs)
            parts["error"].append(one.error)
            parts["condition"].append(np.full(len(one.error), number))
    return {name: np.concatenate(values) for name, values in parts.items()}


def learn(data: dict[str, Array]) -> Width:
    """The factors, by gradient descent on the likelihood of all joints' errors."""
    torch.set_num_threads(1)
    tensor = torch.as_tensor
    causes = tensor(data["causes"]) * 1e6
    signs, error = tensor(data["signs"]), tensor(data["error"]) * 1e3
    classes = torch.as_tensor(CLASSES)
    log_causes = torch.zeros(len(CAUSES), dtype=torch.float64, requires_grad=True)
    log_classes = torch.zeros(7, dtype=torch.float64, requires_grad=True)
    powers = torch.full((len(SIGNS),), 0.1, dtype=torch.float64, requires_grad=True)
    parameters = [log_causes, log_classes, powers]
    step = torch.optim.LBFGS(parameters, max_iter=120, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        step.zero_grad()
        C = torch.einsum("i,tikab->tkab", log_causes.exp(), causes)
        level = log_classes - log_classes.mean()
        wider = (signs @ powers)[:, None] + level[classes][None]
        C = C * (2 * wider).exp()[..., None, None] + (1e3 * LEAST_M) ** 2 * torch.eye(3)
        L = torch.linalg.cholesky(C)
        z = torch.linalg.solve_triangular(L, error[..., None], upper=False)[..., 0]
        logdet = 2 * torch.log(torch.diagonal(L, dim1=-2, dim2=-1)).sum(-1)
        chi = (z * z).sum(-1)
        value = 0.5 * logdet + (FREEDOM + 3) / 2 * torch.log1p(chi / FREEDOM)
        # Weak priors keep what the data do not tell near its physical size.
        total = value.mean() + 0.002 * ((log_causes**2).sum() + 4 * (log_classes**2).sum())
        total.backward()  # type: ignore[no-untyped-call]
        return total

    step.step(loss)
    level = log_classes - log_classes.mean()
    return Width(
        log_causes.detach().exp().numpy(), level.detach().exp().numpy(),
        powers.detach().numpy(), 1.0,
    )  # fmt: skip


def radii(C: Array, error: Array, condition: Array) -> Array:
    """Mahalanobis distances within which 50, 80 and 95 % of errors lie in the median condition.

    Not over all together: the few conditions in which nobody can tell what is right would make the
    largest radius too long for all others.
    """
    far = np.sqrt(np.einsum("tka,tka->tk", error, np.linalg.solve(C, error[..., None])[..., 0]))
    each = [np.quantile(far[condition == c], (0.5, 0.8, 0.95)) for c in np.unique(condition)]
    return np.asarray(np.median(each, axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, help="Collected errors (.npz), made if not there.")
    options = parser.parse_args()
    if options.kept and options.kept.exists():
        data = dict(np.load(options.kept))
    else:
        data = collect(SEEDS, SESSIONS)
        if options.kept:
            np.savez(options.kept, **data)  # type: ignore[arg-type]
    width = learn(data)
    C = width.covariance(data["causes"], data["signs"])
    reach = radii(C, data["error"], data["condition"])
    # Scaled so that 80 % lie where they do for a normal error.
    width = replace(width, causes=width.causes * (reach[1] / NORMAL_80) ** 2)
    reach = reach * NORMAL_80 / reach[1]
    C = width.covariance(data["causes"], data["signs"])
    off = 1000 * np.linalg.norm(data["error"], axis=2).mean(1)
    told = width.expected_mm(C)
    expected = float(np.exp(np.median(np.log(off / told))))
    told = told * expected
    order = np.argsort(told)
    weight = (1 / np.bincount(data["condition"])[data["condition"]])[order]
    right = (weight * (off[order] < 15)).cumsum() / weight.cumsum()
    good = float(told[order][np.flatnonzero(right >= 0.98)[-1]])
    document = {
        "made_by": "python -m benchmarks.bodies.learn_width",
        "causes": dict(zip(CAUSES, width.causes.round(4).tolist(), strict=True)),
        "classes": width.classes.round(4).tolist(),
        "signs": dict(zip(SIGNS, width.signs.round(4).tolist(), strict=True)),
        "expected": round(expected, 5),
        "radii": reach.round(3).tolist(),
        "good_mm": round(good, 2),
    }
    FILE.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
