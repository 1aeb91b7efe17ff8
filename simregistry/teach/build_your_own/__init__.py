"""Build your own registry: twelve parts that a learner writes, each plugged in where the simulator has its own.

>>> from simregistry.teach import build_your_own as own
>>> own.step("digest").hint()
… Hint 1 of 3: The standard library's `hashlib` has SHA-256.
"""

from simregistry.teach.build_your_own.assembled import Assembled, real_push, registry
from simregistry.teach.build_your_own.findings import Report
from simregistry.teach.build_your_own.step import PartStep
from simregistry.teach.build_your_own.twelve_steps import step, steps

__all__ = ["Assembled", "PartStep", "Report", "real_push", "registry", "step", "steps"]
