# Written by .ci/stubs.py from the table of exports; change the table.
# Images to study
from simregistry.study.examples import catalogue as catalogue
from simregistry.study.examples.ci_year import ci_year as ci_year
from simregistry.study.examples import step_orders as step_orders
from simregistry.study.examples import webapp as webapp
# Sharing and what is kept once
from simregistry.study.chunking.cut import FastCdc as FastCdc
from simregistry.study.chunking.image_versions import ImageVersions as ImageVersions
from simregistry.study.sharing.sharing import Sharing as Sharing
from simregistry.study.chunking.cut import chunks as chunks
from simregistry.study.chunking.cut import cut_byte_by_byte as cut_byte_by_byte
from simregistry.study.chunking.dedup_levels import dedup_levels as dedup_levels
from simregistry.study.chunking.cut import fixed as fixed
from simregistry.study.chunking.sources import images_with_layers as images_with_layers
# Registry products side by side
from simregistry.study.products.choose import NEEDS as NEEDS
from simregistry.study.products.scenarios import SCENARIOS as SCENARIOS
from simregistry.study.products.choose import choose as choose
from simregistry.study.products.compare import compare_products as compare_products
# Races
from simregistry.study.races.races import race as race
from simregistry.study.races.races import races_table as races_table
# Time and scale
from simregistry.study.population.hub import Hub as Hub
from simregistry.study import fleet as fleet
from simregistry.study.population.populate import populate as populate
from simregistry.study import timing as timing
# Experiments over a grid of settings
from simregistry.study.parameter_grid.run_grid import GridResult as GridResult
from simregistry.study.parameter_grid import experiments as experiments
from simregistry.study.parameter_grid.run_grid import run_grid as run_grid
# Published figures, and the capstone
from simregistry.study import capstone as capstone
from simregistry.study import published as published
