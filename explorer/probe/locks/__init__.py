"""The app's locks and queues, seen: who wants one, who has it, who waits for it and who woke whom."""
