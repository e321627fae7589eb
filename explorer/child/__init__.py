"""The child's half of the control channel and its lifeline, used by every process the session starts."""
