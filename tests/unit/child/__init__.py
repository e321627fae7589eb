"""The child's half of the control channel, without a child."""
