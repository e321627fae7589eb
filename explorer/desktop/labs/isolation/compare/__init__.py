"""The Compare tab: the same steps on two levels or two engines."""
