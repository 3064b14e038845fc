"""What every room stands on: settings, database, storage, jobs, events, uploads, audit, accounts.

Belongs here: what knows nothing of recordings, joints or cameras, and what several groups need.
Does not belong here: a rule of the dataset (``backend.domain``), or anything about one kind of
data.
"""
