"""Tests of the timeline's arithmetic: plain numbers and arrays, no Qt."""
