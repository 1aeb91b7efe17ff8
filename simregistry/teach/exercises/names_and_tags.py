"""What is a registry: names, tags that move, front ends over one storage."""

from __future__ import annotations

import random

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.oci.reference import Reference
from simregistry.registry.registry import Registry
from simregistry.table import Table
from simregistry.teach.answers import FreeText, OneOf, SomeOf
from simregistry.teach.exercises.named_layers import HOST, SERVICES, NamedLayers, draw_sizes
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

HOSTS = ("ghcr.io", "quay.io", "registry.example", "localhost:5000", "public.ecr.aws")
TEAMS = ("alice", "bob", "team", "shop-it", "acme")


def which_host(dice: random.Random) -> Problem:
    """Ask which host a reference leads to."""
    name, team = dice.choice(SERVICES), dice.choice(TEAMS)
    host, tag = dice.choice(HOSTS), dice.choice(("", ":1", ":latest", ":v2.1"))
    text = dice.choice((f"{name}{tag}", f"{team}/{name}{tag}", f"{team}/{name}{tag}", f"{host}/{team}/{name}{tag}"))
    right = Reference.parse(text).registry
    first = text.split("/")[0].partition(":")[0] if "/" in text else name
    options = tuple(dict.fromkeys(("docker.io", host, team, name, "this machine")))
    misconceptions = _beliefs_on_which_host(host, team, first, right)
    return Problem(
        text=f"Somebody types docker pull {text}. Which host does Docker ask?",
        answer=OneOf(right, options),
        misconceptions=misconceptions,
        hints=(
            "Look at the part before the first slash, if there is a slash.",
            "Does that part have a dot or a colon, or is it localhost? Only then is it a host.",
        ),
        why=f"Written in full, the name is {Reference.parse(text)}.",
    )


def _beliefs_on_which_host(host: str, team: str, first: str, right: str) -> tuple[Misconception, ...]:
    wrong = {
        "docker.io": ("Docker Hub is asked for everything", "Docker Hub is meant only if the name has no host."),
        host: ("a company's registry is asked first", f"{host} isn't in the name. Docker searches no list of hosts."),
        team: (
            "what stands before the slash is the host",
            "The part before the slash is a host only if it has a dot or a colon, or if it is localhost.",
        ),
        "this machine": (
            "a name without a host is local",
            "If the host is missing, Docker always means Docker Hub. A pull never asks your own disk.",
        ),
    }
    believed = [option for option in (first, "this machine", "docker.io", host) if option in wrong]
    return beliefs(*((wrong[option][0], option, wrong[option][1]) for option in believed), unless=right, once=True)


def repository_of(dice: random.Random) -> Problem:
    """Ask which part of a reference is the repository."""
    host, team, name = dice.choice(HOSTS), dice.choice(TEAMS), dice.choice(SERVICES)
    tag, digest = f"v{dice.randint(1, 9)}", Digest.of(name.encode())
    text = _draw_reference(dice, host, team, name, tag, digest)
    whole = text.replace(f"{digest.short}…", str(digest))
    right = Reference.parse(whole).repository
    no_tag, candidates = _wrong_parts(text, tag, name, host)
    wrong = [option for option in (no_tag, name, tag, host) if option != right and option in text]
    options = tuple(sorted({right, *wrong, team}))
    return Problem(
        text=f"What is the full name of the repository in {text}, as a client asks the registry for it?",
        answer=OneOf(right, options),
        misconceptions=beliefs(*((candidates[option][0], option, candidates[option][1]) for option in wrong)),
        hints=(
            "Leave out the host, if there is one, and the tag or digest.",
            "A name for Docker Hub without a slash gets library/ in front.",
        ),
        why=f"The request begins with /v2/{right}/ and goes to {Reference.parse(whole).registry}.",
    )


def _draw_reference(dice: random.Random, host: str, team: str, name: str, tag: str, digest: Digest) -> str:
    """Draw a reference with more parts or fewer."""
    return dice.choice(
        (
            f"{host}/{team}/{name}:{tag}",
            f"{host}/{team}/{name}@{digest.short}…",
            f"{team}/{name}:{tag}",
            f"{name}:{tag}",
        )
    )


def _wrong_parts(text: str, tag: str, name: str, host: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """List the parts that are taken for the repository, with the beliefs behind them."""
    asked = text.partition("@")[0]
    no_tag = asked[: -len(tag) - 1] if asked.endswith(f":{tag}") else asked
    candidates = {
        no_tag: (
            "the registry belongs to the repository's name",
            "The host says where to ask. The repository is a shelf there, and its name doesn't contain the host.",
        ),
        name: (
            "the repository is the last word",
            "A repository's name may have slashes in it. All parts belong to the name.",
        ),
        tag: ("a tag is a repository", "That's the sticker on one version. The repository is the shelf."),
        host: (
            "the repository is the registry",
            "That's the address of the warehouse. Each shelf in it has a name of its own.",
        ),
    }
    return no_tag, candidates


def write_reference(dice: random.Random) -> Problem:
    """Ask for a reference that names a given image."""
    name, tag = dice.choice(SERVICES), f"v{dice.randint(1, 9)}.{dice.randint(0, 9)}"
    host, team = dice.choice((*HOSTS, "docker.io")), dice.choice((*TEAMS, "library"))
    right = Reference.parse(f"{host}/{team}/{name}:{tag}")

    def problem(text: str) -> str:
        written = Reference.parse(text)
        parts = ("registry", "repository", "tag", "digest")
        wrong = [part for part in parts if getattr(written, part) != getattr(right, part)]
        differences = [f"the {part} in yours is {getattr(written, part) or 'missing'}" for part in wrong]
        return "; ".join(differences)

    short = right.familiar
    return Problem(
        text=f"Write a reference to an image. Its registry is {host}, its repository {team}/{name}, and its tag {tag}.",
        answer=FreeText(str(right), problem, "a reference, such as registry.example/team/app:1"),
        misconceptions=_beliefs_on_write_reference(team, host, name, tag, right),
        hints=("The order is registry/repository:tag.", f"The repository is {team}/{name}, with the slash."),
        why=(
            f"{right} names the image"
            + (f". For Docker Hub, the short form {short} means the same." if short != str(right) else ".")
        ),
        also_right=(short, f" {right} "),
    )


def _beliefs_on_write_reference(
    team: str, host: str, name: str, tag: str, right: Reference
) -> tuple[Misconception, ...]:
    # Where Docker Hub is meant, a name with a made-up host in front is somewhere else.
    off = f"{host}/{name}:{tag}" if team != "library" or host != "docker.io" else f"hub.docker.com/{name}:{tag}"
    return beliefs(
        ("an address needs https", f"https://{right}", "A reference isn't a web address. It begins with the host."),
        ("the host is the whole path", off,
         "Every part of the repository's name is needed, and the host has to be written as it is."),
        ("the tag is left out", f"{host}/{team}/{name}",
         "Without a tag, Docker fills in latest. The tag here is a different one."),
    )  # fmt: skip


def moved_tag(dice: random.Random) -> Problem:
    """Ask what a tag names after a few pushes."""
    name = dice.choice(SERVICES)
    tags = dice.sample(("latest", "1.0", "1.1", "2.0", "stable"), 3)
    pushes = [(f"build {number}", dice.choice(tags)) for number in range(1, dice.randint(5, 6) + 1)]
    asked = dice.choice(sorted({tag for _, tag in pushes[:-1]}))
    builds = tuple(build for build, _ in pushes)
    world = NamedLayers(draw_sizes(dice, builds))
    made: dict[Digest, str] = {}
    for build, tag in pushes:
        made[world.push(f"{name}:{tag}", (build,)).digest] = build
    right = made[world.registry.image(f"{name}:{asked}").digest]
    misconceptions = _beliefs_on_moved_tag(pushes, asked, builds, right)
    return Problem(
        text=f"Somebody pushes these builds to {HOST}/{name}, in this order. Which build does {asked} name at the end?",
        answer=OneOf(right, builds),
        misconceptions=misconceptions,
        hints=(f"Look for the rows with the tag {asked}.", "The last of these rows counts."),
        why=f"The last push to {asked} was {right}. The other pushes set other tags or came before.",
        given=Table(("pushed", "as"), tuple(pushes)),
    )


def _beliefs_on_moved_tag(
    pushes: list[tuple[str, str]], asked: str, builds: tuple[str, ...], right: str
) -> tuple[Misconception, ...]:
    first = next(build for build, tag in pushes if tag == asked)
    wrong = {
        builds[-1]: (
            "latest, or any tag, follows the newest push",
            "A tag moves only when somebody pushes to that tag. The last push had a different tag.",
        ),
        first: ("a tag never moves", "Somebody can push to a tag again. Then it names the new image."),
    }
    highest = max(pushes, key=lambda push: push[1])[0]
    if highest not in (*wrong, right):
        wrong[highest] = (
            "the highest number wins",
            "A registry doesn't read version numbers. To it, a tag is a name like any other.",
        )
    return beliefs(*((belief, build, message) for build, (belief, message) in wrong.items()), unless=right)


def same_image(dice: random.Random) -> Problem:
    """Ask which tags name one and the same image."""
    name = dice.choice(SERVICES)
    tags = dice.sample(("latest", "1", "1.4", "1.4.2", "stable", "edge"), 4)
    world = NamedLayers(draw_sizes(dice, ("old", "new")))
    places = {tag: dice.choice(("old", "new")) for tag in tags}
    for tag, build in places.items():
        world.push(f"{name}:{tag}", (build,))
    digests = {tag: world.registry.image(f"{name}:{tag}").digest for tag in tags}
    asked = tags[0]
    same = frozenset(tag for tag in tags[1:] if digests[tag] == digests[asked])
    rows = tuple((tag, digests[tag].short) for tag in sorted(tags))
    return Problem(
        text=f"Which other tags name the same image as {asked}?",
        answer=SomeOf(same, tuple(tags[1:])),
        misconceptions=_beliefs_on_same_image(tags, asked, same),
        hints=("Compare the digests. The names don't matter.", f"{asked} has the digest {digests[asked].short}."),
        why="A digest is computed from the image's bytes. Equal digests mean one image, whatever its tags are called.",
        given=Table(("tag", "digest"), rows),
    )


def _beliefs_on_same_image(tags: list[str], asked: str, same: frozenset[str]) -> tuple[Misconception, ...]:
    alike = frozenset(tag for tag in tags[1:] if tag.split(".")[0] == asked.split(".")[0])
    # Where no name looks like the one that is asked about, that belief has no answer of its own, and is left out.
    return beliefs(
        ("each tag is an image of its own", frozenset(),
         "A tag is a sticker, and one box can have several. Compare the digests."),
        ("names that look alike mean the same", alike or same,
         "A registry doesn't read anything into names. Only the digest says which image it is."),
        ("all tags of a repository are one image", frozenset(tags[1:]),
         "A repository has many versions. Two digests are two images."),
        unless=same,
    )  # fmt: skip


def many_doors(dice: random.Random) -> Problem:
    """Ask what can be pulled through another front end, and after a restart."""
    here, elsewhere = Registry(HOST), Registry(f"other.{HOST}")
    shared = Registry(f"mirror.{HOST}", here.storage)
    doors = {"A": here, "B": shared, "C": elsewhere}
    names = dice.sample(SERVICES, 3)
    pushed = {name: dice.choice("ABC") for name in names}
    _push_through(dice, names, pushed, doors)
    # B's process is thrown away and started anew, over the storage that A has: it kept nothing of its own.
    asked = dice.choice("AB")
    reopened = Registry(doors[asked].host, here.storage)
    available = frozenset(name for name in names if _has(reopened, name))
    rows = tuple((name, door) for name, door in pushed.items())
    return Problem(
        text=(
            "A and B are two front ends that share one storage. C is another registry with a storage of its own. The "
            f"table says through which one each image was pushed. Then {asked} is stopped and started again. "
            f"Which images can you pull through {asked}?"
        ),
        answer=SomeOf(available, tuple(names)),
        misconceptions=_beliefs_on_many_doors(pushed, asked, names),
        hints=("Which of the three share a storage?", "A restart takes nothing out of the storage."),
        why="The service is stateless. Everything that lasts is in the storage, and A and B share one.",
        given=Table(("image", "pushed through"), rows),
    )


def _push_through(dice: random.Random, names: list[str], pushed: dict[str, str], doors: dict[str, Registry]) -> None:
    """Push each image through its door."""
    world = NamedLayers(draw_sizes(dice, names))
    for name, door in pushed.items():
        host = doors[door].host
        client = Client(registries=[doors[door]])
        world.image(f"{name}:1", (name,))
        source = world.machine().store
        client.store.blobs.update(source.blobs)
        client.store.put_image(f"{host}/{name}:1", source.image(f"{HOST}/{name}:1"))
        client.push(f"{host}/{name}:1")


def _beliefs_on_many_doors(pushed: dict[str, str], asked: str, names: list[str]) -> tuple[Misconception, ...]:
    own = frozenset(name for name, door in pushed.items() if door == asked)
    return beliefs(
        ("a front end keeps what came through it", own,
         "A front end keeps nothing. Each front end finds everything that is in its storage."),
        ("a restart loses everything", frozenset(), "What was pushed is in the storage, which keeps running."),
        ("all registries are one", frozenset(names), "C has a different storage. A and B find nothing of it."),
    )  # fmt: skip


def _has(registry: Registry, name: str) -> bool:
    try:
        return registry.image(f"{name}:1") is not None
    except SimRegistryError:
        return False


EXERCISES = (
    Exercise("names.which-host", "predict", "Who is asked?", ("names.trace",), which_host),
    Exercise("names.repository", "find", "The repository's name", ("names.tell",), repository_of),
    Exercise("names.write-reference", "construct", "Write a reference", ("names.tell", "names.trace"), write_reference),
    Exercise("names.moved-tag", "predict", "Where is the tag now?", ("names.move",), moved_tag),
    Exercise("names.same-image", "find", "One image, several names", ("names.tell", "names.move"), same_image),
    Exercise("names.two-doors", "explain", "Two front ends, one storage", ("names.stateless",), many_doors),
)
