# Written by .ci/stubs.py from the table of exports; change the table.
# Bytes
from simregistry.show.charts import byte_meter as byte_meter
from simregistry.show.gc_charts import freed as freed
from simregistry.show.charts import savings as savings
from simregistry.show.gc_charts import storage_over_time as storage_over_time
# Images and layers
from simregistry.show.stack_pictures import catalogue_stacks as catalogue_stacks
from simregistry.show.stack_pictures import layer_stacks as layer_stacks
from simregistry.show.merkle_graph import merkle as merkle
from simregistry.show.sharing_graph import sharing as sharing
# Conversations
from simregistry.show.sliders import rewind as rewind
from simregistry.show.sliders import rewind_table as rewind_table
from simregistry.show.diagrams import sequence as sequence
# Collectors and races
from simregistry.show.collection_graph import collection as collection
from simregistry.show.sliders import replay_schedule as replay_schedule
from simregistry.show.schedule_graph import schedules as schedules
# Products
from simregistry.show.product_scoreboard import scoreboard as scoreboard
# What is kept below the layer
from simregistry.show.chunk_charts import compression_orders as compression_orders
from simregistry.show.chunk_charts import kept_by_chunk_size as kept_by_chunk_size
from simregistry.show.chunk_charts import kept_by_level as kept_by_level
from simregistry.show.chunk_charts import ratios_by_images as ratios_by_images
# Time and scale
from simregistry.show.time_charts import fleets as fleets
from simregistry.show.time_charts import gantt as gantt
from simregistry.show.time_charts import grid_lines as grid_lines
from simregistry.show.time_charts import growth as growth
from simregistry.show.time_charts import published_beside_computed as published_beside_computed
# The capstone
from simregistry.show.capstone_chart import points_lost as points_lost
from simregistry.show.capstone_chart import shelf_over_year as shelf_over_year
# Explorers
from simregistry.show.explorers.build_bench import build_bench as build_bench
from simregistry.show.explorers.collector_explorer import collector_explorer as collector_explorer
from simregistry.show.explorers.digest_explorer import digest_explorer as digest_explorer
from simregistry.show.explorers.layer_bench import layer_bench as layer_bench
from simregistry.show.explorers.pull_timeline import pull_timeline as pull_timeline
from simregistry.show.explorers.push_player import push_player as push_player
from simregistry.show.explorers.registry_map import registry_map as registry_map
from simregistry.show.explorers.schedule_board import schedule_board as schedule_board
from simregistry.show.explorers.stack_explorer import stack_explorer as stack_explorer
# In a notebook
from simregistry.show.view import View as View
from simregistry.show.sliders import knob as knob
from simregistry.show.magic import terminal as terminal
from simregistry.show.magic import transcript as transcript
