"""What is so in the lesson on files and chunks, computed from the bytes that the notebook cut and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.errors import SimRegistryError
from simregistry.registry.registry import Registry
from simregistry.study.chunking import DedupLevels, dedup_levels, images_with_layers
from simregistry.study.published.figure import Figure
from simregistry.teach.predictions.prediction import Truth

MB = 1_000_000
# The sizes that the question names, in the order of its options.
ASKED_SIZES = (256, 2048, 16384)


def kept_by_layer(family: DedupLevels) -> Truth:
    """Add up the bytes of the distinct layers, to a tenth of a MB."""
    layers = family["layers"]
    facts = {
        "layers": layers.pieces, "ratio": layers.ratio, "asked": family.asked_bytes,
        "first": family.asked_bytes // family.images,
    }  # fmt: skip
    return Truth(round(layers.bytes, -5), facts)


def kept_by_file(family: DedupLevels) -> Truth:
    """Divide the bytes asked for by the bytes of the distinct files."""
    files, layers = family["files"], family["layers"]
    # The headers of each distinct archive are a piece too, and no file.
    distinct = files.pieces - layers.pieces
    facts = {
        "files": distinct, "kept": files.bytes / MB, "layers": round(layers.ratio, 1), "images": family.images,
    }  # fmt: skip
    return Truth(round(files.ratio, 1), facts)


def most_pieces(family: DedupLevels) -> Truth:
    """Find the row of the level with the most pieces."""
    pieces = [level.pieces for level in family.levels]
    row = pieces.index(max(pieces))
    return Truth(row + 1, {"name": family.levels[row].name, "pieces": pieces[row]})


def fixed_stay(before: Sequence[bytes], after: Sequence[bytes]) -> Truth:
    """Count the pieces that are among the later ones too."""
    same = sum(piece in after for piece in before)
    return Truth(same, {"pieces": len(after), "others": len(before) - 1})


def content_new(before: Sequence[bytes], after: Sequence[bytes]) -> Truth:
    """Say how many of the later chunks were not there before."""
    new = len(set(after) - set(before))
    few = "a single one" if new == 1 else "about half of them"
    return Truth("all of them" if new > 0.9 * len(set(after)) else few, {"new": new, "chunks": len(after)})


def gzip_chunks(family: DedupLevels) -> str:
    """Compare what chunks save in compressed layers with what they save in plain ones."""
    saved = {
        kind: family[f"{kind}layers"].bytes / family[f"{kind}content-defined chunks"].bytes - 1
        for kind in ("", "gzip, ")
    }
    share = saved["gzip, "] / saved[""]
    return "hardly any of it" if share < 0.2 else "about half of it" if share < 0.8 else "all of it"


def best_size(tried: Mapping[int, DedupLevels]) -> Truth:
    """Find the size among those asked about that keeps the least, with its index."""
    chunks = {size: tried[size]["chunks"] for size in ASKED_SIZES}
    best = min(ASKED_SIZES, key=lambda size: chunks[size].all_bytes)
    small, middle = chunks[ASKED_SIZES[0]], chunks[ASKED_SIZES[1]]
    facts = {
        "small_pieces": small.pieces, "small_index": small.index_bytes / MB, "middle_index": middle.index_bytes / MB,
    }  # fmt: skip
    return Truth(f"{best:,} bytes", facts)


def small_index(tried: Mapping[int, DedupLevels]) -> Truth:
    """Find the smallest size whose index takes less than a twentieth of the bytes kept."""
    shares = {size: tried[size]["chunks"].index_bytes / tried[size]["chunks"].bytes for size in sorted(tried)}
    size = next(size for size, share in shares.items() if share < 1 / 20)
    return Truth(size, {"share": shares[size], "before": shares.get(size // 2, 0.0)})


def measured_chunks(figure: Figure) -> Truth:
    """Read the published ratio, and compute what the model says."""
    return Truth(round(figure.published, 2), {"computed": figure.computed})


def without_bytes(registry: Registry) -> str:
    """Try to look into the layers: a registry that lacks their bytes can be asked about whole layers alone."""
    try:
        dedup_levels(images_with_layers(registry), compress=False)
    except SimRegistryError:
        return "that of layers"
    return "that of layers, files and chunks"
