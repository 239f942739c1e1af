"""The explorer of momentum: it takes the optimizer's own steps, and says where they end."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course import explore
from course.explore import rolling


@pytest.mark.parametrize(("m", "nesterov"), [(0.0, False), (0.8, False), (0.8, True)])
def test_the_steps_are_those_of_keras(m, nesterov):
    optimizer = keras.optimizers.SGD(0.03, momentum=m, nesterov=nesterov)
    point = keras.Variable(rolling.START, dtype="float32")
    for _ in range(10):
        optimizer.apply([keras.ops.convert_to_tensor(rolling.CURVATURES, "float32") * point], [point])
    np.testing.assert_allclose(rolling.path(0.03, m, nesterov, 10)[-1], point.numpy(), atol=1e-5)


def test_the_note_tells_a_run_that_arrives_from_one_that_diverges():
    explorer = explore.momentum(0.03, 0.8)
    assert "diverges" not in explorer.picture.note
    assert "Rate 0.1, plain descent" in explorer.set(lr=0.1, m=0.0).picture.note
    assert "diverges" in explorer.picture.note
    assert not explorer.error


def test_a_count_of_steps_that_is_none_is_refused():
    with pytest.raises(ValueError, match="steps is 0"):
        explore.momentum(steps=0)
