"""The one place that starts and ends children: spawning, the parent's half of the control channel, supervision."""
