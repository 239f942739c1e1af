"""A computation graph in layers, left to right, with values on the nodes and derivatives on the edges.

Layout after Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981):
layers by longest path, fewer crossings by ordering each layer by its neighbours' mean place, then even heights.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import BODY, CELL, INK, MUTED, PAPER, SMALL, VERMILION, in_style
from course.plot.values import listed, number_text, plural

Edge = tuple[str, str] | tuple[str, str, float]
NODE_HEIGHT, LAYER_GAP, NODE_GAP = 0.36, 0.75, 0.34  # inches
INPUT_FACE, RESULT_FACE = "#DCEBF7", "#FCEBC8"


@in_style
def graph(
    nodes: Mapping[str, object] | Sequence[str],
    edges: Sequence[Edge],
    *,
    labels: Mapping[str, str] | None = None,
    backward: Mapping[tuple[str, str], float] | None = None,
    dashed: Sequence[tuple[str, str]] = (),
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of a computation graph, inputs on the left; with derivatives a second frame shows the way back.

    nodes: {name: forward value}, None for no value, or only names. edges: (from, to), or (from, to, derivative);
    `backward` gives derivatives too. labels: what to write in a node instead of its name, such as "×".
    dashed: edges that only order the work, such as control dependencies. Values may be numbers or texts.
    Raises ValueError for an unknown node and for a circle, and names it.
    """
    values = dict(nodes) if isinstance(nodes, Mapping) else dict.fromkeys(nodes)
    pairs, slopes = _edges(edges, backward, values)
    unknown = [f"{a} → {b}" for a, b in dashed if (a, b) not in pairs]
    if unknown:
        raise ValueError(f"dashed names {listed(unknown)}, which is not an edge.")
    shown = {name: str((labels or {}).get(name, name)) for name in values}
    layout = lay_out(list(values), pairs, {name: _node_width(shown[name], values[name]) for name in values})
    canvas = Canvas()
    _draw_frame(canvas, layout, 0.0, shown, values, pairs, {}, set(dashed))
    if slopes:
        canvas.text(0, -0.38, "forward: values", weight="bold", ha="left")
        lower = canvas.box[3] + 0.85
        canvas.text(0, lower - 0.38, "backward: derivatives of the result", weight="bold", ha="left", color=VERMILION)
        _draw_frame(canvas, layout, lower, shown, values, pairs, slopes, set(dashed))
    canvas.heading(title)
    told = []
    for name in layout.order:
        parents = [a for a, b in pairs if b == name]
        value = "" if values[name] is None else f" = {_value_text(values[name])}"
        called = name if shown[name] == name else f"{name} ({shown[name]})"
        told.append(f"{called}{value}" + (f" from {listed(parents)}" if parents else ""))
    words = f"computation graph of {plural(len(values), 'node')}. {'; '.join(told)}."
    if slopes:
        words += " Backward: " + "; ".join(f"{b} to {a} {_value_text(s)}" for (a, b), s in slopes.items()) + "."
    return canvas.picture(words, title=title, alt=alt)


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where nodes lie: centres and widths in inches, the bends of each edge, and an order, inputs first."""

    centre: Mapping[str, tuple[float, float]]
    width: Mapping[str, float]
    bends: Mapping[tuple[str, str], list[tuple[float, float]]]
    order: list[str]


def lay_out(names: Sequence[str], edges: Sequence[tuple[str, str]], width: Mapping[str, float]) -> Layout:
    """Places for all nodes, left to right. Raises ValueError if the edges go in a circle."""
    order = _sorted(names, edges)
    parents = {name: [a for a, b in edges if b == name] for name in names}
    children = {name: [b for a, b in edges if a == name] for name in names}
    layer = {}
    for name in order:
        layer[name] = max((layer[p] + 1 for p in parents[name]), default=0)
    for name in reversed(order):  # inputs move right, next to where they are first used
        if not parents[name] and children[name]:
            layer[name] = min(layer[child] for child in children[name]) - 1
    count = max(layer.values()) + 1
    ranks: list[list[object]] = [[n for n in names if layer[n] == k] for k in range(count)]
    links: list[tuple[object, object]] = []
    chains: dict[tuple[str, str], list[object]] = {}
    for a, b in dict.fromkeys(edges):
        chain: list[object] = [a]
        for k in range(layer[a] + 1, layer[b]):
            ranks[k].append((a, b, k))
            chain.append((a, b, k))
        chain.append(b)
        chains[a, b] = chain
        links += itertools.pairwise(chain)
    ranks = _untangled(ranks, links)
    heights = _heights(ranks, links)
    widths = [max([width[n] for n in rank if isinstance(n, str)], default=0.2) for rank in ranks]
    lefts = np.concatenate([[0.0], np.cumsum(np.array(widths) + LAYER_GAP)[:-1]])
    place = {node: (float(lefts[k] + widths[k] / 2), heights[node]) for k, rank in enumerate(ranks) for node in rank}
    return Layout(
        {name: place[name] for name in names},
        dict(width),
        {edge: [place[node] for node in chain[1:-1]] for edge, chain in chains.items()},
        order,
    )


def _edges(
    edges: Sequence[Edge], backward: Mapping[tuple[str, str], float] | None, values: Mapping[str, object]
) -> tuple[list[tuple[str, str]], dict[tuple[str, str], object]]:
    if not values:
        raise ValueError("nodes is empty; give at least one node.")
    pairs, slopes = [], dict(backward or {})
    for edge in edges:
        if not isinstance(edge, tuple | list) or len(edge) not in (2, 3):
            raise ValueError(f"the edge {edge!r} is not (from, to) or (from, to, derivative).")
        for end in edge[:2]:
            if end not in values:
                raise ValueError(
                    f"the edge {edge[0]} → {edge[1]} names {end!r}, which is not a node; there are {listed(values)}."
                )
        pairs.append((edge[0], edge[1]))
        if len(edge) == 3:
            slopes[edge[0], edge[1]] = edge[2]
    lost = [f"{a} → {b}" for a, b in slopes if (a, b) not in pairs]
    if lost:
        raise ValueError(f"backward names {listed(lost)}, which is not an edge.")
    return pairs, slopes


def _sorted(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[str]:
    left = {name: {a for a, b in edges if b == name} for name in names}
    order: list[str] = []
    while left:
        ready = [name for name, needs in left.items() if not needs]
        if not ready:
            raise ValueError(f"the edges go in a circle through {listed(list(left))}; a computation graph has none.")
        for name in ready:
            del left[name]
        order += ready
        for needs in left.values():
            needs.difference_update(ready)
    return order


def _untangled(ranks: list[list[object]], links: Sequence[tuple[object, object]]) -> list[list[object]]:
    """The layers reordered by sweeps of mean neighbour places; the sweep with the fewest crossings wins."""
    best, fewest = [list(rank) for rank in ranks], _crossings(ranks, links)
    current = [list(rank) for rank in ranks]
    for sweep in range(8):
        forward = sweep % 2 == 0
        indices = range(1, len(current)) if forward else range(len(current) - 2, -1, -1)
        for k in indices:
            beside = {node: i for i, node in enumerate(current[k - 1 if forward else k + 1])}
            own = {node: i for i, node in enumerate(current[k])}
            mean = {}
            for node in current[k]:
                near = (
                    [beside[a] for a, b in links if b == node and a in beside]
                    if forward
                    else [beside[b] for a, b in links if a == node and b in beside]
                )
                mean[node] = float(np.mean(near)) if near else float(own[node])
            current[k].sort(key=mean.__getitem__)
        crossings = _crossings(current, links)
        if crossings < fewest:
            best, fewest = [list(rank) for rank in current], crossings
    return best


def _crossings(ranks: Sequence[Sequence[object]], links: Sequence[tuple[object, object]]) -> int:
    total = 0
    place = {node: (k, i) for k, rank in enumerate(ranks) for i, node in enumerate(rank)}
    spans = [(place[a], place[b]) for a, b in links]
    for n, (a, b) in enumerate(spans):
        for c, d in spans[n + 1 :]:
            if a[0] == c[0]:
                total += (a[1] - c[1]) * (b[1] - d[1]) < 0
    return total


def _heights(ranks: Sequence[Sequence[object]], links: Sequence[tuple[object, object]]) -> dict[object, float]:
    """A height for each node: near the mean of its neighbours, in its layer's order, never closer than the gap."""
    pitch = NODE_HEIGHT + NODE_GAP + 0.12
    # An edge passing through needs less room than a node.
    room = {node: pitch if isinstance(node, str) else 0.36 for rank in ranks for node in rank}
    tallest = max(sum(room[n] for n in rank) for rank in ranks)
    y: dict[object, float] = {}
    for rank in ranks:
        at = (tallest - sum(room[n] for n in rank)) / 2
        for node in rank:
            y[node] = at + room[node] / 2
            at += room[node]
    near: dict[object, list[object]] = {node: [] for node in y}
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    for _ in range(24):
        for rank in ranks:
            wish = [np.mean([y[n] for n in near[node]]) if near[node] else y[node] for node in rank]
            for node, value in zip(rank, _spread(wish, [room[n] for n in rank]), strict=True):
                y[node] = value
    low = min(y.values())
    return {node: float(value - low) for node, value in y.items()}


def _spread(wish: Sequence[float], room: Sequence[float]) -> list[float]:
    """The places nearest to `wish`, least squares, that keep the order and the room (pool adjacent violators)."""
    offset = np.concatenate([[0.0], np.cumsum([(a + b) / 2 for a, b in itertools.pairwise(room)])])
    pools: list[list[float]] = []
    for value in np.asarray(wish, dtype=float) - offset:
        pools.append([float(value), 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, weight = pools.pop()
            before, count = pools.pop()
            pools.append([(before * count + mean * weight) / (count + weight), count + weight])
    flat = [mean for mean, count in pools for _ in range(int(count))]
    return [float(a + b) for a, b in zip(flat, offset, strict=True)]


def _draw_frame(
    canvas: Canvas,
    layout: Layout,
    top: float,
    shown: Mapping[str, str],
    values: Mapping[str, object],
    pairs: Sequence[tuple[str, str]],
    slopes: Mapping[tuple[str, str], object],
    dashed: set[tuple[str, str]],
) -> None:
    results = {name for name in values if not any(a == name for a, _ in pairs)}
    inputs = {name for name in values if not any(b == name for _, b in pairs)}
    back = bool(slopes)
    chips: list[tuple[float, float, str]] = []
    fan = {
        name: sorted((e for e in dict.fromkeys(pairs) if e[1] == name), key=lambda e: _from_y(layout, e))
        for name in values
    }
    for a, b in dict.fromkeys(pairs):
        (ax, ay), (bx, by) = layout.centre[a], layout.centre[b]
        lane = (fan[b].index((a, b)) - (len(fan[b]) - 1) / 2) * min(0.14, 0.28 / max(len(fan[b]), 1))
        start = (ax + layout.width[a] / 2, ay + top)
        end = (bx - layout.width[b] / 2, by + top + lane)
        points = [start, *((x, y + top) for x, y in layout.bends[a, b])]
        dash = (0, (3, 2.4)) if (a, b) in dashed else "-"
        colour = VERMILION if back and (a, b) in slopes else MUTED
        tip = 0.09
        if back:
            canvas.curve([(start[0] + tip, start[1]), *points[1:], end], color=colour, dash=dash)
            canvas.arrow((start[0] + tip + 0.02, start[1]), start, color=colour)
        else:
            canvas.curve([*points, (end[0] - tip, end[1])], color=colour, dash=dash)
            canvas.arrow((end[0] - tip - 0.02, end[1]), end, color=colour)
        if (a, b) in slopes:
            last = points[-1]
            chips.append(((last[0] + end[0]) / 2, (last[1] + end[1]) / 2, _value_text(slopes[a, b])))
    for name in values:
        (x, y), w = layout.centre[name], layout.width[name]
        face = INPUT_FACE if name in inputs else RESULT_FACE if name in results else CELL
        canvas.rounded(
            x - w / 2,
            y + top - NODE_HEIGHT / 2,
            w,
            NODE_HEIGHT,
            face,
            edge=INK,
            radius=0.06 if name in inputs else 0.17,
            width=2.0 if name in results else 1.2,
        )
        value = values[name]
        canvas.text(x, y + top, shown[name], weight="bold")
        if value is not None:
            canvas.text(
                x,
                y + top + NODE_HEIGHT / 2 + 0.12,
                _value_text(value),
                size=SMALL if back else BODY,
                color=MUTED if back else INK,
            )
    for x, y, text in chips:
        wide = text_width(text, SMALL, "bold") + 0.1
        canvas.rounded(x - wide / 2, y - 0.105, wide, 0.21, PAPER, edge=VERMILION, radius=0.05, width=1.0)
        canvas.text(x, y, text, size=SMALL, weight="bold")


def _from_y(layout: Layout, edge: tuple[str, str]) -> float:
    bends = layout.bends[edge]
    return bends[-1][1] if bends else layout.centre[edge[0]][1]


def _node_width(label: str, value: object) -> float:
    inside = text_width(label, BODY, "bold") + 0.26
    below = text_width(_value_text(value), BODY) if value is not None else 0.0
    return max(inside, below, 0.42)


def _value_text(value: object) -> str:
    plain = value.numpy() if hasattr(value, "numpy") else value
    if isinstance(plain, str):
        return plain
    if isinstance(plain, bytes):
        return plain.decode("utf-8", "backslashreplace")
    if np.size(plain) == 1 and np.asarray(plain).dtype.kind in "biuf":
        return number_text(float(np.reshape(plain, ())))
    return str(plain)
