"""Beyond layers: what is kept at each level, what an edit moves, which order saves, and which size is best."""

from __future__ import annotations

import random

from simregistry.study.chunking import FastCdc, chunks, fixed
from simregistry.study.chunking.dedup_levels import ENTRY_BYTES, REFERENCE_BYTES, DistinctPieces
from simregistry.table import Table
from simregistry.teach.answers import Number, OneOf
from simregistry.teach.exercises.compression_order import which_order
from simregistry.teach.exercises.named_layers import draw_sizes
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

KB = 1000
FILES = ("libc", "python", "numpy", "fonts", "flask", "openssl", "certs", "app", "static", "docs")


def what_is_kept(dice: random.Random) -> Problem:
    """Ask how many bytes are kept if each distinct file is kept once."""
    names = dice.sample(FILES, 6)
    large = draw_sizes(dice, names, 2, 60)
    images = _two_images(names)
    content = {(n, v): dice.randbytes(large[n] * KB // 20) for n in names for v in (1, 2)}
    by_file, by_layer = _kept(images, content)
    right = by_file.bytes * 20
    rows = _rows_of_images(images, large)
    return Problem(
        text=(
            "A store keeps two images with these layers. A file with the same name has the same content in both, "
            "unless the table says that it changed. How many kB does the store keep if it keeps each distinct file "
            "once, whichever layer it is in?"
        ),
        answer=Number(right, "kB"),
        misconceptions=_beliefs_on_what_is_kept(images, large, by_layer, names, right),
        hints=(
            "Write down the distinct contents, not the layers.",
            "The changed file counts twice, once in each version.",
            "It doesn't matter here which layer a file is in.",
        ),
        why=f"There are {len(by_file.seen)} distinct contents, and each is kept once.",
        given=Table(("image", "layer", "files"), rows),
    )


def _rows_of_images(
    images: dict[str, tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]], large: dict[str, int]
) -> tuple[tuple[str, int, str], ...]:
    """Write a row for each layer."""
    return tuple(
        (image, number, ", ".join(f"{n}{' (changed)' if v == 2 else ''} {large[n]} kB" for n, v in layer))
        for image, layers in images.items() for number, layer in enumerate(layers, 1)
    )  # fmt: skip


def _kept(
    images: dict[str, tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]],
    content: dict[tuple[str, int], bytes],
) -> tuple[DistinctPieces, DistinctPieces]:
    """Keep the images by file and by layer."""
    by_file, by_layer = DistinctPieces(pack=False), DistinctPieces(pack=False)
    for layers in images.values():
        for layer in layers:
            by_layer.add(b"".join(content[file] for file in layer))
            for file in layer:
                by_file.add(content[file])
    return by_file, by_layer


def _two_images(names: list[str]) -> dict[str, tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]]:
    """Stack files to layers of two images, which share some of them."""
    base, shared, own = names[:2], names[2], names[3:5]
    changed = names[5]
    # The third word is the version of the content: a file of the same name with another one is another file.
    return {
        "a": ((*((n, 1) for n in base), (shared, 1)), ((own[0], 1), (changed, 1))),
        "b": (tuple((n, 1) for n in base), ((shared, 1), (own[1], 1), (changed, 2))),
    }


def _beliefs_on_what_is_kept(
    images: dict[str, tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]],
    large: dict[str, int],
    by_layer: DistinctPieces,
    names: list[str],
    right: int,
) -> tuple[Misconception, ...]:
    every = sum(large[n] * KB for layers in images.values() for layer in layers for n, _ in layer)
    return beliefs(
        ("a registry's layers are what is kept once", by_layer.bytes * 20,
         "A registry keeps each distinct layer like that. Here, ask for each file whether it was there before."),
        ("a file is known by its name", sum(large[n] * KB for n in names),
         "A changed file has a different hash, so it is a different file, even under the same name."),
        ("nothing is shared between two images", every,
         "Go through the second image. Some of its files are in the first, perhaps in a different layer."),
        unless=right, once=True,
    )  # fmt: skip


def moved(dice: random.Random) -> Problem:
    """Ask how many fixed chunks are new after an insertion or an overwriting."""
    size, count = dice.choice((512, 1000, 1024, 4096)), dice.randint(6, 30)
    data = dice.randbytes(size * count - dice.randint(0, size // 2))
    at, insert = dice.randrange(size * (count - 2)) + size, dice.random() < 0.7
    right, total = _count_new(insert, data, at, size)
    what = "one byte is inserted" if insert else "one byte is replaced by a different one"
    return Problem(
        text=(
            f"A file of {len(data):,} bytes is cut into fixed chunks of {size:,} bytes. "
            f"Then {what} at place {at:,} (counted from 0), and the file is cut again. How many of its chunks are new?"
        ),
        answer=Number(right),
        misconceptions=_beliefs_on_moved(total, at, size, right),
        hints=(
            "Which chunk holds the place? Divide.",
            "Have the bytes behind that place moved?",
            "Fixed cuts stay at their numbers, and bytes may move across them.",
        ),
        why=(
            f"The place is in chunk {at // size + 1} of {total}. "
            f"{'In all chunks behind it the bytes have moved' if insert else 'All other chunks have the same bytes'}."
        ),
    )


def _count_new(insert: bool, data: bytes, at: int, size: int) -> tuple[int, int]:
    """Cut before and after the edit: how many chunks are new, of how many?"""
    new = b"!" if insert else bytes([data[at] ^ 1])
    after = data[:at] + new + (data[at:] if insert else data[at + 1 :])
    old = set(chunks(data, fixed(size)))
    right = sum(piece not in old for piece in chunks(after, fixed(size)))
    total = len(chunks(after, fixed(size)))
    return right, total


def _beliefs_on_moved(total: int, at: int, size: int, right: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("one byte, one chunk", 1, "The chunk with this byte is new. What happens to the chunks behind it?"),
        ("any change makes all chunks new", total, "Chunks before the place have the same bytes as before."),
        ("what lies behind an edit always moves", total - at // size,
         "Nothing moves if a byte is only replaced. The file is as long as before."),
        ("the chunks before the place move", at // size, "They are cut from the same bytes at the same places."),
        unless=right, once=True,
    )  # fmt: skip


def which_stay(dice: random.Random) -> Problem:
    """Ask where chunks stay as they were."""
    options = ("those before the place", "those behind it", "both", "none")
    by_content, insert = dice.random() < 0.5, dice.random() < 0.7
    data = dice.randbytes(24_000)
    at = 12_000 + dice.randrange(-2_000, 2_000)
    edit = dice.randbytes(dice.randint(1, 9))
    after = data[:at] + edit + data[at + (0 if insert else len(edit)) :]
    right = _found_again(by_content, data, after, options)
    how = "content-defined chunks of about 512 bytes" if by_content else "fixed chunks of 1,000 bytes"
    edited = f"{len(edit)} byte{' is' if len(edit) == 1 else 's are'}"
    what = f"{edited} {'inserted' if insert else 'replaced'}"
    why_not = {
        options[0]: "those behind the place are found again as well",
        options[1]: "the bytes before the place are the same",
        options[2]: "behind the place the cuts fall beside different bytes",
        options[3]: "some are cut from the same bytes as before",
    }
    return Problem(
        text=(
            f"A file of 24,000 bytes is cut into {how}. Near its middle {what}. "
            "Then it is cut again. Leave out the chunk or two at the place itself. Which old chunks are found again?"
        ),
        answer=OneOf(right, options, tuple((option, why) for option, why in why_not.items() if option != right)),
        misconceptions=_beliefs_on_which_stay(right),
        hints=(
            "Do the bytes behind the place move?",
            "If they move, do the cuts move with them?",
            "Fixed cuts don't move. Content-defined cuts do.",
        ),
        why=(
            f"The bytes behind the place {'have moved' if insert else 'have not moved'}, "
            f"and {'the content says where to cut' if by_content else 'the cuts are counted from the front'}."
        ),
    )


def _found_again(by_content: bool, data: bytes, after: bytes, options: tuple[str, ...]) -> str:
    """Cut before and after the edit, and look at both ends."""
    cutter = FastCdc(512) if by_content else fixed(1000)
    old, new = chunks(data, cutter), set(chunks(after, cutter))
    front, back = old[0] in new and old[1] in new, old[-1] in new and old[-2] in new
    return options[2] if front and back else options[0] if front else options[1] if back else options[3]


def _beliefs_on_which_stay(right: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("any edit makes all chunks new", "none",
         "Cut it again from the front, in your head. The first chunks have the same bytes."),
        ("an edit moves all that lies behind it, however it is cut", "those before the place",
         "If nothing is inserted, nothing moves. And if the content decides, the cuts move along."),
        ("chunks always find their places again", "both",
         "Fixed cuts count bytes from the front. After an inserted byte, each cut falls beside different bytes."),
        unless=right, once=True,
    )  # fmt: skip


def cuts(dice: random.Random) -> tuple[list[tuple[int, float, int, int]], dict[int, int]]:
    """Make up sizes of chunks with what is kept, distinct and named; and what each size keeps in all."""
    asked = dice.choice((200, 400, 800)) * KB * KB
    kept = asked // dice.randint(3, 6)
    rows, totals = [], {}
    for size in sorted(dice.sample((256, 512, 1024, 4096, 16_384, 65_536), 4)):
        references, pieces = asked // size, kept // size
        rows.append((size, round(kept / 1e6, 1), pieces, references))
        totals[size] = kept + pieces * ENTRY_BYTES + references * REFERENCE_BYTES
        # What larger chunks miss: chosen.
        kept = int(kept * dice.choice((1.15, 1.3, 1.5)))
    return rows, totals


def best_size(dice: random.Random) -> Problem:
    """Ask which size of chunks keeps the least, index and all."""
    rows, totals = cuts(dice)
    # Again, until the best is clear from a table with rounded numbers.
    while sorted(totals.values())[1] < 1.02 * min(totals.values()):
        rows, totals = cuts(dice)
    right = min(totals, key=lambda size: totals[size])
    chosen, asked = list(totals), rows[0][0] * rows[0][3]
    return Problem(
        text=(
            f"A store cuts {asked / 1e6:,.0f} MB of files. For each size of chunks, the table says how much it keeps "
            f"without the index. The index takes {ENTRY_BYTES} bytes for each distinct chunk. A list of the chunks of "
            f"each file takes {REFERENCE_BYTES} bytes for every chunk that it names. "
            "With which size does the store need the least room in all?"
        ),
        answer=Number(right, "bytes"),
        misconceptions=_beliefs_on_best_size(chosen, totals, rows, right),
        hints=(
            f"In each row, multiply the distinct chunks by {ENTRY_BYTES} and the named ones by {REFERENCE_BYTES}.",
            "Add both to the bytes kept.",
            "Look for the smallest sum.",
        ),
        why=f"With chunks of {right:,} bytes, the store needs {totals[right] / 1e6:.1f} MB in all.",
        given=Table(("bytes of a chunk", "MB kept", "distinct chunks", "chunks named in lists"), tuple(rows)),
    )


def _beliefs_on_best_size(
    chosen: list[int], totals: dict[int, int], rows: list[tuple[int, float, int, int]], right: int
) -> tuple[Misconception, ...]:
    return beliefs(
        ("smaller chunks are always better", min(chosen),
         "They find the most. But each of them needs an entry, and a place in every list that names it. Add that up."),
        ("the smallest index is best", max(chosen), "Its index is the smallest, but it also finds the least."),
        ("only distinct chunks cost index",
         min(totals, key=lambda size: rows[chosen.index(size)][1] * 1e6 + rows[chosen.index(size)][2] * ENTRY_BYTES),
         "The lists name every chunk of every file, even the chunks that were there before."),
        unless=right, once=True,
    )  # fmt: skip


EXERCISES = (
    Exercise("chunks.what-is-kept", "predict", "Each file once", ("chunks.predict",), what_is_kept),
    Exercise("chunks.moved", "predict", "One byte in the middle", ("chunks.moves",), moved),
    Exercise("chunks.which-stay", "explain", "Which chunks are found again?", ("chunks.moves",), which_stay),
    Exercise(
        "chunks.which-order",
        "explain",
        "Compress first, or look first?",
        ("chunks.order", "chunks.predict"),
        which_order,
    ),
    Exercise("chunks.best-size", "find", "The best size", ("chunks.weigh",), best_size),
)
