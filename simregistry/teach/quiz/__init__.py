"""Quizzes: questions on each lesson, with an explanation for every option."""

from simregistry.teach.quiz.question import Option, Question
from simregistry.teach.quiz.quiz import LESSONS, Quiz, Score, quiz

__all__ = ["LESSONS", "Option", "Question", "Quiz", "Score", "quiz"]
