"""The look of the window: colours, fonts, icons and the style sheet, in a dark and a light form.

One `Theme` is made by the composition root and passed down. Widgets ask it for what they paint with and connect to
`changed`; they keep no colour of their own. Most widgets paint themselves: the style sheet covers only what Qt draws.
"""

from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontDatabase, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from explorer.desktop.icons import Icons
from explorer.desktop.style_sheet import style_sheet
from explorer.desktop.textures import texture
from explorer.records.event_kinds import EventKind
from explorer.records.states import State
from explorer.tokens import DARK, LIGHT, THEMES, Pattern, StateTokens, Tokens, high_contrast

__all__ = ["DARK", "LIGHT", "Pattern", "StateLook", "StateTokens", "Theme", "Tokens", "mix"]

BODY = 13
SMALLEST = 11
"""No type below this many pixels, whatever is asked for."""
LARGE = 1.25
"""Scale of everything in presentation mode."""
LARGEST = 2.5
HATCH = 0.55
"""How much of the lane is in the lines of a hatch."""


@dataclass(frozen=True, slots=True)
class StateLook:
    """A state in the current theme, ready to paint. `text` and `edge` are None where there is no label or outline."""

    fill: QColor
    text: QColor | None
    edge: QColor | None
    height: float
    line: bool
    texture: QBrush | None
    """To be painted over `fill`: the optional pattern, and always the hatch of UNKNOWN."""
    state: State = State.NONE
    hatch: QBrush | None = None
    """The pattern of a wait for a lock or for the GIL, for where it is there in any case."""

    def bar_height(self, lane: float) -> float:
        """Height in pixels of this state's bar in a lane of `lane` pixels: at least 2, as nothing may disappear."""
        return 2.0 if self.line else max(2.0, lane * self.height)


class Theme(QObject):
    """The current look. `changed` follows each switch of theme, scale or option; ask again for everything then."""

    changed = Signal()

    def __init__(self, resources: Path, name: str = "dark", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = Icons(resources / "icons")
        self._name = name
        self._chosen_scale = 1.0
        self._presenting = False
        self._high_contrast = self._patterns = self._reduced_motion = False
        self._load_fonts(resources / "fonts")
        self._derive()

    # what is chosen

    @property
    def name(self) -> str:
        """`dark` or `light`."""
        return self._name

    @property
    def dark(self) -> bool:
        """Whether the dark theme is shown."""
        return self._name == "dark"

    @property
    def tokens(self) -> Tokens:
        """The colours as text."""
        return self._tokens

    @property
    def scale(self) -> float:
        """By how much everything is larger than at first: the chosen scale, and a quarter more in presentation mode."""
        return self._chosen_scale * (LARGE if self._presenting else 1.0)

    @property
    def chosen_scale(self) -> float:
        """The scale that was chosen, 1.0 to 2.5."""
        return self._chosen_scale

    @property
    def presenting(self) -> bool:
        """Whether everything is drawn larger, for a room."""
        return self._presenting

    @property
    def patterns(self) -> bool:
        """Whether bars carry a texture besides their colour."""
        return self._patterns

    @property
    def hatches(self) -> tuple[tuple[State, Pattern], ...]:
        """Which states have a pattern, but for what is not known, which always has one."""
        return tuple(
            (state, given.pattern)
            for state, given in self._tokens.states.items()
            if given.pattern is not Pattern.PLAIN and state is not State.UNKNOWN
        )

    @property
    def high_contrast(self) -> bool:
        """Whether weak text and weak lines are drawn stronger; the timeline then outlines what is not selected."""
        return self._high_contrast

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing fades and following moves in steps."""
        return self._reduced_motion

    def use(self, name: str) -> None:
        """Switch to the theme `dark` or `light`; other names raise KeyError."""
        THEMES[name]
        if name != self._name:
            self._name = name
            self._tell()

    def toggle(self) -> None:
        """Switch to the other theme."""
        self.use("light" if self.dark else "dark")

    def set_presentation(self, on: bool) -> None:
        """Draw everything a quarter larger, for a room."""
        if on != self._presenting:
            self._presenting = on
            self._tell()

    def set_scale(self, scale: float) -> None:
        """Draw everything larger by `scale`; beyond 1.0 to 2.5 the nearest of these is taken."""
        scale = min(max(scale, 1.0), LARGEST)
        if scale != self._chosen_scale:
            self._chosen_scale = scale
            self._tell()

    def set_options(
        self, *, patterns: bool | None = None, high_contrast: bool | None = None, reduced_motion: bool | None = None
    ) -> None:
        """Change the options that are given, keep the others."""
        wanted = (
            self._patterns if patterns is None else patterns,
            self._high_contrast if high_contrast is None else high_contrast,
            self._reduced_motion if reduced_motion is None else reduced_motion,
        )
        if wanted != (self._patterns, self._high_contrast, self._reduced_motion):
            self._patterns, self._high_contrast, self._reduced_motion = wanted
            self._tell()

    # what widgets paint with

    def color(self, token: str, alpha: int = 255) -> QColor:
        """The colour of a token (a field of `Tokens`), with `alpha` 0–255. The caller may change the copy it gets."""
        color = QColor(self._colors[token])
        if alpha != 255:
            color.setAlpha(alpha)
        return color

    def state(self, state: State) -> StateLook:
        """How a state looks. NONE is drawn like UNKNOWN: nobody said what it is."""
        return self._looks[state]

    def event_color(self, kind: EventKind) -> QColor:
        """The colour of a kind's mark. The caller may change the copy it gets."""
        return QColor(self._tokens.events[kind])

    def dimmed(self, color: QColor) -> QColor:
        """A bar's colour while something else is selected."""
        return mix(color, self._colors["lane"], self._tokens.dim)

    def px(self, size: float) -> int:
        """A length of the design in device-independent pixels, scaled for presentation."""
        return round(size * self.scale)

    def font(self, px: int = BODY, weight: int = 400, mono: bool = False) -> QFont:
        """Inter with tabular digits, or JetBrains Mono; `weight` 400, 500, 600 or 700. Shared: do not change it."""
        key = (px, weight, mono)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = _font(self.px(max(px, SMALLEST)), weight, mono)
        return font

    def icon(self, name: str, size: int = 16, color: str = "text2", alpha: int = 255) -> QPixmap:
        """The icon `name` in the colour of a token. Raises KeyError when there is no such icon."""
        return self._icons.pixmap(name, self.px(size), self.color(color, alpha))

    def app_icon(self) -> QIcon:
        """The application's icon."""
        return self._icons.app_icon()

    def icon_names(self) -> list[str]:
        """All icons there are."""
        return self._icons.names()

    # what Qt paints with

    def palette(self) -> QPalette:
        """The palette for everything that Qt draws itself."""
        role, color = QPalette.ColorRole, self.color
        palette = QPalette()
        for target, token in (
            (role.Window, "panel"),
            (role.WindowText, "text"),
            (role.Base, "raised"),
            (role.AlternateBase, "panel"),
            (role.Text, "text"),
            (role.PlaceholderText, "text3"),
            (role.Button, "raised"),
            (role.ButtonText, "text"),
            (role.BrightText, "danger"),
            (role.ToolTipBase, "raised"),
            (role.ToolTipText, "text"),
            (role.Highlight, "fill"),
            (role.HighlightedText, "on_fill"),
            (role.Accent, "accent"),
            (role.Link, "accent"),
            (role.LinkVisited, "accent"),
            (role.Light, "hover"),
            (role.Midlight, "hover"),
            (role.Mid, "line2"),
            (role.Dark, "line"),
            (role.Shadow, "bg"),
        ):
            palette.setColor(target, color(token))
        for target in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, target, color("text3"))
        return palette

    def apply(self, application: QApplication) -> None:
        """Dress the application now and after each change."""
        self.prepare(application)
        self.complete(application)

    def prepare(self, application: QApplication) -> None:
        """The first part of `apply`: style, font and palette, which widgets are built with."""
        # Else a style sheet keeps the palette and the font that a widget had at first, and gives them back whenever
        # the widget gets another parent: text in the colours and the size of the theme that was left.
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
        application.setStyle(QStyleFactory.create("Fusion"))
        if application.styleSheet():  # an earlier window's
            application.setStyleSheet("")
        application.setWindowIcon(self.app_icon())

        def dress() -> None:
            application.setFont(self.font(BODY))
            application.setPalette(self.palette())

        dress()
        self.changed.connect(dress)

    def complete(self, application: QApplication) -> None:
        """The second part of `apply`, after the widgets are built: with a style sheet Qt looks each one over anew with
        every parent that it gets, which doubles the time to build a window.
        """

        def dress() -> None:
            application.setStyleSheet(style_sheet(self._tokens, self.scale))

        dress()
        self.changed.connect(dress)

    def _tell(self) -> None:
        self._derive()
        self.changed.emit()

    def _derive(self) -> None:
        tokens = THEMES[self._name]
        self._tokens = high_contrast(tokens) if self._high_contrast else tokens
        self._fonts: dict[tuple[int, int, bool], QFont] = {}
        self._colors = {
            field.name: QColor(value)
            for field in fields(Tokens)
            if isinstance(value := getattr(self._tokens, field.name), str) and value.startswith("#")
        }
        self._looks = {state: self._look(state, given) for state, given in self._tokens.states.items()}
        self._looks[State.NONE] = self._looks[State.UNKNOWN]

    def _look(self, state: State, given: StateTokens) -> StateLook:
        brush = hatch = None
        if state in (State.WAITING_LOCK, State.WAITING_GIL):
            hatch = texture(Pattern.DIAGONAL, mix(QColor(given.fill), QColor(self._tokens.lane), HATCH), self.scale)
        if state is State.UNKNOWN:
            brush = texture(given.pattern, QColor(self._tokens.idle), self.scale)
        elif self._patterns and given.pattern is not Pattern.PLAIN:
            brush = texture(given.pattern, self.color("lane", 150), self.scale)
        return StateLook(
            fill=QColor(given.fill),
            text=QColor(given.text) if given.text else None,
            edge=QColor(given.edge) if given.edge else None,
            height=given.height,
            line=given.line,
            texture=brush,
            state=state,
            hatch=hatch,
        )

    @staticmethod
    def _load_fonts(folder: Path) -> None:
        known = set(QFontDatabase.families())
        if {"Inter", "JetBrains Mono"} <= known:
            return
        for file in sorted(folder.glob("*.ttf")):
            if QFontDatabase.addApplicationFont(str(file)) < 0:
                raise OSError(f"The font {file} cannot be read. Install the program again.")


def mix(color: QColor, other: QColor, share: float) -> QColor:
    """`color` with the part `share` (0..1) of it replaced by `other`; opaque."""
    keep = 1.0 - share
    return QColor(
        round(color.red() * keep + other.red() * share),
        round(color.green() * keep + other.green() * share),
        round(color.blue() * keep + other.blue() * share),
    )


def _font(px: int, weight: int, mono: bool) -> QFont:
    font = QFont("JetBrains Mono" if mono else "Inter")
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    # Hinting rounds advances to whole pixels: at 11 and 12 px the words fall apart.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("calt"), 0)
    if not mono:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font
