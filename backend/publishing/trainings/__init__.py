"""Trainings on releases: asked for here, with their predictions on the release's leaderboard."""
