"""The course's own lessons keep the rules, and its notebooks are those that the lessons make."""

from __future__ import annotations

from course.authoring import builder, lessons


def test_every_lesson_keeps_the_rules_and_every_notebook_is_up_to_date() -> None:
    assert builder.differences(builder.build()) == []


def test_every_exercise_has_a_solution_to_show() -> None:
    for day in lessons.finished():
        for name in lessons.lesson(day).exercises():
            assert name in lessons.solution_text(name)


def test_the_start_page_checks_the_machine_and_maps_the_days() -> None:
    cells = {cell.id: cell.source for cell in builder.learner_notebook(lessons.START).cells}
    assert cells["setup"].endswith("home.machine()")
    assert any(f"{day.slug}.ipynb" in source for day in lessons.finished() for source in cells.values())
