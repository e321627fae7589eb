"""The isolation lab's child, in this process."""
