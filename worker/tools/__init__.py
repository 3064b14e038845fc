"""The numerical parts on plain files, without a server: ``infantnet tools …``."""
