"""Run `python -m simregistry.cli` as `simregistry`."""

import sys

from simregistry.cli import main

sys.exit(main())
