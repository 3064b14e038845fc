"""A recording's way through the stages: events with their guards and consequences."""
