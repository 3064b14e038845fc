"""Each kind of oddity has words, and a safe answer where nobody is asked."""

from __future__ import annotations

import pytest

from backend.domain.errors import InvalidInput
from backend.domain.oddities import ODD_RULES, Answer, Answers, Odd


def test_every_kind_has_a_rule_in_the_order_of_the_list() -> None:
    assert list(ODD_RULES) == list(Odd)


def test_every_default_is_among_the_answers() -> None:
    for kind, rule in ODD_RULES.items():
        assert rule.default in rule.answers, kind
        assert rule.default is not Answer.CANCEL


def test_what_is_harmless_is_mapped_and_the_rest_skipped() -> None:
    answers = Answers()
    assert answers.of(Odd.ID_AS_TEXT) is Answer.MAP
    assert answers.of(Odd.IMAGE_OTHER_FOLDER) is Answer.SKIP
    assert answers.of(Odd.VISIBILITY_UNKNOWN) is Answer.SKIP


def test_an_answer_for_all_reaches_only_what_needs_a_look() -> None:
    answers = Answers({Odd.BOX_NEGATIVE: Answer.MAP}, Answer.CANCEL)
    assert answers.of(Odd.IMAGE_OTHER_FOLDER) is Answer.CANCEL
    assert answers.of(Odd.ID_AS_TEXT) is Answer.MAP
    assert answers.of(Odd.BOX_NEGATIVE) is Answer.MAP


def test_mapping_all_leaves_alone_what_cannot_be_mapped() -> None:
    answers = Answers(otherwise=Answer.MAP)
    assert answers.of(Odd.IMAGE_OTHER_FOLDER) is Answer.MAP
    assert answers.of(Odd.IMAGE_NOT_SENT) is Answer.SKIP


def test_an_answer_that_is_not_offered_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidInput, match=r"image_not_sent: map is not offered; .*skip or cancel"):
        Answers({Odd.IMAGE_NOT_SENT: Answer.MAP})
