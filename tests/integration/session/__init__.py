"""Tests of whole runs: real servers, real load, real rings, driven through `Session` as the window drives it."""
