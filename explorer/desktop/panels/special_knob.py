"""What a form of knobs needs of a field that is of a kind of its own."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class SpecialKnob(QWidget):
    """A field for a text, of a kind of its own. `committed(text)` follows a change by the user."""

    committed = Signal(str)

    def set_value(self, value: str) -> None:
        """Show a value that came from elsewhere."""
        raise NotImplementedError

    def set_changed(self, changed: bool) -> None:
        """Show it as the last knob that was changed."""
        raise NotImplementedError

    def set_error(self, sentence: str) -> None:
        """Put a refusal below the field, or take it away with an empty sentence."""
        raise NotImplementedError
