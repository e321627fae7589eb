"""Dispatch: work handed to a worker of a Dask cluster, on this machine or another."""
