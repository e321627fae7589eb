"""The process that sends requests and measures answers, apart from everything it measures."""
