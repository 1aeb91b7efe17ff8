"""What a learner does: predictions that are read and scored, exercises from seeds, and the way through the course."""

from simregistry.exports import exported

EXPORTS = {
    "Predictions": {
        "Reveal": "simregistry.teach.reveals:Reveal",
        "predict": "simregistry.teach.predict",
    },
    "Practice": {
        "build_your_own": "simregistry.teach.build_your_own",
        "exercise": "simregistry.teach.recorded_practice:exercise",
        "level": "simregistry.teach.recorded_practice:level",
        "levels_table": "simregistry.teach.levels.all_levels:levels_table",
        "quiz": "simregistry.teach.recorded_practice:quiz",
        "share": "simregistry.teach.recorded_practice:share",
    },
    "Words": {
        "glossary": "simregistry.teach.terms:glossary",
    },
}

__all__, __getattr__, __dir__ = exported(__name__, EXPORTS)
