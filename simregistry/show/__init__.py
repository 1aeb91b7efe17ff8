"""Pictures, panels and commands: results in, what a person sees out."""

from simregistry.show.charts import byte_meter, savings
from simregistry.show.chunk_charts import kept, orders, ratios, sizes
from simregistry.show.collection_graph import collection
from simregistry.show.diagrams import sequence
from simregistry.show.gc_charts import freed, storage_over_time
from simregistry.show.layer_stacks import stack, stack_of
from simregistry.show.magic import terminal
from simregistry.show.merkle_graph import merkle
from simregistry.show.schedule_graph import schedules
from simregistry.show.scoreboard import scoreboard
from simregistry.show.sharing_graph import sharing
from simregistry.show.sliders import knob, replay, rewind, rewind_table
from simregistry.show.time_charts import figures, fleets, gantt, growth, lines
from simregistry.show.view import View

__all__ = [
    "View",
    "byte_meter",
    "collection",
    "figures",
    "fleets",
    "freed",
    "gantt",
    "growth",
    "kept",
    "knob",
    "lines",
    "merkle",
    "orders",
    "ratios",
    "replay",
    "rewind",
    "rewind_table",
    "savings",
    "schedules",
    "scoreboard",
    "sequence",
    "sharing",
    "sizes",
    "stack",
    "stack_of",
    "storage_over_time",
    "terminal",
]
