"""All predictions of the course by their keys, each with the function that computes what is so."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.resources import files

from simregistry.errors import InvalidValue
from simregistry.teach.predictions.prediction import Prediction, Truth
from simregistry.teach.predictions.prediction_text import predictions_from_text

PACKAGE = "simregistry.teach.predictions"
TruthOf = Callable[..., object]


@cache
def topics() -> tuple[str, ...]:
    """List the topics that have predictions, in alphabetical order."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in files(PACKAGE).joinpath("data").iterdir()
                        if path.name.endswith(".toml")))  # fmt: skip


@cache
def predictions_of(topic: str) -> dict[str, Prediction]:
    """Read a topic's predictions, in the order of its file."""
    return predictions_from_text(topic, files(PACKAGE).joinpath("data", f"{topic}.toml").read_text("utf-8"))


def find_prediction(key: str) -> Prediction:
    """Find a prediction; raises InvalidValue naming keys that come near."""
    topic = str(key).partition(".")[0]
    known = predictions_of(topic) if topic in topics() else {}
    if key not in known:
        keys = [name for topic in topics() for name in predictions_of(topic)]
        near = get_close_matches(str(key), keys, 3, 0.4) or list(known)[:5] or list(topics())
        raise InvalidValue("prediction", key, f"there is no such question; there is {', '.join(near)}")
    return known[key]


def truth_function(prediction: Prediction) -> TruthOf:
    """Find the function that computes a prediction's truth: ``push.second-bytes`` is ``push_truths.second_bytes``."""
    topic, _, name = prediction.key.partition(".")
    module = import_module(f"{PACKAGE}.{topic.replace('-', '_')}_truths")
    function: TruthOf = getattr(module, name.replace("-", "_"))
    return function


def truth_of(prediction: Prediction, *results: object) -> Truth:
    """Compute what is so from the results that a notebook passes."""
    truth = truth_function(prediction)(*results)
    return truth if isinstance(truth, Truth) else Truth(truth)
