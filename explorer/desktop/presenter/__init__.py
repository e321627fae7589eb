"""Lessons on the wall: slides with real runs, drawn at 1280 × 720 and scaled as a whole, and the speaker's own view.

`entry.Presenter` is what the window makes: it opens and closes both windows. `lecture.Lecture` is what they show: where
the lecture is (`deck`), what runs (`runner`), what was measured. `wall.Wall` and `speaker.Speaker` only paint it and
hand on keys (`keys`). Nothing here opens a dialog while the wall is up: what goes wrong is told to the speaker.
"""
