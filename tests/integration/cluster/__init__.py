"""Tests of `explorer.cluster` with real schedulers and workers."""
