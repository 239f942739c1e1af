"""What every drawing function returns: a figure together with the words that stand for it."""

from __future__ import annotations

import base64
import html
import io
import warnings
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course.plot.style import styled

PIXELS = 96  # CSS pixels to the inch
SMALLEST = 0.7  # of its size: smaller, and the text of a picture can hardly be read
SHARP, QUICK = 2.0, 1.5  # image pixels to the CSS pixel: for screens of high resolution; while a slider moves


class Picture:
    """A drawn figure and its alt text; shows itself in a notebook, once, and leaves nothing behind.

    figure: a matplotlib Figure that pyplot does not know, so that no global state, double display or leak can arise.
    alt: what a person who does not see the picture needs to know, made from the data.
    note: one sentence that an explorer writes below the picture and reads out when it changes.
    photo: keep every colour; otherwise the file holds 256 colours, which drawings do not miss, and is a third as large.
    """

    def __init__(self, figure: Figure, alt: str, *, note: str = "", photo: bool = False) -> None:
        if not isinstance(figure, Figure):
            raise TypeError(f"figure is a {type(figure).__name__}; a Picture holds a matplotlib.figure.Figure.")
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError("alt is empty; say in a sentence or two what the picture shows.")
        if not isinstance(figure.canvas, FigureCanvasAgg):
            FigureCanvasAgg(figure)
        self.figure = figure
        self.alt = " ".join(alt.split())
        self.note = note
        self._photo = photo
        self._png: bytes | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in CSS pixels."""
        width, height = self.figure.get_size_inches()
        return round(width * PIXELS), round(height * PIXELS)

    def png(self) -> bytes:
        """The picture as a PNG file; drawn once, then remembered."""
        if self._png is None:
            self._png = self._drawn(SHARP, self._photo)
        return self._png

    def html(self, *, quick: bool = False) -> str:
        """An `<img>` element with the picture inside it, its alt text, and a panel that suits light and dark pages.

        On a narrow page it shrinks as far as its text can be read; from there on the page scrolls it sideways.

        quick: fewer pixels, drawn in about half the time, for a picture that a slider is moving.
        """
        width, height = self.size
        file = self._drawn(QUICK, photo=True) if quick else self.png()
        return (
            '<div style="overflow-x:auto">'
            f'<img src="data:image/png;base64,{base64.b64encode(file).decode()}" width="{width}" height="{height}"'
            f' alt="{html.escape(self.alt, quote=True)}"'
            f' style="max-width:100%;min-width:{round(width * SMALLEST)}px;height:auto;background:#FBFAF7;'
            'border-radius:8px"></div>'
        )

    def save(self, path: str | Path) -> Path:
        """The path written: a .png file of the picture. Raises ValueError for another suffix."""
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise ValueError(f"cannot save to {path.name!r}; give a name that ends in .png.")
        path.write_bytes(self.png())
        return path

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        width, height = self.size
        data = {
            "text/html": self.html(),
            "image/png": base64.b64encode(self.png()).decode(),
            "text/plain": self.alt,
        }
        return data, {"image/png": {"width": width, "height": height}}

    def __repr__(self) -> str:
        return self.alt

    def _drawn(self, sharp: float, photo: bool) -> bytes:
        buffer = io.BytesIO()
        with styled(), warnings.catch_warnings():
            # A character that no font here holds shows as a box; the alt text has it in full.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            self.figure.savefig(buffer, format="rgba", dpi=PIXELS * sharp)
        return _compressed(buffer.getvalue(), self.figure, PIXELS * sharp, photo)


def _compressed(rgba: bytes, figure: Figure, dpi: float, photo: bool) -> bytes:
    width, height = (int(inches * dpi) for inches in figure.get_size_inches())
    image = Image.frombuffer("RGBA", (width, height), rgba, "raw", "RGBA", 0, 1).convert("RGB")
    if not photo:
        # Median cut keeps white and the near-white panel apart, which the faster octree melts together.
        image = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, format="png", compress_level=2 if photo else 6)
    return buffer.getvalue()
