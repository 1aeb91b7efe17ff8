"""What a learner does: predictions that are read and scored, exercises from seeds, and the way through the course."""

from simregistry.teach import predict
from simregistry.teach.desk import exercise, level, share
from simregistry.teach.predict import Reveal

__all__ = ["Reveal", "exercise", "level", "predict", "share"]
