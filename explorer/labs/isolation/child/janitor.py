"""A small process that waits for the lab's child to end, and then removes what it has left on a server.

It gets the URL through its standard input, which is a pipe from the child and the only tie between the two: it is in a
session of its own, and nothing ends it together with the child or the child's parent. The end of that pipe means that
the child was killed. It tries for a few seconds and ends in any case; a lab that comes later finds what it has missed.
"""

import os
import threading
import time
from typing import Final

from explorer.child.channel import Channel, Message
from explorer.labs.isolation.engines.find import remove

LIMIT_S: Final = 15.0
TRY_FOR_S: Final = 5.0
AGAIN_S: Final = 0.25


def main(channel: Channel, config: Message) -> None:
    """Watch over `config["place"]` on the server at `config["url"]` until told to stop."""
    channel.at_end(lambda: clean(config["url"], config["place"]))
    channel.ready()
    threading.Event().wait()


def clean(url: str, place: str) -> None:
    """Remove the place; says nothing when it cannot, since nobody is left to hear it."""
    limit = threading.Timer(LIMIT_S, os._exit, (0,))
    limit.daemon = True
    limit.start()
    deadline = time.monotonic() + TRY_FOR_S
    while time.monotonic() < deadline:
        try:
            remove(url, place)
        except Exception:
            time.sleep(AGAIN_S)
        else:
            return
