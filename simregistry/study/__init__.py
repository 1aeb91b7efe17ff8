"""Experiments: parameters in, frozen results out."""

from simregistry.exports import exported

EXPORTS = {
    "Images to study": {
        "catalogue": "simregistry.study.examples.catalogue",
        "ci_year": "simregistry.study.examples.ci_year:ci_year",
        "step_orders": "simregistry.study.examples.step_orders",
        "webapp": "simregistry.study.examples.webapp",
    },
    "Sharing and what is kept once": {
        "FastCdc": "simregistry.study.chunking.cut:FastCdc",
        "ImageVersions": "simregistry.study.chunking.image_versions:ImageVersions",
        "Sharing": "simregistry.study.sharing.sharing:Sharing",
        "chunks": "simregistry.study.chunking.cut:chunks",
        "cut_byte_by_byte": "simregistry.study.chunking.cut:cut_byte_by_byte",
        "dedup_levels": "simregistry.study.chunking.dedup_levels:dedup_levels",
        "fixed": "simregistry.study.chunking.cut:fixed",
        "images_with_layers": "simregistry.study.chunking.sources:images_with_layers",
    },
    "Registry products side by side": {
        "NEEDS": "simregistry.study.products.choose:NEEDS",
        "SCENARIOS": "simregistry.study.products.scenarios:SCENARIOS",
        "choose": "simregistry.study.products.choose:choose",
        "compare_products": "simregistry.study.products.compare:compare_products",
    },
    "Races": {
        "race": "simregistry.study.races.races:race",
        "races_table": "simregistry.study.races.races:races_table",
    },
    "Time and scale": {
        "Hub": "simregistry.study.population.hub:Hub",
        "fleet": "simregistry.study.fleet",
        "populate": "simregistry.study.population.populate:populate",
        "timing": "simregistry.study.timing",
    },
    "Experiments over a grid of settings": {
        "GridResult": "simregistry.study.parameter_grid.run_grid:GridResult",
        "experiments": "simregistry.study.parameter_grid.experiments",
        "run_grid": "simregistry.study.parameter_grid.run_grid:run_grid",
    },
    "Published figures, and the capstone": {
        "capstone": "simregistry.study.capstone",
        "published": "simregistry.study.published",
    },
}

__all__, __getattr__, __dir__ = exported(__name__, EXPORTS)
