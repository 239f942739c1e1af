"""Any tensor, array, frame or list as a NumPy array, and its numbers, shape and dtype as text.

TensorFlow is never imported: a tensor is known by what it can do (`numpy()`, `to_list()`, `dense_shape`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ArrayLike = object
"""What the drawing functions take: a tensor, a Variable, an array, a data frame, nested lists, or one number."""


def as_array(given: ArrayLike, name: str = "x") -> np.ndarray:
    """`given` as a NumPy array; bytes become text; Python numbers become int32 and float32, as TensorFlow makes them.

    Raises TypeError for ragged, sparse and symbolic tensors and for what is not an array, and ValueError for rows of
    different length; each says which function or argument to use instead.
    """
    if is_ragged(given):
        raise TypeError(f"{name} is a ragged tensor; draw it with plot.ragged, or pass {name}.to_tensor().")
    if is_sparse(given):
        raise TypeError(f"{name} is a sparse tensor; draw it with plot.sparse, or pass tf.sparse.to_dense({name}).")
    if given is None:
        raise TypeError(f"{name} is None; give a tensor, an array, a list or a number.")
    try:
        array = np.asarray(_to_numpy(given))
    except ValueError as error:
        if "inhomogeneous" in str(error):
            raise ValueError(f"{name} has rows of different length; draw it with plot.ragged.") from None
        raise TypeError(_no_values(name, given)) from None
    except (TypeError, NotImplementedError):
        raise TypeError(_no_values(name, given)) from None
    if array.dtype.kind in "SOU":
        return _as_text(array, name, given)
    if not hasattr(given, "dtype") and not hasattr(given, "dtypes"):
        array = _like_tensorflow(array)
    return array


def numbers(given: ArrayLike, name: str = "x", rank: int | None = None) -> np.ndarray:
    """`given` as a float64 array, of that rank if one is asked for. Raises TypeError for text, ValueError for rank."""
    array = as_array(given, name)
    if array.dtype.kind not in "biuf" and dtype_text(array) != "bfloat16":
        raise TypeError(f"{name} holds {dtype_text(array)} values; give numbers.")
    if rank is not None and array.ndim != rank:
        raise ValueError(f"{name} has shape {shape_text(array)}; give a tensor of rank {rank}.")
    return array.astype(np.float64)


def vector(given: ArrayLike, name: str) -> np.ndarray:
    """`given` as a float64 vector; axes of size 1 are dropped, so (n, 1) predictions will do."""
    array = numbers(given, name)
    flat = array.reshape(-1) if array.size == max((*array.shape, 1)) else array
    if flat.ndim != 1:
        raise ValueError(f"{name} has shape {shape_text(array)}; give one value per row: shape (n,) or (n, 1).")
    if not flat.size:
        raise ValueError(f"{name} is empty; give at least one value.")
    return flat


def is_ragged(given: object) -> bool:
    """True for a tf.RaggedTensor."""
    return hasattr(given, "row_lengths") and hasattr(given, "to_list")


def is_sparse(given: object) -> bool:
    """True for a tf.sparse.SparseTensor or a SciPy sparse matrix."""
    return hasattr(given, "dense_shape") or hasattr(given, "tocoo")


def shape_text(given: ArrayLike) -> str:
    """A shape as TensorFlow writes it: "(2, 3)", "(4,)", "()", with None for an unknown size.

    given: a shape (tuple, list or TensorShape of sizes) or anything that has a `.shape`.
    """
    sizes = [None if size is None else int(size) for size in getattr(given, "shape", given)]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(map(str, sizes))})"


def dtype_text(given: ArrayLike) -> str:
    """A dtype as TensorFlow names it: "float32", "int64", "bool", "string", "bfloat16"."""
    dtype = getattr(given, "dtype", given)
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", str(dtype))
    return "string" if name.startswith(("str", "bytes", "object")) else name


def cell_texts(array: np.ndarray) -> np.ndarray:
    """The numbers of `array` as short texts, an object array of the same shape; floats share their decimals."""
    if array.dtype.kind == "f" or dtype_text(array) == "bfloat16":
        write = _float_writer(array.astype(np.float64))
    elif array.dtype.kind == "c":
        write = "{:.3g}".format
    elif array.dtype.kind in "OU":
        write = _quoted
    else:
        write = str
    texts = np.empty(array.shape, dtype=object)
    flat = texts.reshape(-1)
    for i, value in enumerate(array.reshape(-1).tolist()):
        flat[i] = write(value).replace("-", "\u2212") if write is not _quoted else write(value)
    return texts


def plural(count: int, noun: str) -> str:
    """A count with its noun: "1 row", "2 rows", "3 entries"."""
    nouns = noun if count == 1 else f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {nouns}"


def number_text(value: float) -> str:
    """One number for a label: whole numbers with thousands commas, else three significant digits."""
    value = float(value)
    if not np.isfinite(value):
        return str(value).replace("-", "\u2212")
    if value == round(value) and abs(value) < 1e15:
        text = f"{value:,.0f}"
    elif 1e-3 <= abs(value) < 1e4:
        text = (
            f"{value:.4g}" if abs(value) >= 1 else f"{value:.4f}".rstrip("0") if abs(value) >= 0.01 else f"{value:.3g}"
        )
    else:
        text = f"{value:.2e}"
    return text.replace("-", "\u2212")


def contents_text(array: np.ndarray, limit: int = 24) -> str:
    """The values of `array` in words for an alt text: all of them if they are few, else their range and mean."""
    if not array.size:
        return "no values"
    texts = cell_texts(array)
    if array.size <= limit:
        return _nested(texts)
    if array.dtype.kind in "OU":
        return f"{plural(array.size, 'text')}, the first {_nested(texts.reshape(-1)[:3])}"
    if array.dtype.kind == "b":
        return f"{int(array.sum())} of {plural(array.size, 'value')} True"
    if array.dtype.kind == "c":
        return f"{array.size} complex values"
    real = array.astype(np.float64)
    real = real[np.isfinite(real)]
    odd = array.size - real.size
    words = f"{odd} values not finite" if odd else ""
    if real.size:
        span = f"{number_text(real.min())} to {number_text(real.max())}, mean {number_text(real.mean())}"
        words = f"from {span}" + (f"; {words}" if words else "")
    return words


def listed(words: Sequence[str], limit: int = 12) -> str:
    """The words joined as in a sentence: "a, b and c"; beyond `limit` the rest is counted."""
    words = [str(word) for word in words]
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and {len(words) - limit} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"


def _to_numpy(given: object) -> object:
    for method in ("numpy", "to_numpy"):
        if callable(getattr(given, method, None)):
            return getattr(given, method)()
    return given


def _no_values(name: str, given: object) -> str:
    if hasattr(given, "shape") and hasattr(given, "dtype"):
        return (
            f"{name} is symbolic: it has a shape but no values yet. Draw it outside tf.function, "
            "or call the model on real data first."
        )
    return f"{name} is a {type(given).__name__}; give a tensor, an array, a list or a number."


def _as_text(array: np.ndarray, name: str, given: object) -> np.ndarray:
    text = np.empty(array.shape, dtype=object)
    flat = text.reshape(-1)
    for i, value in enumerate(array.reshape(-1).tolist()):
        if isinstance(value, bytes):
            value = value.decode("utf-8", errors="backslashreplace")
        if not isinstance(value, str):
            raise TypeError(
                f"{name} holds a {type(value).__name__} beside others; give values of one kind: numbers, or text."
                if isinstance(given, list | tuple | np.ndarray) or array.ndim
                else _no_values(name, given)
            )
        flat[i] = value
    return text


def _like_tensorflow(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.float64:
        finite = np.abs(array[np.isfinite(array)])
        return array.astype(np.float32) if not finite.size or finite.max() < 3e38 else array
    if array.dtype == np.int64 and (not array.size or np.abs(array).max() < 2**31):
        return array.astype(np.int32)
    return array


def _float_writer(array: np.ndarray):
    finite = array[np.isfinite(array)]
    largest = np.abs(finite).max() if finite.size else 0.0
    smallest = np.abs(finite[finite != 0]).min() if (finite != 0).any() else 1.0
    for decimals in (1, 2):
        if largest < 1e6 and np.allclose(finite, np.round(finite, decimals), rtol=1e-6, atol=1e-9):
            return f"{{:.{decimals}f}}".format
    if largest < 1000 and smallest >= 0.01:
        return "{:.2f}".format
    return "{:.3g}".format


def _quoted(value: str) -> str:
    shown = value if len(value) <= 14 else value[:13] + "…"
    return f"“{shown}”"


def _nested(texts: np.ndarray) -> str:
    if texts.ndim == 0:
        return str(texts[()])
    if texts.ndim == 1:
        return f"[{', '.join(texts.tolist())}]"
    return f"[{', '.join(_nested(part) for part in texts)}]"
