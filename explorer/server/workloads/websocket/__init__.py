"""Workload: WebSocket messages, echoed or sent to everybody."""
