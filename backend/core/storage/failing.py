"""What to say where the store itself fails: it refuses, has no such bucket, does not answer."""

from __future__ import annotations

import re
from typing import Final

from obstore.exceptions import BaseError as StorageError

from backend.core.storage.causes import causes_of

NO_BUCKET: Final = "NoSuchBucket"
_MESSAGE: Final = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)
_ADDRESS: Final = re.compile(r"[a-z]+://[^/\s]+")
_REFUSED: Final = ("401 ", "403 ")
_SILENT: Final = ("error sending request", "timed out", "timeout")


class NoBucket(StorageError):
    """The bucket that the settings name does not exist."""


def store_failure(error: BaseException) -> str | None:
    """Words for a store that failed, if that is what an error comes down to.

    Stores tell of it in many lines, with the whole request; people need the reason.
    """
    for cause in causes_of(error):
        if isinstance(cause, StorageError):
            return f"The store failed: {_reason(str(cause))}"
    return None


def _reason(told: str) -> str:
    told = told.partition("\n\nDebug source:")[0]
    said = _MESSAGE.search(told)
    where = _ADDRESS.search(told)
    at = f" at {where[0]}" if where else ""
    if NO_BUCKET in told:
        return f"there is no such bucket{at}. Make it, or mend INFANTNET_STORAGE_URL."
    if any(f"status code: {code}" in told for code in _REFUSED):
        because = f" ({said[1].strip().rstrip('.')})" if said else ""
        return f"access{at} is denied{because}. Look at its keys and what they may do."
    if any(word in told for word in _SILENT):
        return f"nobody answers{at}."
    first = said[1] if said else (told.splitlines() or [""])[0]
    return f"{first.strip()[:300].rstrip('.')}."
