"""`python -m simregistry.cli` is `simregistry`."""

import sys

from simregistry.cli import main

sys.exit(main())
