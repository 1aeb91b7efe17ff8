"""Turns of the lesson on names: a tag that somebody moved is set back to the image that it named yesterday."""

from __future__ import annotations

from simregistry.client.client import Client
from simregistry.oci.reference import Reference
from simregistry.registry.registry import Registry
from simregistry.study.examples import webapp
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.command_lines import CommandLines
from simregistry.teach.turns.turn import Turn

VERBS = ("pull", "tag", "push", "images")
STABLE = f"{webapp.HOST}/web:stable"


def back_to_yesterday() -> Turn:
    """Ask for the commands that set a moved tag back, and carry them out."""
    _, yesterday = moved_tag()
    ways = (
        f"desk: docker pull {yesterday}",
        f"desk: docker tag {yesterday} {STABLE}",
        f"desk: docker push {STABLE}",
    )
    return Turn(
        "names.back-to-yesterday",
        f"This exercise has a registry of its own. Yesterday {STABLE} named a good image there. This morning somebody "
        "pushed a broken image under the same name. In this registry no tag names the good image now, but you wrote "
        f"down its digest. Your machine is called desk, and it has no images. Write the commands after which {STABLE} "
        "names the good image again. The machine carries them out in your order.",
        play,
        "\n".join(ways),
        "A push moves a tag, and a machine can push only what it has. So the good image has to come to the machine "
        "first. Its digest is the only name that it still has.",
        (
            "A tag moves when somebody pushes to it. What does your machine have to have before it can push?",
            "Nothing but the digest names the good image. A pull takes a reference with a digest, too.",
            "Pull by the digest, give the image the tag on your machine, and push the tag.",
        ),
        f"the good image of yesterday:\n{yesterday}",
    )


def moved_tag() -> tuple[Registry, Reference]:
    """Push a good image and then another under one tag; return the registry and the good image's reference."""
    registry = Registry(webapp.HOST)
    somebody = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(somebody, version)
        somebody.tag(f"{webapp.HOST}/web:{version}", STABLE)
        somebody.push(STABLE)
    good = somebody.manifest(f"{webapp.HOST}/web:v1").digest
    return registry, Reference.parse(STABLE).with_digest(good)


def play(answer: object) -> Reveal:
    """Carry the commands out on a fresh machine, and look at what the tag names in the end."""
    registry, yesterday = moved_tag()
    bench = CommandLines({"desk": Client(registries=[registry])}, VERBS, {})
    lines = bench.read(answer)
    if isinstance(lines, Reveal):
        return lines
    broken = registry.image("web:stable").digest
    shown, refusal = bench.run(lines)
    now = registry.image("web:stable").digest
    if refusal:
        sentence = f"Not yet: command {len(shown)} of {len(lines)} is refused. {refusal}."
        return Reveal(sentence, False, (len(shown) - 1) / len(lines) / 2, shown)
    if now != yesterday.digest:
        still = "still the broken image" if now == broken else "yet another image"
        return Reveal(f"Not yet: every command worked, but web:stable names {still}, {now.short}.", False, 0.5, shown)
    return Reveal(f"Right: web:stable names the good image again, {now.short}.", True, 1.0, shown)


TURNS = {"back-to-yesterday": back_to_yesterday}
