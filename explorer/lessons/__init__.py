"""Lessons: text, runs, a question and claims that figures must bear out; data in `resources/lessons/`, a folder each.

`lesson` says what a lesson is; the window, the presenter and the command line all read it, and none of them knows
another's way of showing it.
"""
