"""Engine, sessions and tables. Postgres only."""
