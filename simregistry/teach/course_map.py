"""The whole course in one view: lessons, exercises, levels and questions, tied together by their objectives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simregistry.table import Table
from simregistry.teach import course
from simregistry.teach.build_your_own.twelve_steps import SCENARIOS, TASKS
from simregistry.teach.course import Lesson
from simregistry.teach.exercises import all_exercises
from simregistry.teach.levels import all_levels
from simregistry.teach.problem import SEEDS_TESTED
from simregistry.teach.progress import Record, solved
from simregistry.teach.quizzes import LESSONS, Question, lesson_quiz

# What the steps of "build your own registry" practise.
OBJECTIVES_OF_STEPS = {
    "digest": "layers.digest", "reference": "names.trace", "blob_store": "stored-once.bytes",
    "manifest_check": "push.last", "missing": "push.travel", "push": "push.trace", "pull": "pull.trace",
    "stack": "layers.delete", "mark": "collection.why", "sweep": "collection.frees", "token": "private.trace",
    "resume": "push.last",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timed:
    """A lesson with its question and the minutes of its parts (estimates)."""

    lesson: Lesson
    question: str
    parts: tuple[course.Part, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class CourseMap:
    """All that a learner can do, by lesson."""

    lessons: tuple[Timed, ...]

    def to_json(self) -> dict[str, object]:
        """Give plain values: lessons, exercises, levels, questions."""
        return {
            "lessons": [_lesson(timed) for timed in self.lessons],
            "exercises": exercises_json() + steps_json(),
            "levels": [
                {
                    "id": level.id,
                    "lesson": level.lesson,
                    "title": level.title,
                    "par": level.par,
                    "objective": level.objective,
                }
                for level in all_levels()
            ],
            "questions": [
                {"id": question.id, "lesson": question.lesson, "objectives": list(question.objectives)}
                for question in questions()
            ],
        }

    def table(self) -> Table:
        """Show the lessons, a line each, with what there is to do."""
        rows = tuple(
            (
                timed.lesson.number, timed.lesson.id, timed.lesson.title, timed.lesson.level, timed.minutes,
                ", ".join(timed.lesson.needs), len(timed.lesson.objectives), *counts(timed.lesson.id),
            )
            for timed in self.lessons
        )  # fmt: skip
        columns = (
            "no.", "lesson", "title", "level", "minutes", "needs", "objectives", "exercises", "questions", "levels",
        )  # fmt: skip
        return Table(columns, rows)

    def crosswalk(self) -> Table:
        """Show for each objective where it is taught, practised and asked."""
        rows = []
        for timed in self.lessons:
            for objective in timed.lesson.objectives:
                practised = [
                    exercise.id for exercise in all_exercises.EXERCISES.values() if objective.id in exercise.objectives
                ]
                practised += [f"own-{id}" for id, practises in OBJECTIVES_OF_STEPS.items() if practises == objective.id]
                asked = [question.id for question in questions() if objective.id in question.objectives]
                reached = [level.id for level in all_levels() if level.objective == objective.id]
                rows.append((objective.id, timed.lesson.id, ", ".join(practised + reached), ", ".join(asked)))
        return Table(("objective", "lesson", "practised in", "asked in"), tuple(rows))

    def __str__(self) -> str:
        hours, minutes = divmod(sum(timed.minutes for timed in self.lessons), 60)
        total = f"{len(self.lessons)} lessons, {hours} h {minutes} min of them; {len(all_exercises.EXERCISES)} "
        total += f"exercises, {len(TASKS)} steps to a registry of your own, {len(questions())} questions, "
        total += f"{len(all_levels())} levels"
        return f"{self.table()}\n\n{total}.\n\n{self.crosswalk()}"


def course_map(folder: Path) -> CourseMap:
    """Read the lessons of a folder into the map."""
    timed = []
    for lesson in course.lessons():
        notebook = course.read_notebook(folder / lesson.file)
        timed.append(Timed(lesson, course.title_question(notebook), course.parts(notebook), course.minutes(notebook)))
    return CourseMap(tuple(timed))


def questions() -> tuple[Question, ...]:
    """Give the questions of all quizzes."""
    return tuple(question for lesson in LESSONS for question in lesson_quiz(lesson).questions)


def counts(lesson: str) -> tuple[int, ...]:
    """Count a lesson's exercises, questions and levels."""
    everything = (all_exercises.EXERCISES.values(), questions(), all_levels())
    return tuple(sum(thing.lesson == lesson for thing in things) for things in everything)


def exercises_json() -> list[dict[str, object]]:
    """Give every exercise as plain values; beliefs are counted by their names, over the first seeds."""
    return [
        {
            "id": exercise.id,
            "lesson": exercise.lesson,
            "kind": exercise.kind,
            "title": exercise.title,
            "objectives": list(exercise.objectives),
            "misconceptions": sorted({m.belief for seed in range(8) for m in exercise.problem(seed).misconceptions}),
            "seeds_tested": SEEDS_TESTED,
        }
        for exercise in all_exercises.EXERCISES.values()
    ]


def steps_json() -> list[dict[str, object]]:
    """Give the steps of "build your own registry" as exercises of their kind; they have scenarios in place of seeds."""
    return [
        {
            "id": f"own-{task.id}",
            "lesson": course.topic_of(OBJECTIVES_OF_STEPS[task.id]),
            "kind": "implement",
            "title": task.title,
            "objectives": [OBJECTIVES_OF_STEPS[task.id]],
            "misconceptions": [],
            "seeds_tested": 0,
            "scenarios": len(SCENARIOS[task.id]),
        }
        for task in TASKS.values()
    ]


def _lesson(timed: Timed) -> dict[str, object]:
    return {
        "id": timed.lesson.id,
        "number": timed.lesson.number,
        "title": timed.lesson.title,
        "question": timed.question,
        "notebook": timed.lesson.file,
        "level": timed.lesson.level,
        "needs": list(timed.lesson.needs),
        "minutes": timed.minutes,
        "parts": [{"heading": part.heading, "minutes": part.minutes} for part in timed.parts],
        "objectives": [{"id": objective.id, "text": objective.text} for objective in timed.lesson.objectives],
    }


def progress_table(record: Record) -> Table:
    """Show lesson by lesson what was solved, of how many."""
    rows = []
    for lesson in course.lessons():
        row: list[object] = [lesson.number, lesson.title]
        begun = 0
        for kind, things in (
            ("exercises", all_exercises.EXERCISES.values()), ("questions", questions()), ("levels", all_levels()),
        ):  # fmt: skip
            ids = [thing.id for thing in things if thing.lesson == lesson.id]
            right, tried = solved(record, kind, ids)
            begun += tried - right
            row.append(f"{right} of {len(ids)}")
        rows.append((*row, begun))
    right, tried = solved(record, "steps", TASKS)
    rows.append(("own", "Build your own registry", f"{right} of {len(TASKS)}", "", "", tried - right))
    return Table(("no.", "title", "exercises", "questions", "levels", "begun"), tuple(rows))
