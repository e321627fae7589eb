"""Tests of the lessons' engine; no run is started."""
