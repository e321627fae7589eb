"""The entry of the model `window_loop`: serves as every server does, on the loop of a window."""

import os
import sys
from collections.abc import Callable
from typing import Final

import uvicorn
from PySide6.QtWidgets import QApplication

from explorer.desktop.demo.look import Follows
from explorer.desktop.demo.loop import WindowLoop
from explorer.desktop.demo.pace import Recorded
from explorer.desktop.demo.window import DemoWindow
from explorer.desktop.theme import Theme
from explorer.paths import resources, user_data
from explorer.server.context import ServerContext
from explorer.server.one_loop import serve_one_loop
from explorer.server.serving import Server

CLOSED: Final = "The demonstration window was closed, and the server with it. Press Run to open it again."


def serve(context: ServerContext) -> None:
    """Serve until the channel says stop or the window is closed."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Concurrency Explorer")
    application.setDesktopFileName(os.environ.get("FLATPAK_ID", "concurrency-explorer"))
    # The loop must outlive its window, or requests under way would be lost with it.
    application.setQuitOnLastWindowClosed(False)
    theme = Theme(resources())
    Follows(theme, user_data(), application)
    theme.apply(application)
    loop = WindowLoop(application, context.tracer)
    watch = Recorded(context.tracer, loop.turns)
    window = DemoWindow(theme, context.url, watch)

    def make(config: uvicorn.Config, started: Callable[[], None]) -> Server:
        server = Server(config, started)

        def leave() -> None:
            context.channel.event("leaving", sentence=CLOSED)
            server.stop()

        window.closed.connect(leave)
        window.begin()
        return server

    try:
        serve_one_loop(context, make, lambda: loop)
    finally:
        window.end()
        watch.close()
