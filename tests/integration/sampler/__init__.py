"""Tests of the sampler process on real processes."""
