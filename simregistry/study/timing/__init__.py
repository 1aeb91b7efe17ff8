"""Time: a conversation over a network with latency and bandwidth, and what bounds it. Modelled, on SimPy."""

from simregistry.study.timing.client_defaults import CONTAINERD, CRANE, ENGINE, HABITS, Habits
from simregistry.study.timing.image_work import of_image
from simregistry.study.timing.lazy import of_lazy
from simregistry.study.timing.network import Network
from simregistry.study.timing.replay import Bound, Conditions, bound, compare, play
from simregistry.study.timing.timeline import Span, Timeline
from simregistry.study.timing.work import Chain, Step, Work, of_layers, of_pull, of_push

__all__ = [
    "CONTAINERD", "CRANE", "ENGINE", "HABITS", "Bound", "Chain", "Conditions", "Habits", "Network", "Span", "Step",
    "Timeline", "Work", "bound", "compare", "of_image", "of_layers", "of_lazy", "of_pull", "of_push", "play",
]  # fmt: skip
