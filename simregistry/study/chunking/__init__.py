"""Below the layer: what is saved where files, or chunks, are kept once; measured on real bytes."""

from simregistry.study.chunking.cut import Cutter, FastCdc, chunks, fixed
from simregistry.study.chunking.dedup_levels import Level, Levels, levels
from simregistry.study.chunking.image_versions import Family
from simregistry.study.chunking.sources import images_of, layers_only

__all__ = ["Cutter", "Family", "FastCdc", "Level", "Levels", "chunks", "fixed", "images_of", "layers_only", "levels"]
