"""Job: the product of two matrices."""
