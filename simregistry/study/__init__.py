"""Experiments: parameters in, frozen results out."""

from simregistry.exports import exported

EXPORTS = {
    "Images to study": {
        "webapp": "simregistry.study.examples.webapp",
        "catalogue": "simregistry.study.examples.catalogue",
        "habits": "simregistry.study.examples.step_orders",
    },
    "Experiments over a grid of settings": {
        "Sweep": "simregistry.study.parameter_grid.run_grid:Sweep",
        "sweep": "simregistry.study.parameter_grid.run_grid:sweep",
        "experiments": "simregistry.study.parameter_grid.experiments",
    },
}

__all__, __getattr__, __dir__ = exported(__name__, EXPORTS)
