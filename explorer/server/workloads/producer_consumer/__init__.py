"""Workload: a fast producer, a slow consumer, and the queue between them."""
