"""Trying another load: a comparison has one load for all its setups, so it becomes the present setup's."""

from explorer.desktop.control import Control
from explorer.desktop.messages import Messages
from explorer.scenario import Scenario


def try_load(control: Control, messages: Messages, scenario: Scenario) -> None:
    """Take `scenario` as the setup, and run it if nothing runs."""
    control.choose(scenario)
    messages.inform("The load was changed", "Undo (Ctrl+Z) takes it back. A comparison has one load for all.")
    if control.state in ("stopped", "viewing"):
        control.run()
