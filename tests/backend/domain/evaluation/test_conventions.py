"""Every number that is given has its definition."""

from __future__ import annotations

import json

import numpy as np

from backend.domain.evaluation import conventions
from backend.domain.evaluation.body_errors import body_measures
from backend.domain.evaluation.evaluate import Options, evaluate
from backend.domain.evaluation.intervals import clusters_of
from backend.domain.evaluation.other_kinds import evaluate_bodies, evaluate_postures
from tests.backend.domain.evaluation.people import figure, predictions, truths


def test_each_measure_of_each_kind_is_in_the_table_and_nothing_else() -> None:
    one = clusters_of([{}])
    body = np.random.default_rng(0).normal(size=(1, 17, 3))
    vertices = np.zeros((1, 9, 3))
    given = {
        *evaluate(truths([figure()]), predictions([figure()]), Options()).measures,
        *evaluate_bodies(body_measures(body, body, vertices, vertices), one).measures,
        *evaluate_postures(["standing"], ["standing"], one).measures,
    }
    assert given == set(conventions.BY_NAME)


def test_the_table_is_plain_data_with_a_source_for_each() -> None:
    table = json.loads(json.dumps(conventions.table()))
    assert table["version"] == conventions.VERSION
    names = [measure["name"] for measure in table["measures"]]
    assert len(set(names)) == len(names)
    assert all(measure["definition"] and measure["source"] for measure in table["measures"])
