"""The form for a group of knobs, made from their declaration: one field each, with bounds, unit, mark and sentence.

Seconds below one are edited in milliseconds; nothing else is converted.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from explorer.desktop.panels.special_knob import SpecialKnob
from explorer.desktop.panels.text_knob import TextKnob
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.knob import MARKS, KnobField, KnobState
from explorer.desktop.widgets.label import ElidedLabel, IconLabel
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.slider import Slider
from explorer.desktop.widgets.switch import Switch
from explorer.options import Knobs, extra

Change = Callable[[str, Any], object]
MILLISECONDS_BELOW_S: Final = 1.0
SLIDER_UP_TO: Final = 1000
NAMES: Final = ("port", "seed")
"""Numbers that name something and count nothing: without thousands commas."""
JUST_MS: Final = 10_000
"""How long a knob is shown as just changed, if nothing else changes first."""


NOTHING_SPECIAL: Final[Mapping[str, SpecialKnob]] = {}


class KnobForm(QWidget):
    """Fields for the knobs of `knobs` that `wanted` lets through. `change(key, value)` follows the user.

    `special` are fields of another kind, by their keys. `marks`: whether each says if it is live or needs a restart.
    """

    def __init__(
        self,
        theme: Theme,
        knobs: Knobs,
        change: Change,
        *,
        wanted: Callable[[str, FieldInfo], bool] = lambda key, field: True,
        sliders: tuple[str, ...] = (),
        special: Mapping[str, SpecialKnob] = NOTHING_SPECIAL,
        marks: bool = True,
        just_ms: int = JUST_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._change = change
        self._marks = marks
        self._show: dict[str, Callable[[Any], None]] = {}
        self._fields: dict[str, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._just = QTimer(self)
        self._just.setSingleShot(True)
        self._just.setInterval(just_ms)
        self._just.timeout.connect(lambda: self.mark("", KnobState.REST))
        for key, field in type(knobs).model_fields.items():
            if key in special:
                self._put_special(key, special[key])
            elif wanted(key, field):
                self._add(key, field, getattr(knobs, key), key in sliders)

    def __len__(self) -> int:
        return len(self._fields)

    def show_values(self, knobs: Knobs) -> None:
        """Show the values of `knobs`, which may have been changed elsewhere."""
        for key, show in self._show.items():
            show(getattr(knobs, key))

    def set_shown(self, key: str, shown: bool) -> None:
        """Show or hide a knob that counts only for some choices."""
        self._fields[key].setVisible(shown)

    def mark(self, key: str, state: KnobState) -> None:
        """Show one knob as just changed (for a while) or restarting, the others at rest. An unknown key clears all."""
        if key in self._fields and state is KnobState.CHANGED:
            self._just.start()
        else:
            self._just.stop()
        for name, field in self._fields.items():
            if isinstance(field, KnobField):
                field.set_state(state if name == key else KnobState.REST)
            elif isinstance(field, (TextKnob, SpecialKnob)):
                field.set_changed(name == key and state is not KnobState.REST)

    def blame(self, key: str, sentence: str) -> bool:
        """Put a refusal below the knob at fault; False if it is not here."""
        field = self._fields.get(key)
        if isinstance(field, (KnobField, TextKnob, SpecialKnob)):
            field.set_error(sentence)
            # Once the sentence, and the section around it, have found their place.
            QTimer.singleShot(0, field, lambda: _bring_into_view(field))
            return True
        return False

    def _put_special(self, key: str, field: SpecialKnob) -> None:
        field.committed.connect(lambda new: self._change(key, new))
        self._show[key] = field.set_value
        self._put(key, field)

    def _add(self, key: str, field: FieldInfo, value: Any, slider: bool) -> None:
        kind = field.annotation
        if kind is bool:
            self._put(key, self._switch(key, field, value))
        elif get_origin(kind) is Literal:
            self._put(key, self._combo(key, field, value))
        elif kind is str:
            self._put(key, self._text(key, field, value))
        else:
            self._number(key, field, value, slider)

    def _put(self, key: str, widget: QWidget) -> None:
        self._fields.setdefault(key, widget)
        self._column.addWidget(widget)

    def _number(self, key: str, field: FieldInfo, value: float, slider: bool) -> None:
        knob, show_number = number_knob(
            self._theme, key, field, value, lambda new: self._change(key, new), marked=self._marks
        )
        self._show[key] = show_number
        self._put(key, knob)
        if slider:
            scale = _scale(field)
            bounds = _range(key, field, scale)
            upper = min(bounds.maximum, SLIDER_UP_TO)
            rail = Slider(
                self._theme,
                NumberRange(bounds.minimum, upper, bounds.by, bounds.whole),
                min(value * scale, upper),
                log=True,
                name=field.title or key,
            )
            rail.moved.connect(lambda shown: self._change(key, _meant(field, shown, scale)))

            def show(new: float) -> None:
                show_number(new)
                rail.set_number(min(new * scale, upper))

            self._show[key] = show
            self._column.addWidget(rail)

    def _switch(self, key: str, field: FieldInfo, value: bool) -> QWidget:
        switch = Switch(self._theme, field.title or key, value)
        switch.toggled.connect(lambda on: self._change(key, bool(on)))
        self._show[key] = lambda new: _quietly(switch, lambda: switch.setChecked(new))
        return self._row(field, key, switch)

    def _combo(self, key: str, field: FieldInfo, value: str) -> QWidget:
        labels = extra(field, "labels") or {}
        options = [(str(one), str(labels.get(one, one)), "") for one in get_args(field.annotation)]
        combo = Combo(self._theme, options, current=value, name=field.title or key)
        combo.chosen.connect(lambda one: self._change(key, one))
        self._show[key] = combo.set_current
        return self._row(field, key, combo)

    def _text(self, key: str, field: FieldInfo, value: str) -> QWidget:
        effect, secret = extra(field, "effect"), bool(extra(field, "secret"))
        text = TextKnob(self._theme, field.title or key, value, effect=effect, secret=secret)
        text.setToolTip(field.description or "")
        text.committed.connect(lambda new: self._change(key, new))
        self._show[key] = text.set_value
        return text

    def _row(self, field: FieldInfo, key: str, control: QWidget) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(ElidedLabel(self._theme, field.title or key, 12, color="text2"), 1)
        if self._marks:
            line.addWidget(IconLabel(self._theme, MARKS[extra(field, "effect")][0], 13, "text3"))
        line.addWidget(control, 0, Qt.AlignmentFlag.AlignRight)
        row.setToolTip(field.description or "")
        return row


def number_knob(
    theme: Theme,
    key: str,
    field: FieldInfo,
    value: float,
    change: Callable[[Any], object],
    *,
    title: str = "",
    inline: bool = False,
    marked: bool = True,
) -> tuple[KnobField, Callable[[Any], None]]:
    """A field for one number, and what shows another value in it; `title` in place of the declared one.

    `inline`: in a line with others, with a unit only where it is one of time.
    """
    scale, unit = _scale(field), str(extra(field, "unit") or "")
    knob = KnobField(
        theme,
        title or field.title or key,
        value * scale,
        _range(key, field, scale),
        unit="ms" if scale == 1000 else "" if inline and unit != "s" else unit,
        effect=extra(field, "effect"),
        description=field.description or "",
        inline=inline,
        marked=marked,
    )
    knob.committed.connect(lambda shown: change(_meant(field, shown, scale)))
    return knob, lambda new: knob.set_value(new * scale)


def _meant(field: FieldInfo, shown: float, scale: float) -> float:
    """The value of a knob whose field shows `shown`."""
    return int(shown) if field.annotation is int else shown / scale


def _bring_into_view(widget: QWidget) -> None:
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    if isinstance(above, QScrollArea):
        inside: QWidget | None = widget
        while inside is not None and inside is not above.widget():
            if (layout := inside.layout()) is not None:
                layout.activate()
            inside = inside.parentWidget()
        above.ensureWidgetVisible(widget)


def _scale(field: FieldInfo) -> float:
    default = field.default if isinstance(field.default, (int, float)) else 0
    return 1000.0 if extra(field, "unit") == "s" and default < MILLISECONDS_BELOW_S else 1.0


def _range(key: str, field: FieldInfo, scale: float) -> NumberRange:
    low, high = 0.0, 1e12
    for bound in field.metadata:
        low = getattr(bound, "ge", getattr(bound, "gt", low))
        high = getattr(bound, "le", high)
    whole = field.annotation is int
    low, high = low * scale, high * scale
    if whole:
        return NumberRange(low, high, grouped=key not in NAMES)
    default = abs(float(field.default or 0) * scale)
    step = 1.0 if default >= 10 else 0.1 if default >= 1 or scale == 1 else 0.01
    return NumberRange(low, high, 1.0 if scale == 1000 and default == 0 else step, whole=False)


def _quietly(widget: QWidget, act: Callable[[], None]) -> None:
    blocked = widget.blockSignals(True)
    act()
    widget.blockSignals(blocked)
    widget.update()
