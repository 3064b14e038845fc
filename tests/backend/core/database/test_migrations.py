"""Migrations lead up to the models and back down to nothing."""

from __future__ import annotations

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from backend.core.database import migrate
from backend.core.database.engine import make_engine


def _tables(url: str) -> set[str]:
    engine = make_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrated_tables_equal_the_models(fresh_database_url: str) -> None:
    command.check(migrate.config(fresh_database_url))


def test_down_leaves_nothing_and_up_again_works(fresh_database_url: str) -> None:
    before = _tables(fresh_database_url)
    migrate.downgrade(fresh_database_url)
    assert _tables(fresh_database_url) == {"alembic_version"}
    migrate.upgrade(fresh_database_url)
    assert _tables(fresh_database_url) == before


def test_up_on_an_empty_database_and_twice(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    migrate.upgrade(empty_database_url)
    assert "recordings" in _tables(empty_database_url)


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(migrate.config("postgresql://unused/unused"))
    assert len(script.get_heads()) == 1


def test_a_judgement_of_a_box_moves_to_the_box_and_back(fresh_database_url: str) -> None:
    """Round 1: sent back, and the frame without a box marked; round 2: approved."""
    engine = make_engine(fresh_database_url)
    try:
        migrate.downgrade(fresh_database_url, "0009")
        with engine.begin() as connection:
            connection.execute(text(_JUDGED_TWICE))
        before = _marks(engine)
        assert len(before) == 3
        migrate.upgrade(fresh_database_url)
        with engine.connect() as connection:
            judged = text("SELECT frame_id, status, judged_round FROM frame_boxes")
            assert [tuple(row) for row in connection.execute(judged)] == [(1, "approved", 2)]
        assert _marks(engine) == {row for row in before if row[0] == 2}
        migrate.downgrade(fresh_database_url, "0009")
        assert _marks(engine) == before
    finally:
        engine.dispose()


def _marks(engine: Engine) -> set[tuple[object, ...]]:
    query = text("SELECT frame_id, kind, round, mark, inspector_id FROM frame_marks")
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(query)}


_ZEROS = "array_fill(0::float8, ARRAY[51])"
_JUDGED_TWICE = f"""
SET session_replication_role = replica;
ALTER TABLE frame_marks DROP CONSTRAINT fk_frame_marks_frame_id_frames,
  DROP CONSTRAINT fk_frame_marks_recording_id_recordings;
INSERT INTO annotations (frame_id, recording_id, verdict, state, keypoints) VALUES
  (1, 1, 'keep', 'accepted', {_ZEROS}), (2, 1, 'keep', 'accepted', {_ZEROS});
INSERT INTO users (id, email, name, password_hash, roles) OVERRIDING SYSTEM VALUE
  VALUES (7, 'i@example.org', 'Ines', 'x', '{{inspector}}');
INSERT INTO frame_boxes (frame_id, recording_id, version, x, y, width, height, origin, status,
  made_from, updated_by_id) VALUES (1, 1, 3, 1, 1, 5, 5, 'model', 'approved', {_ZEROS}, 7);
INSERT INTO box_revisions (frame_id, version, round, author_id, model, state) VALUES
  (1, 1, 1, NULL, 'm', '{{"status": "proposed"}}'),
  (1, 2, 1, 7, NULL, '{{"status": "sent_back"}}'),
  (1, 3, 2, 7, NULL, '{{"status": "approved"}}');
INSERT INTO frame_marks (recording_id, frame_id, kind, round, mark, inspector_id) VALUES
  (1, 1, 'boxes', 1, 'revise', 7), (1, 1, 'boxes', 2, 'good', 7), (1, 2, 'boxes', 1, 'revise', 7);
"""
