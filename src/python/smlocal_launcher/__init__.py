"""Runs one serving process for the daemon as an engine would run a container; see __main__.py. Python 3.8 to 3.13."""
