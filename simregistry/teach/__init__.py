"""Predictions and, later, exercises: what a learner commits to, read and scored."""
