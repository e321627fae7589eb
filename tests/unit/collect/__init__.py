"""Tests of the collector: order, lanes, pieces and the books."""
