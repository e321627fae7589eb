"""Dask: what dispatch and load share.

A run that uses a cluster has one process of its own for it (`process`, a service of the session): it holds the embedded
cluster or looks after a foreign one, checks the versions of all workers, brings this package aboard, measures their
clocks, and tells their part of the story. Servers and loads only hand in work.
"""
