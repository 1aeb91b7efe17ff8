"""Pictures, panels and commands: results in, what a person sees out."""

from simregistry.exports import exported

EXPORTS = {
    "Bytes": {
        "byte_meter": "simregistry.show.charts:byte_meter",
        "freed": "simregistry.show.gc_charts:freed",
        "savings": "simregistry.show.charts:savings",
        "storage_over_time": "simregistry.show.gc_charts:storage_over_time",
    },
    "Images and layers": {
        "catalogue_stacks": "simregistry.show.stack_pictures:catalogue_stacks",
        "layer_stacks": "simregistry.show.stack_pictures:layer_stacks",
        "merkle": "simregistry.show.merkle_graph:merkle",
        "sharing": "simregistry.show.sharing_graph:sharing",
    },
    "Conversations": {
        "rewind": "simregistry.show.sliders:rewind",
        "rewind_table": "simregistry.show.sliders:rewind_table",
        "sequence": "simregistry.show.diagrams:sequence",
    },
    "Collectors and races": {
        "collection": "simregistry.show.collection_graph:collection",
        "replay_schedule": "simregistry.show.sliders:replay_schedule",
        "schedules": "simregistry.show.schedule_graph:schedules",
    },
    "Products": {
        "scoreboard": "simregistry.show.product_scoreboard:scoreboard",
    },
    "What is kept below the layer": {
        "compression_orders": "simregistry.show.chunk_charts:compression_orders",
        "kept_by_chunk_size": "simregistry.show.chunk_charts:kept_by_chunk_size",
        "kept_by_level": "simregistry.show.chunk_charts:kept_by_level",
        "ratios_by_images": "simregistry.show.chunk_charts:ratios_by_images",
    },
    "Time and scale": {
        "fleets": "simregistry.show.time_charts:fleets",
        "gantt": "simregistry.show.time_charts:gantt",
        "grid_lines": "simregistry.show.time_charts:grid_lines",
        "growth": "simregistry.show.time_charts:growth",
        "published_beside_computed": "simregistry.show.time_charts:published_beside_computed",
    },
    "The capstone": {
        "points_lost": "simregistry.show.capstone_chart:points_lost",
        "shelf_over_year": "simregistry.show.capstone_chart:shelf_over_year",
    },
    "Explorers": {
        "build_bench": "simregistry.show.explorers.build_bench:build_bench",
        "collector_explorer": "simregistry.show.explorers.collector_explorer:collector_explorer",
        "digest_explorer": "simregistry.show.explorers.digest_explorer:digest_explorer",
        "layer_bench": "simregistry.show.explorers.layer_bench:layer_bench",
        "pull_timeline": "simregistry.show.explorers.pull_timeline:pull_timeline",
        "push_player": "simregistry.show.explorers.push_player:push_player",
        "registry_map": "simregistry.show.explorers.registry_map:registry_map",
        "schedule_board": "simregistry.show.explorers.schedule_board:schedule_board",
        "stack_explorer": "simregistry.show.explorers.stack_explorer:stack_explorer",
    },
    "In a notebook": {
        "View": "simregistry.show.view:View",
        "knob": "simregistry.show.sliders:knob",
        "terminal": "simregistry.show.magic:terminal",
        "transcript": "simregistry.show.magic:transcript",
    },
}

__all__, __getattr__, __dir__ = exported(__name__, EXPORTS)
