"""Tests of explorer.sampler with made-up processes and clocks."""
