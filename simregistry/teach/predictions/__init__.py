"""Predictions as data: what is asked before a cell runs, what is so afterwards, and why.

A question's wording, options and reasons stand in ``data/TOPIC.toml``. What is right stands nowhere: a function in
``TOPIC_truths.py`` computes it from the object that the notebook passes.
"""
