"""Background jobs: rows, outbox, dispatch, progress and live events."""
