"""What a student wrote in Markdown as it is meant to look: formatting, tables, formulas and pasted pictures.

The text is hostile until it has passed three steps: nbconvert's own Markdown; bleach, which nbconvert uses as well; and
`_Emitter`, which writes every tag anew and every sign of text as a number. So the result is safe in a page, and as the
source of a Markdown cell, where nothing in it is read as markup or mathematics once more. It runs nothing and loads
nothing: formulas are drawn by matplotlib. What cannot be shown is named where it stood.
"""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Callable, Mapping
from html import escape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from course.grading.reports import sanitise

MOST_SIGNS = 20_000
"""Of one text that is formatted; a longer one is shown as it was typed."""

MOST_IN_ALL = 200_000
MOST_FORMULAS = 100
MOST_PICTURES = 4 * 2**20
"""Of a notebook: signs that are formatted, formulas that are drawn, characters of pictures."""

MOST_TEX, MOST_WIDTH, MOST_HEIGHT = 400, 1_500, 600
"""Of a formula: signs, and points of its size."""

DOTS, SHOWN_DOTS = 160, 96
"""Dots per inch of a formula as it is drawn, and as it is shown."""

_TAGS = frozenset(
    (
        *(
            "a",
            "b",
            "blockquote",
            "br",
            "code",
            "dd",
            "del",
            "details",
            "div",
            "dl",
            "dt",
            "em",
            "hr",
            "i",
            "img",
            "kbd",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary", "sup"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
    )
)
_VOID = ("br", "hr", "img")
_ATTRIBUTES = {"a": ["href"], "img": ["src", "alt"], "td": ["align"], "th": ["align"], "ol": ["start"]}
_NUMBER = re.compile(r"-?\d{1,6}")
_ROWS = ("align", "aligned", "gather", "gathered", "split", "eqnarray", "multline", "equation", "displaymath", "math")
"""Environments that are lines, one below the other; mathtext knows one line at a time."""

_OLD_TEX = ((r"\dfrac", r"\frac"), (r"\tfrac", r"\frac"), (r"\bm", r"\mathbf"), (r"\lvert", "|"), (r"\rvert", "|"))


class Written:
    """Shows the texts of one notebook, within limits that they share."""

    def __init__(self) -> None:
        self._signs, self._formulas, self._pictures = MOST_IN_ALL, MOST_FORMULAS, MOST_PICTURES

    def html(self, source: str, attachments: Mapping[str, Any] | None = None) -> str:
        """One line of HTML that shows the Markdown.

        Args:
            source: the student's text.
            attachments: pictures that were pasted into the cell, as a notebook holds them: {name: {type: base64}}.
        """
        text = sanitise.plain(source)
        self._signs -= len(text)
        if len(text) > MOST_SIGNS or self._signs < 0:
            return sanitise.as_markdown(source)
        import bleach

        named = attachments if isinstance(attachments, Mapping) else {}
        drawn: dict[str, str] = {}
        try:
            raw = _markdown(lambda tex, alone: self._formula(tex, alone, drawn))(text)
        except Exception:  # whatever a hostile text brings out in a parser of Markdown: it is shown as it was typed
            return sanitise.as_markdown(source)
        protocols = ["http", "https", "mailto", "attachment", "formula"]
        clean = bleach.clean(raw, tags=_TAGS, attributes=_ATTRIBUTES, protocols=protocols, strip_comments=False)
        emitter = _Emitter(lambda where: self._picture(where, named, drawn))
        emitter.feed(clean)
        emitter.close()
        for name in named:
            if name not in emitter.seen:  # pasted, and the line that shows it was lost
                emitter.picture(f"attachment:{name}", str(name))
        return f'<div class="tex2jax_ignore mathjax_ignore">{"".join(emitter.parts).removesuffix("&#10;")}</div>'

    def _formula(self, tex: str, alone: bool, drawn: dict[str, str]) -> str:
        """The formula as an image, else its source."""
        self._formulas -= 1
        picture = _draw(tex) if self._formulas >= 0 else None
        if picture is None:
            sign = "$$" if alone else "$"
            return f"<code>{escape(sign + tex.strip() + sign)}</code> [this formula could not be drawn]"
        name = f"formula:{len(drawn)}"
        drawn[name] = picture
        image = f'<img src="{name}" alt="{escape(tex.strip(), quote=True)}">'
        return f"<p>{image}</p>" if alone else image

    def _picture(self, where: str, attachments: Mapping[str, Any], drawn: Mapping[str, str]) -> tuple[str, str]:
        """The address of a picture as data, or "" and why there is none."""
        if where in drawn:
            return drawn[where], ""
        if not where.startswith("attachment:"):
            return "", f"{where[:200]}, which is not part of the notebook" if where else "it has no address"
        name = unquote(where.removeprefix("attachment:"))
        bundle = attachments.get(name)
        kinds = dict(bundle) if isinstance(bundle, Mapping) else {}
        for kind, read in (("image/png", sanitise.picture), ("image/jpeg", sanitise.photo)):
            data = read(kinds[kind]) if kind in kinds else None
            if data is not None and len(data) <= self._pictures:
                self._pictures -= len(data)
                return f"data:{kind};base64,{data}", ""
        if not kinds:
            return "", f"{name[:100]}, which is not attached"
        return "", f"{name[:100]}: it is damaged, too large, or neither PNG nor JPEG"


def _markdown(formula: Callable[[str, bool], str]) -> Callable[[str], str]:
    """Markdown to HTML as nbconvert makes it, with formulas as `formula(tex, alone)` gives them."""
    from mistune import HTMLRenderer
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    class Renderer(HTMLRenderer):
        def __init__(self) -> None:
            super().__init__(escape=False, allow_harmful_protocols=True)  # bleach and the emitter decide

        def block_math(self, body: str) -> str:
            return formula(body, True)

        def inline_math(self, body: str) -> str:
            return formula(body, False)

        def latex_environment(self, name: str, body: str) -> str:
            if name.rstrip("*") not in _ROWS:
                return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", True)
            rows = [row.replace("&", " ") for row in body.split("\\\\") if row.strip()]
            return "".join(formula(row, True) for row in rows)

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return f'<img src="{escape(url, quote=True)}" alt="{escape(text, quote=True)}">'

        def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
            tag = "th" if head else "td"
            return f'<{tag} align="{align}">{text}</{tag}>' if align else f"<{tag}>{text}</{tag}>"

    return MarkdownWithMath(renderer=Renderer()).render


class _Emitter(HTMLParser):
    """Writes HTML anew: known tags, their few attributes, and text in which every sign of markup is a number."""

    def __init__(self, picture: Callable[[str], tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.seen: set[str] = set()
        self._picture = picture
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins: it is written with the attributes that have a meaning here."""
        given = {name: value or "" for name, value in attrs}
        if tag not in _TAGS:
            self.handle_data(f"<{tag}>")
        elif tag == "img":
            self.picture(given.get("src", ""), given.get("alt", ""))
        elif tag == "a":
            self._links.append(given.get("href", ""))
        else:
            more = ""
            if given.get("align") in ("left", "right", "center"):
                more = f' align="{given["align"]}"'
            if tag == "ol" and _NUMBER.fullmatch(given.get("start", "")):
                more = f' start="{given["start"]}"'
            self.parts.append(f"<{_lower(tag)}{more}>")

    def handle_endtag(self, tag: str) -> None:
        """A tag ends; after the text of a link stands where it leads, as nothing here can be clicked."""
        if tag == "a":
            link = self._links.pop() if self._links else ""
            if not link:
                self.handle_data(" [link left out]")
            elif not "".join(self.parts[-1:]).endswith(_signs(link)):
                self.handle_data(f" ({link[:300]})")
        elif tag in _TAGS and tag not in _VOID:
            self.parts.append(f"</{_lower(tag)}>")

    def handle_data(self, data: str) -> None:
        """Text: letters, digits and spaces as they are, every other sign as its number."""
        self.parts.append(_signs(data))

    def handle_comment(self, data: str) -> None:
        """A comment is shown, since it was written."""
        self.handle_data(f"<!--{data}-->")

    def picture(self, where: str, alt: str) -> None:
        """A picture, or why there is none; one that comes with a size is a formula."""
        self.seen.add(unquote(where.removeprefix("attachment:")))
        data, why = self._picture(where)
        if not data:
            self.handle_data(f"[Picture left out: {why}]")
            return
        address, _, size = data.partition(" ")
        more = ""
        if size:
            width, _, height = size.partition("x")
            more = f' class="formula" width="{width}" height="{height}" align="middle"'
        self.parts.append(f'<img alt="{_signs(alt)}"{more} src="{address}">')


def _lower(tag: str) -> str:
    """A heading below those of the page that shows it; every other tag as it is."""
    return f"h{min(6, int(tag[1]) + 2)}" if re.fullmatch(r"h[1-6]", tag) else tag


def _signs(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign == " " else f"&#{ord(sign)};" for sign in text)


def _draw(tex: str) -> str | None:
    """The formula as "data:... WIDTHxHEIGHT"; None where matplotlib's mathtext does not know it, or it is too large."""
    from matplotlib import mathtext

    text = " ".join(tex.split())
    for old, new in _OLD_TEX:
        text = text.replace(old, new)
    if not text or len(text) > MOST_TEX or "$" in text:
        return None
    log = logging.getLogger("matplotlib.mathtext")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it tells of every glyph that its font lacks
    try:
        width, height, *_ = mathtext.MathTextParser("path").parse(f"${text}$", dpi=72)
        if not (0 < width <= MOST_WIDTH and 0 < height <= MOST_HEIGHT):
            return None
        with io.BytesIO() as file:
            mathtext.math_to_image(f"${text}$", file, dpi=DOTS, format="png")
            data = file.getvalue()
    except Exception:  # mathtext raises many kinds, and a student may write anything: the source is shown then
        return None
    finally:
        log.setLevel(level)
    safe = sanitise.picture(base64.b64encode(data).decode("ascii"))
    if safe is None:
        return None
    across, down = (int.from_bytes(data[place : place + 4]) * SHOWN_DOTS // DOTS for place in (16, 20))
    return f"data:image/png;base64,{safe} {max(across, 1)}x{max(down, 1)}"
