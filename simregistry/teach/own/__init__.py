"""Build your own registry: twelve parts that a learner writes, each plugged in where the simulator has its own.

>>> from simregistry.teach import own
>>> own.step("digest").hint()
… Hint 1 of 3: The standard library's `hashlib` has SHA-256.
"""

from simregistry.teach.own.assembled import Assembled, real_push, registry
from simregistry.teach.own.path import step, steps
from simregistry.teach.own.report import Report
from simregistry.teach.own.step import Step

__all__ = ["Assembled", "Report", "Step", "real_push", "registry", "step", "steps"]
