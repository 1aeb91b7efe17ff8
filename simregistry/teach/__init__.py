"""Predictions and, later, exercises: what a learner commits to, read and scored."""

from simregistry.teach import predict
from simregistry.teach.predict import Reveal

__all__ = ["Reveal", "predict"]
