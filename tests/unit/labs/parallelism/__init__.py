"""Tests of the parallelism lab that need no children."""
