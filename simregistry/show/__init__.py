"""Pictures, panels and commands: results in, what a person sees out."""

from simregistry.show.charts import byte_meter, savings
from simregistry.show.diagrams import sequence
from simregistry.show.magic import terminal
from simregistry.show.merkle_graph import merkle
from simregistry.show.panels import knob, rewind, rewind_table
from simregistry.show.sharing_graph import sharing
from simregistry.show.stacks import stack, stack_of
from simregistry.show.view import View

__all__ = [
    "View",
    "byte_meter",
    "knob",
    "merkle",
    "rewind",
    "rewind_table",
    "savings",
    "sequence",
    "sharing",
    "stack",
    "stack_of",
    "terminal",
]
