"""What ``benchmarks/annotators_hour.py`` is made of: rendered sessions, pre-labels, a person."""
