"""What an error comes of."""

from __future__ import annotations

from collections.abc import Iterator


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and all that a group of errors holds."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        if isinstance(following, BaseExceptionGroup):
            for inner in following.exceptions:
                yield from causes_of(inner)
        following = following.__cause__ or following.__context__
