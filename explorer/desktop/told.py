"""What a run and the steps of the window tell in sentences: the title, place and life of the message that says it."""

from typing import Final

from explorer.desktop.control import Control
from explorer.desktop.messages import Messages

NOT_STARTED: Final = "The server could not start"
YOUR_APP: Final = "Your app"
REFUSED: Final = "That cannot be done"
NOT_SEEN: Final = "Thread states are not available here"
EXPOSED: Final = "Open to other machines"


class Told:
    """Puts sentences among the messages, and takes away those that are not true any more."""

    def __init__(self, control: Control, messages: Messages) -> None:
        self._control = control
        self._messages = messages
        self._app = control.scenario.app
        bridge = control.bridge
        control.refused.connect(self._refused)
        control.went_wrong.connect(messages.warn)
        control.scenario_changed.connect(self._scenario_changed)
        control.state_changed.connect(self._state_changed)
        bridge.died.connect(lambda role, pid, sentence, fatal: messages.warn(f"{role.capitalize()} ended", sentence))
        bridge.warned.connect(self._warned)
        bridge.failed.connect(lambda sentence, where: self._warn(NOT_STARTED, sentence))
        # If a new server is open to others as well, that is said at once.
        bridge.serving.connect(lambda url, pids, epoch: messages.drop(EXPOSED))

    def _scenario_changed(self) -> None:
        self._messages.drop(REFUSED)
        app = self._control.scenario.app
        if app != self._app:  # what was said of it is not true of another, or of none
            self._app = app
            self._messages.drop(NOT_STARTED)
            self._messages.drop(YOUR_APP)

    def _state_changed(self, state: str) -> None:
        if state in ("empty", "stopped", "viewing"):
            self._messages.drop(EXPOSED)

    def _warned(self, sentence: str, where: str) -> None:
        if where == "server.host":
            self._messages.warn(EXPOSED, sentence)
        elif where == "app.target":
            self._warn(YOUR_APP, sentence)
        elif where == "server.sampling":
            self._messages.offer(NOT_SEEN, sentence, self._control.bridge.details.get(sentence, ""))
        else:
            self._messages.inform("Note", sentence)

    def _warn(self, title: str, sentence: str) -> None:
        self._messages.warn(title, sentence, self._control.bridge.details.get(sentence, ""))

    def _refused(self, sentence: str, where: str) -> None:
        title = NOT_STARTED if self._control.state in ("empty", "stopped") else REFUSED
        self._warn(title, sentence)
