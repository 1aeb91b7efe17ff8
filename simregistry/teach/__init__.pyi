# Written by .ci/stubs.py from the table of exports; change the table.
# Predictions
from simregistry.teach.reveals import Reveal as Reveal
from simregistry.teach.predictions.ask import ask as ask
from simregistry.teach.predictions.ask import look as look
from simregistry.teach import predict as predict
from simregistry.teach.predictions.ask import reveal as reveal
from simregistry.teach.predictions.ask import skip as skip
# Practice
from simregistry.teach.levels.level_board import build_level as build_level
from simregistry.teach import build_your_own as build_your_own
from simregistry.teach.recorded_practice import exercise as exercise
from simregistry.teach.expected_error import expect_error as expect_error
from simregistry.teach.lesson_summary import lesson_end as lesson_end
from simregistry.teach.recorded_practice import level as level
from simregistry.teach.levels.all_levels import levels_table as levels_table
from simregistry.teach.recorded_practice import quiz as quiz
from simregistry.teach.recorded_practice import share as share
from simregistry.teach.recorded_practice import your_turn as your_turn
# Words
from simregistry.teach.terms import glossary as glossary
