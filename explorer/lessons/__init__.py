"""Lessons: text, runs, a question and claims that figures must bear out; a folder each below `resources/lessons`.

`lesson` says what a lesson is; the window, the presenter and the command line all read it, and none of them knows
another's way of showing it.
"""
