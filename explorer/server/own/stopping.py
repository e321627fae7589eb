"""What is said of an app's server that is told to stop and cannot: its loop is in a callback that does not end.

Whether the loop comes round is seen from another thread, which also says in which line of the app it is. Then nothing
that is still to come would be done, neither answers nor the lifespan's end, and waiting for it is of no use.
"""

import asyncio
import os
import sys
import threading
from typing import Final

from explorer.child.channel import Channel
from explorer.own_app import AppKnobs, folder_of
from explorer.server.own import words

PATIENCE_S: Final = 2.0
"""How long a loop may take to hear of the stop: a callback that long ends by itself in many an app."""
STUCK: Final = "The event loop was busy in a callback of your app{} and did not hear the stop, so that it was ended."


def expect_answer(loop: asyncio.AbstractEventLoop, app: AppKnobs, channel: Channel, thread: int) -> None:
    """End this process, in a sentence, if its `loop`, which runs on `thread`, does not come round in time.

    May be called from any thread.
    """
    heard = threading.Event()
    try:
        loop.call_soon_threadsafe(heard.set)
    except RuntimeError:  # it is closed: all is done
        return

    def look() -> None:
        if heard.wait(PATIENCE_S):
            return
        at = words.where_it_is(sys._current_frames().get(thread), folder_of(app))
        channel.event("app", sentence=STUCK.format(at), where="app.target", details="")
        channel.stopped()
        os._exit(0)

    threading.Thread(target=look, name="waits for the loop", daemon=True).start()
