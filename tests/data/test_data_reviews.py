"""The made film reviews: their rule, their files, and the way online."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course import data
from course.data import films as module


def opinion(text):
    """What a reader says: one more praise than blame, or one less, denials turned round."""
    score, denied = 0, False
    for word in re.findall(r"[a-z']+", text.lower().replace("<br />", " ")):
        if word in module.DENIALS:
            denied = True
        elif word in module.PRAISE or word in module.BLAME:
            score += 1 if (word in module.PRAISE) != denied else -1
            denied = False
    return int(score > 0)


@pytest.mark.parametrize("p_neg", [0.0, 0.45, 1.0])
def test_a_reader_who_minds_denials_is_always_right(p_neg):
    for label, text in data.make_reviews(300, seed=5, p_neg=p_neg):
        assert opinion(text) == label
        assert "\t" not in text
        assert "\n" not in text


def test_labels_are_balanced_and_a_seed_names_its_reviews():
    found = data.make_reviews(400, seed=2)
    assert sum(label for label, _ in found) == 200
    assert found == data.make_reviews(400, seed=2) != data.make_reviews(400, seed=3)


def test_the_share_of_denials_is_what_was_asked():
    text = " ".join(text.lower() for _, text in data.make_reviews(500, seed=1, p_neg=0.3))
    words = re.findall(r"[a-z]+", text)
    opinions = sum(word in (*module.PRAISE, *module.BLAME) for word in words)
    assert 0.27 < sum(word in module.DENIALS for word in words) / opinions < 0.33


def test_impossible_shares_are_refused():
    with pytest.raises(ValueError, match="p_neg"):
        data.make_reviews(3, p_neg=1.5)


def test_the_files_hold_a_label_a_tab_and_a_text_on_each_line(tmp_path):
    folder = data.reviews(tmp_path)
    for name, n in (("train.tsv", 2000), ("test.tsv", 500)):
        rows = [line.split("\t") for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        assert len(rows) == n
        assert {row[0] for row in rows} == {"0", "1"}
        assert {len(row) for row in rows} == {2}
    assert data.reviews(tmp_path, p_neg=0.1) != folder


def test_what_is_there_is_not_written_again(tmp_path):
    folder = data.reviews(tmp_path)
    (folder / "train.tsv").write_text("1\tmine\n", encoding="utf-8")
    assert (data.reviews(tmp_path) / "train.tsv").read_text(encoding="utf-8") == "1\tmine\n"


def test_online_reviews_become_words_again(tmp_path, monkeypatch):
    from keras.datasets import imdb

    texts = np.array([[1, 4, 5, 2], [1, 5]], dtype=object)
    monkeypatch.setattr(imdb, "load_data", lambda: ((texts, np.array([1, 0])), (texts, np.array([0, 1]))))
    monkeypatch.setattr(imdb, "get_word_index", lambda: {"good": 1, "film": 2})
    folder = data.reviews(tmp_path, online=True)
    assert (folder / "train.tsv").read_text(encoding="utf-8") == "1\tgood film\n0\tfilm\n"
    assert (folder / "test.tsv").read_text(encoding="utf-8") == "0\tgood film\n1\tfilm\n"


def test_without_a_network_the_made_reviews_serve_and_one_line_says_so(tmp_path, monkeypatch, capsys):
    from keras.datasets import imdb

    def refuse():
        raise Exception("no route to host")

    monkeypatch.setattr(imdb, "load_data", refuse)
    folder = data.reviews(tmp_path, online=True)
    assert len((folder / "train.tsv").read_text(encoding="utf-8").splitlines()) == 2000
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "no route to host" in printed
    assert "2,500 made reviews" in printed
