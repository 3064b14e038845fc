"""Text from outside is cleaned where it is written down."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from backend.core.database.text import storable, storable_json

LONE = b"B\xff07.mp4".decode(errors="surrogateescape")
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_whatever_the_text_it_has_a_form_that_can_be_stored(text: str) -> None:
    kept = storable(text)

    assert kept.encode() and "\0" not in kept if text else kept == ""
    assert len(kept) == len(text)


def test_ordinary_text_stays_as_it_is() -> None:
    assert storable("Zoë 👶 赤ちゃん") == "Zoë 👶 赤ちゃん"


def test_keys_and_items_of_json_are_cleaned_too() -> None:
    assert storable_json({LONE: [LONE, {"a\0": 1}]}) == {
        "B\ufffd07.mp4": ["B\ufffd07.mp4", {"a\ufffd": 1}]
    }


def test_a_lone_surrogate_reaches_the_database_as_a_replacement(session: Session) -> None:
    assert session.scalar(select(literal(LONE))) == "B\ufffd07.mp4"


def test_json_with_what_cannot_be_stored_is_stored_all_the_same(session: Session) -> None:
    value = {"name": LONE, "nul": "a\0b"}

    found = session.scalar(select(cast(literal(value, JSONB), JSONB)))

    assert found == {"name": "B\ufffd07.mp4", "nul": "a\ufffdb"}
