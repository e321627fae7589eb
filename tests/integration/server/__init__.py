"""Real servers in real children: what they answer, how they change, stop and restart."""
