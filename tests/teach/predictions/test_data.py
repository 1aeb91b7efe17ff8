"""The data of all lessons: what a question refers to is there."""

from __future__ import annotations

import pytest

from simregistry.teach import course
from simregistry.teach.exercises.all_exercises import EXERCISES
from simregistry.teach.predictions.all_predictions import predictions_of, topics, truth_function

EVERY = [prediction for topic in topics() for prediction in predictions_of(topic).values()]
each = pytest.mark.parametrize("prediction", EVERY, ids=[prediction.key for prediction in EVERY])


@each
def test_a_look_looks_back_at_a_prediction_of_its_lesson(prediction):
    """Else it would wait for ever: its question is asked when that prediction is answered."""
    keys = {other.key for other in EVERY if not other.after}
    assert not prediction.after or prediction.after in keys
    assert course.topic_of(prediction.after or prediction.key) == course.topic_of(prediction.key)


@each
def test_a_question_has_a_truth_and_exercises_that_are_there(prediction):
    """What is to be practised after a wrong answer can be found."""
    assert callable(truth_function(prediction))
    assert set(prediction.practise) <= set(EXERCISES)
