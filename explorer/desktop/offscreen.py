"""What Qt says where nothing is shown on a screen."""

import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType


def say(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """A message handler for Qt that writes to stderr what somebody can use."""
    # The offscreen platform says of every window what it cannot do; that is true, harmless and of no use to anybody.
    if "This plugin does not support" not in message:
        print(message, file=sys.stderr)
