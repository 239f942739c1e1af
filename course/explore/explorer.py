"""The base of all explorers: controls described as data, a drawing function, and a static twin."""

from __future__ import annotations

import dataclasses
import html
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

from course.plot import Picture

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclasses.dataclass(frozen=True)
class Slider:
    """A number between `low` and `high` in equal steps; whole if `low`, `high`, `step` and `value` are."""

    label: str
    value: float
    low: float
    high: float
    step: float
    help: str = ""

    @property
    def whole(self) -> bool:
        """True if the slider moves over whole numbers."""
        return all(isinstance(number, int) for number in (self.value, self.low, self.high, self.step))

    def check(self, value: object) -> object:
        """The value as a number. Raises ValueError outside low..high."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise ValueError(f"{self.label} is {value!r}; give a number from {self.low} to {self.high}.")
        return int(value) if self.whole else float(value)

    def widget(self, widgets: Any) -> tuple[Any, Any]:
        """The labelled number field, and the row of that field and a slider that moves with it.

        ipywidgets' sliders have no name that a screen reader could say, and no place to type a value; the field has.
        """
        limits = {"value": self.value, "min": self.low, "max": self.high, "step": self.step}
        field = (widgets.BoundedIntText if self.whole else widgets.BoundedFloatText)(**limits)
        slider = (widgets.IntSlider if self.whole else widgets.FloatSlider)(**limits, readout=False)
        # The browser's slider reckons in parts of its length: it says 5.000000000000001, and the field would show that.
        there_and_back = (lambda value: value, lambda value: round(value, 9))
        widgets.link((field, "value"), (slider, "value"), transform=there_and_back)
        field.layout.width, field.layout.max_width = f"{len(self.label) * 0.55 + 6.5:.1f}em", "100%"
        field.layout.flex = "0 0 auto"
        slider.layout.flex, slider.layout.min_width, slider.layout.width = "1 1 9em", "9em", "auto"
        # Where there is no room beside the field the slider goes below it; the room at its ends is for half a handle.
        slider.layout.margin = "2px 12px"
        return field, widgets.HBox([field, slider], layout={"flex_flow": "row wrap", "width": "auto"})


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of a few values: `options` are {text shown: value}."""

    label: str
    value: object
    options: Mapping[str, object]
    help: str = ""

    def check(self, value: object) -> object:
        """The value. Raises ValueError if it is not on offer."""
        if value not in self.options.values():
            raise ValueError(f"{self.label} is {value!r}; choose one of {', '.join(map(repr, self.options.values()))}.")
        return value

    def widget(self, widgets: Any) -> tuple[Any, Any]:
        """The ipywidgets control, twice: it is its own row."""
        return _alone(widgets.Dropdown(options=list(self.options.items()), value=self.value))


@dataclasses.dataclass(frozen=True)
class Toggle:
    """Yes or no."""

    label: str
    value: bool
    help: str = ""

    def check(self, value: object) -> object:
        """The value. Raises ValueError unless it is True or False."""
        if not isinstance(value, bool):
            raise ValueError(f"{self.label} is {value!r}; give True or False.")
        return value

    def widget(self, widgets: Any) -> tuple[Any, Any]:
        """The ipywidgets control, twice: it is its own row."""
        return _alone(widgets.Checkbox(value=self.value, indent=False))


@dataclasses.dataclass(frozen=True)
class Entry:
    """A short text to type."""

    label: str
    value: str
    help: str = ""

    def check(self, value: object) -> object:
        """The text. Raises ValueError if it is none."""
        if not isinstance(value, str):
            raise ValueError(f"{self.label} is {value!r}; give a text.")
        return value

    def widget(self, widgets: Any) -> tuple[Any, Any]:
        """The ipywidgets control, twice: it is its own row."""
        return _alone(widgets.Text(value=self.value, continuous_update=True))


Control = Slider | Choice | Toggle | Entry


class Explorer:
    """A picture with controls: as widgets where a front end runs them, else the picture at the default values.

    draw: takes the values of all controls by name and returns a Picture; its `note` is written below it.
    controls: {name: control}. columns: controls side by side.
    Drawing at the default values must succeed; an error after that is shown as a sentence in place of the picture.
    """

    def __init__(
        self, draw: Callable[..., Picture], controls: Mapping[str, Control], *, title: str, columns: int = 1
    ) -> None:
        if not controls:
            raise ValueError("controls is empty; an explorer needs at least one control.")
        self._draw = draw
        self._controls = dict(controls)
        self._columns = columns
        self.title = title
        self.values: dict[str, object] = {name: control.value for name, control in self._controls.items()}
        self.twin = draw(**self.values)
        self.picture: Picture | None = self.twin
        self.error = ""
        self._widget: Any = None
        self._parts: dict[str, Any] = {}

    def set(self, **values: object) -> Explorer:
        """The explorer itself, redrawn at the given values; controls not named keep theirs."""
        for name, value in values.items():
            if name not in self._controls:
                raise ValueError(f"there is no control {name!r}; there are {', '.join(self._controls)}.")
            values[name] = self._controls[name].check(value)
        self.values.update(values)
        if self._widget is not None:
            for name, value in values.items():
                self._parts[name].value = value
        self._redraw()
        return self

    def control(self, name: str) -> Any:
        """The ipywidgets control of that name, or None where ipywidgets is missing; its `value` moves the picture."""
        return self._parts[name] if self.widget is not None else None

    @property
    def widget(self) -> Any:
        """The ipywidgets box with controls and picture, made on first use; None where ipywidgets is missing."""
        if self._widget is None and importlib.util.find_spec("ipywidgets") is not None:
            self._widget = self._build()
        return self._widget

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        data, metadata = self.twin._repr_mimebundle_()
        widget = self.widget
        hint = _WITHOUT_WIDGETS if widget is None else _STILL
        data["text/html"] = f"<div>{self.twin.html()}{_note_html(self.twin.note)}<p><em>{_FIRST} {hint}</em></p></div>"
        if widget is not None:
            data[WIDGET_VIEW] = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        return data, metadata

    def __repr__(self) -> str:
        return f"{self.title}: {self.twin.alt}"

    def _build(self) -> Any:
        import ipywidgets as widgets

        cells = []
        for name, control in self._controls.items():
            part, row = dataclasses.replace(control, value=self.values[name]).widget(widgets)
            # The description becomes the <label> of the field, which a screen reader says; the tooltip explains.
            part.description = control.label
            part.tooltip = control.help or control.label
            part.style.description_width = "initial"
            part.observe(lambda change, name=name: self._moved(name, change["new"]), names="value")
            self._parts[name] = part
            hint = [widgets.HTML(_help_html(control.help))] if control.help else []
            cells.append(widgets.VBox([row, *hint], layout={"width": "auto", "overflow": "hidden"}))
        grid = widgets.GridBox(
            cells,
            layout={
                # As many columns as there is room for, and never more than asked for.
                "grid_template_columns": "repeat(auto-fit, minmax(min(100%, 15em), 28em))",
                "grid_gap": "2px 18px",
                "width": "auto",
                "max_width": f"calc({self._columns} * 29em)",
            },
        )
        self._parts[_PICTURE] = widgets.HTML(self._picture_html())
        self._parts[_NOTE] = widgets.HTML(self._words_html())
        heading = widgets.HTML(f"<strong>{html.escape(self.title)}</strong>")
        return widgets.VBox([heading, grid, self._parts[_PICTURE], self._parts[_NOTE]], layout={"width": "100%"})

    def _moved(self, name: str, value: object) -> None:
        if self.values[name] != value:
            self.values[name] = value
            self._redraw()

    def _redraw(self) -> None:
        try:
            self.picture = self._draw(**self.values)
            self.error = ""
        # Whatever a learner's values or function raise belongs on the screen, not in the log of the kernel.
        except Exception as error:
            self.picture = None
            self.error = str(error) or type(error).__name__
        if self._widget is not None:
            self._parts[_PICTURE].value = self._picture_html()
            self._parts[_NOTE].value = self._words_html()

    def _picture_html(self) -> str:
        return "" if self.picture is None else self.picture.html(quick=True)

    def _words_html(self) -> str:
        if self.error:
            return (
                '<p role="alert" style="margin:4px 0;padding:6px 10px;border-left:4px solid #D55E00;line-height:1.45">'
                f"<strong>Not drawn:</strong> {html.escape(self.error)}</p>"
            )
        return _note_html(self.picture.note)


_PICTURE, _NOTE = " picture", " note"  # a blank in front: no control can have these names
_FIRST = "This is the picture at the first values of its controls."
_STILL = "The controls appear where the notebook runs, for example in JupyterLab, on Binder or in Colab."
_WITHOUT_WIDGETS = (
    "The controls need the package ipywidgets, which is not installed. Run <code>%pip install ipywidgets</code> in a "
    "cell, restart the kernel and reload this page."
)


def _note_html(note: str) -> str:
    if not note:
        return ""
    return f'<p role="status" aria-live="polite" style="margin:4px 0;line-height:1.45">{html.escape(note)}</p>'


def _help_html(text: str) -> str:
    return f'<span style="font-size:0.9em;opacity:0.8;line-height:1.3">{html.escape(text)}</span>'


def _alone(control: Any) -> tuple[Any, Any]:
    control.layout.width = "auto"
    return control, control
