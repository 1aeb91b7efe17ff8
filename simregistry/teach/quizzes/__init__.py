"""Quizzes: questions on each lesson, with an explanation for every option."""

from simregistry.teach.quizzes.question import Option, Question
from simregistry.teach.quizzes.quiz import LESSONS, Quiz, QuizScore, lesson_quiz

__all__ = ["LESSONS", "Option", "Question", "Quiz", "QuizScore", "lesson_quiz"]
