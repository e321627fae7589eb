"""What a widget shows, as numbers: the oracle of the tests of painted widgets."""

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget


def picture_of(widget: QWidget) -> QImage:
    """What the widget paints at its present size."""
    return widget.grab().toImage()


def share_of(widget: QWidget, color: QColor) -> float:
    """Share of the widget's pixels that have exactly this colour."""
    image = picture_of(widget)
    hits = sum(image.pixelColor(x, y) == color for x in range(image.width()) for y in range(image.height()))
    return hits / (image.width() * image.height())


def shows(widget: QWidget, color: QColor) -> bool:
    """Whether any pixel has exactly this colour."""
    return share_of(widget, color) > 0
