"""One request or task is one transaction, opened at the edge and committed before the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end of the block, or rolled back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def after_commit(session: Session, act: Callable[[], object]) -> None:
    """Do something that cannot be rolled back, such as removing files, once the commit stands."""

    def run(_: Session) -> None:
        act()

    event.listen(session, "after_commit", run, once=True)
