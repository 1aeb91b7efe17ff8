# Written by .ci/stubs.py from the table of exports; change the table.
# Images to study
# Published figures, and the capstone
from simregistry.study import capstone as capstone
from simregistry.study import fleet as fleet
from simregistry.study import published as published
from simregistry.study import timing as timing

# Sharing and what is kept once
from simregistry.study.chunking.cut import FastCdc as FastCdc
from simregistry.study.chunking.cut import chunks as chunks
from simregistry.study.chunking.cut import cut_byte_by_byte as cut_byte_by_byte
from simregistry.study.chunking.cut import fixed as fixed
from simregistry.study.chunking.dedup_levels import dedup_levels as dedup_levels
from simregistry.study.chunking.image_versions import ImageVersions as ImageVersions
from simregistry.study.chunking.sources import images_with_layers as images_with_layers
from simregistry.study.examples import catalogue as catalogue
from simregistry.study.examples import step_orders as step_orders
from simregistry.study.examples import webapp as webapp
from simregistry.study.examples.ci_year import ci_year as ci_year
from simregistry.study.parameter_grid import experiments as experiments

# Experiments over a grid of settings
from simregistry.study.parameter_grid.run_grid import GridResult as GridResult
from simregistry.study.parameter_grid.run_grid import run_grid as run_grid

# Time and scale
from simregistry.study.population.hub import Hub as Hub
from simregistry.study.population.populate import populate as populate

# Registry products side by side
from simregistry.study.products.choose import NEEDS as NEEDS
from simregistry.study.products.choose import choose as choose
from simregistry.study.products.compare import compare_products as compare_products
from simregistry.study.products.scenarios import SCENARIOS as SCENARIOS

# Races
from simregistry.study.races.races import race as race
from simregistry.study.races.races import races_table as races_table
from simregistry.study.sharing.sharing import Sharing as Sharing
