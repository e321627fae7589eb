"""Audience mode in the window: what is asked before anybody is let in, what the wall shows, and what the room votes.

For the presenter, all with plain constructors and fed by an `Audience` (`explorer.lessons.audience`):

    entry.AudienceEntry(theme, control, tell, window)    owns the `audience`, ties it to the runs of the window
        .ask(parent)      asks the speaker (`confirm.ConfirmDialog`) and opens; then shows its own window, or with
                          `own_window=False` none: the presenter has its own
        .audience         the `Audience`; `.opened_changed` is a signal; `await .close()` lets nobody in any more
    slide.AudienceSlide(theme, audience)                 the QR slide, 16:9, drawn on a grid of 1280 × 720
    slide.paint_slide(painter, theme, audience, now, scale, page)    the same onto whatever is scaled to that grid
    votes.VotesBars(theme, audience)                     the room's answers as bars
"""
