"""Every command of the window as data: id, title, shortcut, sentence, icon. Buttons, menus and the key sheet derive
from it.

`Actions` binds the data to handlers and to Qt. A letter acts only while no text field has the focus.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget

from explorer.desktop.widgets.entry import hand_back_keyboard


@dataclass(frozen=True, slots=True)
class Command:
    """A command. `keys` are Qt key sequences, the first is the one shown; `plain`: it is a bare letter or digit.

    `everywhere`: its keys act in all windows of the program, not in the main one alone.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    sentence: str
    icon: str = ""
    plain: bool = False
    everywhere: bool = False


COMMANDS: Final[tuple[Command, ...]] = (
    Command("run", "Run or stop", ("Space",), "Starts the server and the load, or stops them.", "play", True),
    Command("send_one", "Send 1", ("N",), "Sends one request, to follow with the eye.", "send", True),
    Command("send_ten", "Send 10", ("Shift+N",), "Sends ten requests at once.", "send", True),
    Command("follow", "Follow live", ("F",), "Keeps the present moment in view.", "radio", True),
    Command("replay", "Replay", ("R",), "Plays what is chosen or in view again, slowly.", "history", True),
    Command("replay_play", "Play or pause", ("P",), "Pauses the replay, or plays on.", "pause", True),
    Command("replay_next", "Next event", (".",), "Steps to the next begin or end.", "step-forward", True),
    Command("replay_previous", "Previous event", (",",), "Steps to the begin or end before.", "step-back", True),
    Command("replay_slower", "Slower", ("<",), "Replays more slowly.", plain=True),
    Command("replay_faster", "Faster", (">",), "Replays faster.", plain=True),
    Command("note", "Note", ("M",), "Writes a note to a moment of the run.", "bookmark", True),
    Command("zoom_in", "Zoom in", ("W",), "Shows a shorter time.", "plus", True),
    Command("zoom_out", "Zoom out", ("S",), "Shows a longer time.", "minus", True),
    Command("pan_left", "Earlier", ("A",), "Moves the view to earlier times.", "arrow-left", True),
    Command("pan_right", "Later", ("D",), "Moves the view to later times.", "arrow-right", True),
    Command("fit", "Fit", (), "Shows the whole run.", "maximize"),
    Command("home", "Beginning", ("Home",), "Goes to the beginning of the run.", plain=True),
    Command("end", "Now", ("End",), "Goes to the end of the run.", plain=True),
    Command("zoom_selection", "Zoom to selection", ("Z",), "Fills the view with the selected span.", "crosshair", True),
    Command("view_back", "View before", ("Alt+Left",), "Goes back to what was in view before.", "arrow-left"),
    Command("view_forward", "View after", ("Alt+Right",), "Goes forward again.", "arrow-right"),
    Command("range_begin", "Range from here", ("B",), "Begins a range with the span at the cursor.", plain=True),
    Command("range_end", "Range up to here", ("Shift+B",), "Ends the range with the span at the cursor.", plain=True),
    Command("slower", "Next slower request", ("J",), "Selects the next slower request, or the slowest.", plain=True),
    Command("faster", "Next faster request", ("K",), "Selects the next faster request.", plain=True),
    Command("question_1", "Who serves the connections?", ("1",), "Opens the first question.", plain=True),
    Command("question_2", "Where does a handler's work run?", ("2",), "Opens the second question.", plain=True),
    Command("question_3", "What does a handler do?", ("3",), "Opens the third question.", plain=True),
    Command("question_4", "How is it loaded?", ("4",), "Goes to the fourth question.", plain=True),
    Command("inspector", "Inspector", ("I",), "Shows or hides the inspector.", "panel-right", True),
    Command("events", "Events", ("E",), "Shows or hides the list of events.", "list", True),
    Command("findings", "Findings", ("G",), "Shows or hides what was found in the run.", "flag", True),
    Command("lanes", "Lanes", ("L",), "Filters, pins, hides and orders the lanes.", "filter", True),
    Command("prediction", "Prediction", ("Y",), "What the law says, and what you expect.", "crosshair", True),
    Command("find", "Find", ("Ctrl+F",), "Finds a name, route, request or error in the run.", "search"),
    Command("find_next", "Next hit", ("F3",), "Goes to the next hit of the search.", "arrow-right"),
    Command("find_previous", "Previous hit", ("Shift+F3",), "Goes to the hit before.", "arrow-left"),
    Command("setup", "Setup", ("Ctrl+B",), "Shows or hides the setup.", "panel-left"),
    Command("metrics", "Charts", ("Ctrl+M",), "Shows or hides the charts.", "activity"),
    Command("palette", "Commands", ("Ctrl+K",), "Searches and runs a command.", "command"),
    Command("undo", "Undo", ("Ctrl+Z",), "Takes back the last change of the setup.", "undo-2"),
    Command("save", "Save", ("Ctrl+S",), "Saves the recording and its scenario.", "save"),
    Command("open", "Open", ("Ctrl+O",), "Opens a recording or a scenario.", "folder-open"),
    Command("recent", "Recent runs", ("Ctrl+Shift+R",), "Lists the runs that are kept on this computer.", "history"),
    Command("open_app", "Open app", ("Ctrl+Shift+O",), "Serves a FastAPI app of your own.", "code"),
    Command("compare", "Compare", ("Ctrl+D",), "Runs two to four setups under the same load.", "columns-2"),
    Command("lessons", "Lessons", ("Ctrl+H",), "Shows the start page: lessons, scenarios, labs, runs.", "book-open"),
    Command("labs", "Labs", (), "Lists the labs.", "graduation-cap"),
    Command("lab_locks", "Locks lab", ("Ctrl+L",), "Threads and coroutines that meet at a lock.", "lock"),
    Command(
        "lab_isolation", "Isolation lab", ("Ctrl+Shift+I",), "Transactions step by step on a real database.", "database"
    ),
    Command("lab_parallelism", "Parallelism lab", ("Ctrl+Shift+P",), "Runs one job with more and more workers.", "cpu"),
    Command("audience", "Audience", (), "Lets phones in this room send requests and vote.", "smartphone"),
    Command("export", "Export", ("Ctrl+E",), "Writes the run in the format of another program.", "share-2"),
    Command("save_scenario", "Save scenario", (), "Saves the setup as a TOML file.", "file-text"),
    Command("present", "Present", ("F5",), "Shows the selected lesson, or the last lecture, on the wall.", "play"),
    Command("lecture", "Present …", ("Shift+F5",), "Chooses lessons and presents them in order.", "list"),
    Command("exhibit", "Exhibit", (), "Presents in a loop, without anybody.", "repeat"),
    Command("theme", "Dark or light", ("Ctrl+T",), "Switches between the dark and the light theme.", "sun"),
    Command("view_options", "View options", ("Ctrl+,",), "Scale, contrast, patterns, motion.", "sliders-horizontal"),
    Command("larger", "Larger", ("Ctrl++", "Ctrl+="), "Draws everything larger, up to 250 %.", "plus"),
    Command("smaller", "Smaller", ("Ctrl+-",), "Draws everything smaller, down to 100 %.", "minus"),
    Command("high_contrast", "High contrast", (), "Switches stronger text and lines on or off.", "sun"),
    Command("patterns", "Patterns", (), "Switches hatching as a second code beside colour on or off.", "layers"),
    Command("reduced_motion", "Reduced motion", (), "Switches fading and smooth following off or on.", "pause"),
    Command("presentation", "Presentation", ("F11",), "Draws everything larger and hides the setup.", "maximize"),
    Command("next_panel", "Next panel", ("F6",), "Moves the keyboard to the next panel."),
    Command("about", "About", (), "Versions of all parts, and their licences.", "info"),
    Command("keys", "Keys", ("?",), "Shows all keys.", "keyboard", True),
    Command("quit", "Quit", ("Ctrl+Q",), "Ends what runs and the program.", "x", everywhere=True),
)


class Actions:
    """The commands as `QAction`s of `window`; a command without a handler does not exist."""

    def __init__(self, window: QWidget, handlers: Mapping[str, Callable[[], object]]) -> None:
        self.commands = {command.id: command for command in COMMANDS if command.id in handlers}
        unknown = set(handlers) - {command.id for command in COMMANDS}
        if unknown:
            raise KeyError(f"no such command: {', '.join(sorted(unknown))}")
        self._handlers = dict(handlers)
        self._actions: dict[str, QAction] = {}
        for command in self.commands.values():
            action = QAction(command.title, window)
            action.setShortcuts([QKeySequence(keys) for keys in command.keys])
            context = Qt.ShortcutContext
            action.setShortcutContext(context.ApplicationShortcut if command.everywhere else context.WindowShortcut)
            action.setToolTip(command.sentence)
            action.triggered.connect(_guarded(command, handlers[command.id]))
            window.addAction(action)
            self._actions[command.id] = action

    def action(self, identity: str) -> QAction:
        """The Qt action of a command."""
        return self._actions[identity]

    def trigger(self, identity: str) -> None:
        """Carry out a command as a click on its button does: also while the cursor is in a field, which is left first.

        A click on a button moves no focus, so what was typed would neither take effect nor let letters act afterwards.
        """
        focus = QApplication.focusWidget()
        if focus is not None and typing(focus):
            hand_back_keyboard(focus)
        self._handlers[identity]()


def typing(widget: QWidget | None) -> bool:
    """Whether `widget` takes letters itself."""
    if isinstance(widget, QLineEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox) or (isinstance(widget, QComboBox) and widget.isEditable())


def _guarded(command: Command, handler: Callable[[], object]) -> Callable[[], None]:
    def act() -> None:
        if not (command.plain and typing(QApplication.focusWidget())):
            handler()

    return act
