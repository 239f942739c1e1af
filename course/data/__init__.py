"""The data sets of the course: offline first, each with a card, each file verified when it is read."""

from course.data.addresses import addresses, eras
from course.data.catalogue import Card, DataError, card, cards
from course.data.fashion import FASHION_CLASSES, fashion
from course.data.films import make_reviews, reviews
from course.data.measured import diabetes, digits
from course.data.pictures import patches, photos
from course.data.points import linear, rings
from course.data.series import epidemic, passengers, riders, sird
from course.data.small import breast_cancer, china_patch, sentences
from course.data.tables import flights, houses, penguins, weather
from course.data.titanic import titanic, titanic_cells, titanic_passengers, titanic_sample

__all__ = [
    "FASHION_CLASSES",
    "Card",
    "DataError",
    "addresses",
    "breast_cancer",
    "card",
    "cards",
    "china_patch",
    "diabetes",
    "digits",
    "epidemic",
    "eras",
    "fashion",
    "flights",
    "houses",
    "linear",
    "make_reviews",
    "passengers",
    "patches",
    "penguins",
    "photos",
    "reviews",
    "riders",
    "rings",
    "sentences",
    "sird",
    "titanic",
    "titanic_cells",
    "titanic_passengers",
    "titanic_sample",
    "weather",
]
