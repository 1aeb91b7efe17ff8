"""What a learner does: predictions that are read and scored, exercises from seeds, and the way through the course."""

from simregistry.teach import predict
from simregistry.teach.glossary import glossary
from simregistry.teach.predict import Reveal
from simregistry.teach.recorded_practice import exercise, level, quiz, share

__all__ = ["Reveal", "exercise", "glossary", "level", "predict", "quiz", "share"]
