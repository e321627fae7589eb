"""The commands that act on a timeline, for whoever binds commands to keys."""

from collections.abc import Callable, Mapping
from typing import Final

from explorer.desktop.timeline.replay.player import handlers as replay_handlers
from explorer.desktop.timeline.view import TimelineView

PAN_SHARE: Final = 0.15


def handlers(view: Callable[[], TimelineView]) -> Mapping[str, Callable[[], object]]:
    """What each command does, by its id; `view` is asked when one is given, as it may be made later."""
    return {
        "follow": lambda: view().toggle_following(),
        "zoom_in": lambda: view().zoom_in(),
        "zoom_out": lambda: view().zoom_out(),
        "pan_left": lambda: view().pan(-PAN_SHARE),
        "pan_right": lambda: view().pan(PAN_SHARE),
        "fit": lambda: view().fit(),
        "home": lambda: view().go_begin(),
        "end": lambda: view().go_now(),
        "zoom_selection": lambda: view().zoom_to_selection(),
        "view_back": lambda: view().go_back(),
        "view_forward": lambda: view().go_forward(),
        "range_begin": lambda: view().range.begin_here(),
        "range_end": lambda: view().range.end_here(),
        **replay_handlers(lambda: view().replay),
    }
