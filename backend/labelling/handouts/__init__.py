"""Handing out work: the queue with its leases, many at once, and parts of long recordings."""
