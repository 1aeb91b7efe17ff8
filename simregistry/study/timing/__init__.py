"""How long a push or a pull takes on a network with latency and bandwidth, and what limits it. Modelled, on SimPy."""

from simregistry.study.timing.client_defaults import CONTAINERD, CRANE, ENGINE, REAL_CLIENTS, ClientDefaults
from simregistry.study.timing.image_work import work_of_image
from simregistry.study.timing.lazy import work_of_lazy_pull
from simregistry.study.timing.network import Network
from simregistry.study.timing.replay import Bound, Conditions, bound, compare_clients, replay
from simregistry.study.timing.timeline import Span, Timeline
from simregistry.study.timing.work import Chain, RequestStep, Work, work_of_layers, work_of_pull, work_of_push

__all__ = [
    "CONTAINERD",
    "CRANE",
    "ENGINE",
    "REAL_CLIENTS",
    "Bound",
    "Chain",
    "ClientDefaults",
    "Conditions",
    "Network",
    "RequestStep",
    "Span",
    "Timeline",
    "Work",
    "bound",
    "compare_clients",
    "replay",
    "work_of_image",
    "work_of_layers",
    "work_of_lazy_pull",
    "work_of_pull",
    "work_of_push",
]  # fmt: skip
