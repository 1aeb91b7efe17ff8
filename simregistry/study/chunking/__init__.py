"""Below the layer: what a store saves if it keeps each file once, or each chunk; measured on real bytes."""

from simregistry.study.chunking.cut import Cutter, FastCdc, chunks, fixed
from simregistry.study.chunking.dedup_levels import DedupLevel, DedupLevels, dedup_levels
from simregistry.study.chunking.image_versions import ImageVersions
from simregistry.study.chunking.sources import images_with_layers, layers_only

__all__ = [
    "Cutter",
    "DedupLevel",
    "DedupLevels",
    "FastCdc",
    "ImageVersions",
    "chunks",
    "dedup_levels",
    "fixed",
    "images_with_layers",
    "layers_only",
]
