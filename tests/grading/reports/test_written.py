"""What a student wrote in Markdown is shown as it is meant to look, and nothing of it does anything."""

from __future__ import annotations

import base64
import io
import time

import pytest

pytest.importorskip("nbgrader", reason="grading needs the extra: pip install 'thirty-days-of-tensorflow[class]'")

from bs4 import BeautifulSoup
from nbconvert.filters import markdown2html
from PIL import Image

from course.grading.reports import written
from course.grading.reports.written import Written


def encoded(kind: str, **more: object) -> str:
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, kind, **more)
    return base64.b64encode(file.getvalue()).decode()


PNG, JPEG = encoded("PNG"), encoded("JPEG")


def seen(source: str, attachments: dict | None = None) -> BeautifulSoup:
    """The page as a browser reads it, which is the same after a second pass through Markdown."""
    html = Written().html(source, attachments)
    assert "\n" not in html
    once, twice = BeautifulSoup(html, "html.parser"), BeautifulSoup(markdown2html(html), "html.parser")
    assert once.get_text() == twice.get_text().removesuffix("\n")
    assert [tag.name for tag in once.find_all(True)] == [tag.name for tag in twice.find_all(True)]
    return once


def test_markdown_is_formatted():
    page = seen(
        "# Why\n\n**bold** *soft* `code` x<sub>1</sub> ~~no~~\n\n- one\n- two\n\n> said\n\n```python\nx = 1\n  y\n```"
    )
    assert {"h3", "strong", "em", "code", "sub", "del", "ul", "li", "blockquote", "pre"} <= {
        tag.name for tag in page.find_all(True)
    }
    assert page.pre.get_text() == "x = 1\n  y\n"


def test_tables_keep_their_columns():
    page = seen("| a | b |\n|---|--:|\n| 1 | *2* |")
    assert [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")] == [
        ["a", "b"],
        ["1", "2"],
    ]
    assert page.find_all("td")[1]["align"] == "right"


@pytest.mark.parametrize(
    ("source", "count"),
    [
        (r"the sum $x^2 + \dfrac{1}{2}$ is", 1),
        ("$$\\sum_{i=1}^n i\n= \\frac{n(n+1)}{2}$$", 1),
        ("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}", 2),
        ("\\begin{equation}\nE = mc^2\n\\end{equation}", 1),
        (r"\\(a\\) and \\[b\\]", 2),
    ],
)
def test_formulas_are_drawn_without_a_network(source, count):
    images = seen(source).find_all("img")
    assert len(images) == count
    for image in images:
        raw = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
        assert Image.open(io.BytesIO(raw)).size[0] > int(image["width"]) > 0
        assert image["alt"]


@pytest.mark.parametrize(
    "tex",
    [r"$\nonsense{x}$", r"$\begin{cases} a \end{cases}$", r"$\hspace{99999}$", f"${'x' * 999}$", r"$\frac{1$"],
)
def test_a_formula_that_cannot_be_drawn_shows_its_source_and_says_so(tex):
    page = seen(tex)
    assert page.img is None
    assert tex.strip("$") in page.get_text()
    assert "could not be drawn" in page.get_text()


def test_money_is_not_a_formula():
    assert seen("It costs $5.").get_text().strip() == "It costs $5."


@pytest.mark.parametrize(("kind", "data"), [("image/png", PNG), ("image/jpeg", JPEG)])
def test_pasted_pictures_are_shown(kind, data):
    page = seen("See: ![my plot](attachment:my%20plot.png)", {"my plot.png": {kind: data}})
    assert page.img["src"].startswith(f"data:{kind};base64,")
    assert page.img["alt"] == "my plot"
    Image.open(io.BytesIO(base64.b64decode(page.img["src"].partition(",")[2]))).load()


def test_a_pasted_picture_that_the_text_no_longer_names_is_shown_below_it():
    assert seen("Nothing.", {"a.png": {"image/png": PNG}}).img is not None


def test_what_a_camera_wrote_into_a_picture_is_left_out():
    data = encoded("JPEG", exif=b"Exif\0\0secret place", comment=b"secret name")
    assert b"secret" in base64.b64decode(data)
    page = seen("![](attachment:a.jpg)", {"a.jpg": {"image/jpeg": data}})
    assert b"secret" not in base64.b64decode(page.img["src"].partition(",")[2])


@pytest.mark.parametrize("cut", range(0, 600, 40))
def test_a_picture_that_is_cut_off_is_named(cut):
    for kind, data in (("image/png", PNG), ("image/jpeg", JPEG)):
        part = base64.b64encode(base64.b64decode(data)[:cut]).decode()
        if part != data:
            assert "it is damaged" in seen("![](attachment:a)", {"a": {kind: part}}).get_text()


@pytest.mark.parametrize(
    ("source", "attachments", "told"),
    [
        ("![x](https://evil.example/x.png)", {}, "https://evil.example/x.png, which is not part of the notebook"),
        ("<img src=//evil.example/x.png>", {}, "Picture left out"),
        ("![x](attachment:a.png)", {}, "a.png, which is not attached"),
        ("![x](attachment:a.svg)", {"a.svg": {"image/svg+xml": "<svg/>"}}, "neither PNG nor JPEG"),
        ("![x](attachment:a.png)", {"a.png": {"image/png": "AAAA"}}, "it is damaged"),
        ("![x](attachment:a.png)", {"a.png": 5}, "a.png, which is not attached"),
        ("![x](data:image/png;base64,AAAA)", {}, "Picture left out"),
        ("[x](javascript:alert(1))", {}, "x [link left out]"),
        ("[x](https://a.example/b)", {}, "x (https://a.example/b)"),
        ("a <!-- remark --> b", {}, "<!-- remark -->"),
        ("a <video src=x></video> b", {}, "<video src"),
    ],
)
def test_what_is_left_out_is_named_where_it_stood(source, attachments, told):
    page = seen(source, attachments)
    assert page.img is None
    assert told in page.get_text()


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{display:none}</style>",
    "<a href='java&#10;script:alert(1)' onclick=x style='position:fixed'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><base href=//evil>",
    "<math><mtext></p><style><img src onerror=alert(1)></style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=//evil><input name=x><button formaction=javascript:alert(1)>x</button></form>",
    "`<script>` $</div><script>alert(1)</script>$ **</div></main>",
    "</div></section></main></body><meta http-equiv=refresh content='0;url=//evil'>",
    '![](attachment:"onerror=alert(1))',
    "<img class=formula src=attachment:p align=middle width=99999><img src=formula:0>",
    "| <script>x</script> |\n|--|\n| <b onclick=x>y</b> |",
)


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_in_it_runs_or_loads(source):
    page = seen(source, {'"onerror=alert(1)': {"image/png": PNG}, "p": {"image/png": PNG}})
    for tag in page.find_all(True):
        assert tag.name in written._TAGS
        assert set(tag.attrs) <= {"align", "alt", "class", "height", "src", "start", "width"}
        assert tag.get("src", "data:image/png").startswith("data:image/")
        assert tag.name == "div" or tag.get("class", ["formula"]) == ["formula"]


BOMBS = {
    "emphasis": "*a_" * 6000,
    "brackets": "[" * 19_999,
    "links": "[a](b" * 3900,
    "quotes": "> " * 9000,
    "dollars": "$a" * 9900,
    "braces": f"${'{' * 190}{'}' * 190}$",
    "roots": "$" + r"\sqrt{" * 50 + "x" + "}" * 50 + "$",
    "tags": "<div>" * 3900,
    "half tags": "<a " * 6600,
    "lists": "\n".join(f"{' ' * depth}- a" for depth in range(190)),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_text_takes_long(bomb):
    started = time.process_time()
    Written().html(bomb)
    assert time.process_time() - started < 20


def test_a_notebook_has_limits_for_all_of_its_texts(monkeypatch):
    monkeypatch.setattr(written, "MOST_IN_ALL", 100)
    monkeypatch.setattr(written, "MOST_FORMULAS", 1)
    shown = Written()
    assert "<strong>" in shown.html("**a** $x$")
    assert "could not be drawn" in shown.html("$x$")
    assert "<strong>" not in shown.html("**" + "a" * 100 + "**")


def test_drawing_leaves_no_figure_open():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    Written().html("$x$")
    assert plt.get_fignums() == before
