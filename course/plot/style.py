"""One look for every picture: colours, type sizes, and the settings that matplotlib draws under.

Pictures sit on a solid off-white panel, so that they read the same on a light and on a dark page. Colours are
Okabe and Ito's, which people with any common colour blindness tell apart (Wong, "Points of view: Color blindness",
Nature Methods 8, 2011); the maps are straight lines in OKLab (Björn Ottosson, 2020), where equal steps look equal.
Nothing is said by colour alone: lines also differ in dash and marker, cells also carry their number.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.colors import ListedColormap, to_rgb

PAPER, CELL, INK, MUTED, FAINT = "#FBFAF7", "#FFFFFF", "#1B1F24", "#565E68", "#D8D5CC"
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW = "#E69F00", "#56B4E9", "#F0E442"

SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)
DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (7, 2, 1.5, 2)), (0, (3, 1.2)), (0, (9, 3)), (0, (1, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

TITLE, BODY, SMALL = 13.0, 11.0, 9.5  # points; at 96 pixels to the inch 9.5 pt is 12.7 px
INCH = 72.0  # points

# Fonts that hold Chinese, Japanese, Korean or emoji, used only where the machine has them.
_WIDER_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Noto Emoji",
)

_SETTINGS = {
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": BODY,
    "axes.titlesize": BODY,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # a fixed place spares matplotlib a second layout of every axis
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.prop_cycle": matplotlib.cycler(color=SERIES, linestyle=DASHES),
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.markersize": 6.0,
    "hatch.color": "#B9B4A7",
    "hatch.linewidth": 0.8,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
    "font.size": BODY,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "image.interpolation": "nearest",
}


@functools.cache
def fonts() -> tuple[str, ...]:
    """The font families pictures use: matplotlib's own, then those of this machine that hold more scripts."""
    here = set(font_manager.fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in _WIDER_FONTS if name in here))


@functools.cache
def _everything() -> dict[str, object]:
    """Every drawing setting: matplotlib's defaults with ours on top, so that a learner's own style cannot mix in."""
    defaults = {
        key: value
        for key, value in matplotlib.rcParamsDefault.items()
        if key.partition(".")[0]
        not in {"backend", "interactive", "toolbar", "webagg", "tk", "macosx", "date", "keymap"}
        and key not in {"backend_fallback", "timezone", "figure.max_open_warning", "figure.hooks"}
    }
    return {**defaults, **_SETTINGS, "font.family": list(fonts())}


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """A block in which matplotlib draws in the course's style; its settings outside are left as they were."""
    with matplotlib.rc_context():
        # dict.update, as rc_context itself does: the values were validated when they were made.
        dict.update(matplotlib.rcParams, _everything())
        yield


def use_style() -> None:
    """Set the course's style for the learner's own `matplotlib.pyplot` drawings. Returns nothing."""
    matplotlib.rcParams.update({**_SETTINGS, "font.family": list(fonts())})


_P = ParamSpec("_P")
_R = TypeVar("_R")


def in_style(draw: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function, drawing in the course's style."""

    @functools.wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with styled():
            return draw(*args, **kwargs)

    return drawn


def _to_oklab(rgb: np.ndarray) -> np.ndarray:
    """OKLab coordinates [n, 3] of sRGB colours [n, 3] in 0..1."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _LMS.T) @ _LAB.T


def _from_oklab(lab: np.ndarray) -> np.ndarray:
    """Colours in sRGB [n, 3], clipped to 0..1, of OKLab coordinates [n, 3]."""
    linear = np.clip((lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def blend(colours: tuple[str, ...], name: str, steps: int = 256) -> ListedColormap:
    """A colour map that goes through `colours` in equal visible steps."""
    lab = _to_oklab(np.array([to_rgb(c) for c in colours]))
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(lab, axis=0), axis=1))])
    at = np.linspace(0, length[-1], steps)
    return ListedColormap(_from_oklab(np.stack([np.interp(at, length, lab[:, i]) for i in range(3)], 1)), name=name)


# Light enough at both ends for dark numbers: below zero towards orange, above zero towards blue.
TINT = blend(("#F2B46B", "#FFFFFF", "#8CC0E6"), "tint")
HEAT = blend(("#F3F6FA", "#8CC0E6", "#0B4F8A"), "heat")


def ink_on(colour: object) -> str:
    """The text colour, dark or white, with the higher contrast on `colour` (WCAG 2 relative luminance)."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light = float(linear @ [0.2126, 0.7152, 0.0722])
    return INK if (light + 0.05) / 0.063 > 1.05 / (light + 0.05) else "#FFFFFF"
