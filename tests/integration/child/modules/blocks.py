"""A child whose main thread does not listen to anybody."""

import time
from typing import Any

from explorer.child.channel import Channel


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Take note of `stop` and do nothing about it."""
    channel.on("stop", lambda message: None)
    channel.ready()
    time.sleep(600)
