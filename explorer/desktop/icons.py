"""Icons: the Lucide SVG files under `resources/icons`, coloured and rendered for the screen's scale."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

APP_ICON = "concurrency-explorer"
STROKE = "1.75"
FILLED = frozenset({"play", "square"})
"""Icons that are drawn as areas: they stand for an action that starts or ends something."""


class Icons:
    """Renders icons on demand and keeps the pixmaps, one per name, size, colour and scale."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[tuple[str, int, int, float], QPixmap] = {}

    def pixmap(self, name: str, size: int, color: QColor) -> QPixmap:
        """The icon `name` (a file's stem), `size` device-independent pixels square. Unknown names raise KeyError."""
        scale = QGuiApplication.devicePixelRatio(_application())
        key = (name, size, color.rgba(), scale)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._render(name, size, color, scale)
        return found

    def app_icon(self) -> QIcon:
        """The application's own icon, for window titles and task bars."""
        return QIcon(str(self._folder / f"{APP_ICON}.svg"))

    def names(self) -> list[str]:
        """The names that can be drawn, sorted."""
        return sorted(file.stem for file in self._folder.glob("*.svg"))

    def _render(self, name: str, size: int, color: QColor, scale: float) -> QPixmap:
        file = self._folder / f"{name}.svg"
        if not file.is_file():
            raise KeyError(f"There is no icon called '{name}' in {self._folder}.")
        ink = color.name()
        source = file.read_text(encoding="utf-8").replace("currentColor", ink)
        source = source.replace('stroke-width="2"', f'stroke-width="{STROKE}"')
        if name in FILLED:
            source = source.replace('fill="none"', f'fill="{ink}"')
        pixmap = QPixmap(round(size * scale), round(size * scale))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(color.alphaF())
        QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(pixmap.rect()))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap


def _application() -> QGuiApplication:
    application = QGuiApplication.instance()
    if not isinstance(application, QGuiApplication):
        raise RuntimeError("Create the QApplication before drawing icons.")
    return application
