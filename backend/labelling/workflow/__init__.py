"""A recording session's way through the stages: events with their guards and consequences."""
