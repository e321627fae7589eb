"""Real children: the channel, the lifeline, what happens when somebody dies."""
