"""What pages read across all rooms: lists, details, filmstrip, my work.

Belongs here: read-only views that put rooms together for a page, the few calls whose answer is
such a page, and undoing an import, which looks into all rooms. Does not belong here: a rule, or a
table of its own.
"""
