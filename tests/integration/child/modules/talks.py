"""A child that prints, and echoes what it is sent."""

import threading
from typing import Any

from explorer.child.channel import Channel


def prepare() -> str:
    """Say what was prepared."""
    return "Nothing imported"


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Print something that looks like a message, then echo until told to stop."""
    print('{"type":"ready","printed":true}')
    stop = threading.Event()
    channel.on("echo", lambda message: channel.event("echoed", text=message["text"]))
    channel.on("fail", lambda message: 1 / 0)
    channel.on("stop", lambda message: stop.set())
    channel.ready(config=config["value"])
    stop.wait()
