"""The form in which the larger sets are shipped: tables as .csv.gz, arrays as .npz, the same bytes on every run."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pandas as pd


def packed_table(table: pd.DataFrame) -> bytes:
    """A .csv.gz of the table without its index: UTF-8, line feeds, no file name and no time in its header."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return buffer.getvalue()


def packed_arrays(**arrays: np.ndarray) -> bytes:
    """A compressed .npz of the arrays, by name."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def same_content(one: bytes, other: bytes, name: str) -> bool:
    """Whether two packed files hold the same, whatever version of zlib has compressed them."""
    if name.endswith(".gz"):
        return gzip.decompress(one) == gzip.decompress(other)
    with np.load(io.BytesIO(one)) as first, np.load(io.BytesIO(other)) as second:
        return first.files == second.files and all(
            first[key].dtype == second[key].dtype and np.array_equal(first[key], second[key]) for key in first.files
        )
