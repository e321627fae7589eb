"""Being woken at a moment, more exactly than an event loop's timers can: one file per way."""
