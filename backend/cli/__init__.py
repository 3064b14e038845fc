"""The command line ``infantnet``: one file per group of commands."""
