"""The built-in Postgres and Redis: the real servers, started from wheels, kept in one folder."""
