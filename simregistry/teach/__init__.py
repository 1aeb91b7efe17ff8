"""What a learner does: predictions that are read and scored, exercises from seeds, and the way through the course."""

from simregistry.exports import exported

EXPORTS = {
    "Predictions": {
        "Reveal": "simregistry.teach.reveals:Reveal",
        "ask": "simregistry.teach.predictions.ask:ask",
        "look": "simregistry.teach.predictions.ask:look",
        "predict": "simregistry.teach.predict",
        "reveal": "simregistry.teach.predictions.ask:reveal",
        "skip": "simregistry.teach.predictions.ask:skip",
    },
    "Practice": {
        "build_level": "simregistry.teach.levels.level_board:build_level",
        "build_your_own": "simregistry.teach.build_your_own",
        "exercise": "simregistry.teach.recorded_practice:exercise",
        "expect_error": "simregistry.teach.expected_error:expect_error",
        "level": "simregistry.teach.recorded_practice:level",
        "levels_table": "simregistry.teach.levels.all_levels:levels_table",
        "quiz": "simregistry.teach.recorded_practice:quiz",
        "lesson_end": "simregistry.teach.lesson_summary:lesson_end",
        "share": "simregistry.teach.recorded_practice:share",
        "your_turn": "simregistry.teach.recorded_practice:your_turn",
    },
    "Words": {
        "glossary": "simregistry.teach.terms:glossary",
    },
}

__all__, __getattr__, __dir__ = exported(__name__, EXPORTS)
