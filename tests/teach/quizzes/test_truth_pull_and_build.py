"""The lessons “Pull” and “Build well”: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import pytest

from simregistry import Changeset, Client, Registry
from simregistry.client.build.run_effects import RunEffect
from simregistry.oci.rootfs import stack
from simregistry.study.examples import step_orders, webapp

HOST = "registry.example"


def copies(names: str) -> str:
    """A Dockerfile with a COPY, and so a layer, for each letter."""
    return "FROM scratch\n" + "".join(f"COPY {name} /{name}\n" for name in names)


def blobs_of_six_layers():
    """pull.q1."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    laptop.build(f"{HOST}/a:v1", copies("abcdef"), {name: name for name in "abcdef"})
    laptop.push(f"{HOST}/a:v1")
    asked = [e for e in Client(registries=[registry]).pull(f"{HOST}/a:v1").conversation if "/blobs/" in e.request.path]
    return {"7": len(asked) == 7, "1,": len(asked) == 1, "6": len(asked) == 6}


def the_first_question_of_a_pull():
    """pull.q2."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    base = webapp.build(laptop, "v2").manifest.layers[0].digest
    laptop.push(f"{HOST}/web:v2")
    said = [each.request for each in Client(registries=[registry]).pull(f"{HOST}/web:v2").conversation]
    told = sum(len(request.body) for request in said)
    return {
        "the manifest": said[1].line == "GET /v2/web/manifests/v2",
        "a list": told > 0,
        "the base layer": str(base) in said[1].line,
    }


def two_pulls_that_share():
    """pull.q3."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    images = {"web:v1": "abc", "web:v2": "abd", "api:v1": "ae"}
    files = {name: name for name in "abcde"}
    for name, letters in images.items():
        laptop.build(f"{HOST}/{name}", copies(letters), files)
        laptop.push(f"{HOST}/{name}")
    machine = Client(registries=[registry])
    fetched = []
    for name, letters in images.items():
        layers = machine.pull(f"{HOST}/{name}").layers
        fetched.append("".join(x for x, layer in zip(letters, layers, strict=True) if layer.outcome == "fetched"))
    return {
        "D and E": fetched[1:] == ["d", "e"],
        "D, then A": fetched[1:] == ["d", "ae"],
        "A, B and D": fetched[1:] == ["abd", "ae"],
    }


def one_path_in_two_layers():
    """pull.q5: layer 1 is the larger one."""
    first, third = Changeset.of({"app/mode": "one" * 9}), Changeset.of({"app/mode": "three"})
    seen = stack([first, Changeset.of({"x": "x"}), third])["app/mode"].content
    return {
        "that of layer 3": seen == b"three",
        "that of layer 1": seen != b"three",
        "that of the larger": len(seen) == 27,
    }


def rebuilt(change: dict[str, str], recipe: str, **options: object) -> list[bool]:
    """Build once, build again after a change, and give which of the steps after FROM were done again."""
    laptop = Client()
    laptop.build("base", "FROM scratch\nCOPY sh /bin/\n", {"sh": "#!"})
    files = {"README": "read me", "app.py": "code", "requirements.txt": "flask"}
    laptop.build("app", recipe, files)
    if "sh" in change:
        laptop.build("base", "FROM scratch\nCOPY sh /bin/\n", change)
    report = laptop.build(options.pop("name", "app"), options.pop("then", recipe), files | change, **options)
    return [not step.cached for step in report.steps if not step.text.startswith("FROM")]


def a_readme_that_changes():
    """build.q1."""
    again = rebuilt({"README": "read me, please"}, "FROM base\nCOPY . /app/\nRUN install\nRUN test\n")
    return {
        "`COPY` and both": again == [True, True, True],
        "`COPY` alone": again == [True, False, False],
        "none": not any(again),
    }


def a_year_of_code():
    """build.q2: 250 changes of code and two of the requirements."""
    cost = {
        habit: 250 * step_orders.rebuilt(habit, "a line of code") + 2 * step_orders.rebuilt(habit, "a requirement")
        for habit in ("careless", "careful")
    }
    return {
        "after": cost["careful"] < cost["careless"],
        "before": cost["careless"] < cost["careful"],
        "anywhere": cost["careless"] == cost["careful"],
    }


RUN = "FROM base\nRUN install\n"


def what_undoes_a_hit():
    """build.q3."""
    newer = {"install": RunEffect({"lib": "the new release"})}
    return {
        "a different text": rebuilt({}, RUN, then="FROM base\nRUN install it\n") == [True],
        "a different layer": rebuilt({"sh": "#!!"}, RUN) == [True],
        "a newer release": rebuilt({}, RUN, effects=newer) == [True],
        "a different tag": rebuilt({}, RUN, name="app:v2") == [True],
    }


def what_gets_the_newest():
    """build.q4; a day is nothing that the cache could see: the very same build stands for it."""
    recipe = "FROM base\nCOPY requirements.txt /\nRUN pip install -r requirements.txt\n"
    return {
        "a build that is told": rebuilt({}, recipe, cache=False)[1],
        "a change in": rebuilt({"requirements.txt": "flask>3"}, recipe)[1],
        "a build on": rebuilt({}, recipe)[1],
        "a build under": rebuilt({}, recipe, name="app:v2")[1],
    }


def what_makes_it_smaller():
    """build.q5."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    messy = step_orders.build_in_order(laptop, "messy").manifest
    more = step_orders.DOCKERFILES["messy"] + "RUN rm -rf /tmp\n"
    effects = {name: effect for name, effect in step_orders.EFFECTS.items() if f"RUN {name}\n" in more}
    twice = laptop.build(
        f"{HOST}/twice:v1", more, effects=effects | {"rm -rf /tmp": RunEffect(removed=("tmp",))}
    ).manifest
    laptop.push(f"{HOST}/messy:v1")
    return {
        "one `RUN`": step_orders.build_in_order(laptop, "tidy").manifest.image_bytes < messy.image_bytes,
        "a fourth": twice.image_bytes < messy.image_bytes,
        "a push": registry.image("messy:v1").manifest.image_bytes < messy.image_bytes,
    }


def a_workshop_left_behind():
    """build.q7."""
    laptop = Client()
    laptop.build("base", "FROM scratch\nCOPY all /\n", {"all/lib": bytes(80_000)})
    recipe = "FROM base AS workshop\nRUN install\nRUN make\nFROM base\nCOPY --from=workshop /tool /tool\n"
    report = laptop.build("app", recipe, effects={"install": {"cc": 500_000}, "make": {"tool": 20_000}})
    size = sum(layer.size for layer in report.manifest.layers)
    return {
        "a little over 100,000": 100_000 < size < 130_000,
        "a little over 600,000": 600_000 < size < 630_000,
        "a little over 500,000": 500_000 < size < 530_000,
    }


def two_squashed_versions():
    """build.q8."""
    stored = {}
    for kind in ("", "-squashed"):
        registry = Registry(HOST)
        laptop = Client(registries=[registry])
        for version in ("v1", "v2"):
            step_orders.build_in_order(laptop, "careful", version)
            step_orders.squashed(laptop, f"{HOST}/careful:{version}")
            laptop.push(f"{HOST}/careful{kind}:{version}")
        stored[kind] = registry.storage_report().layers.stored_bytes
    more = stored["-squashed"] - stored[""]
    return {"more": more > 0, "less": more < 0, "as much": more == 0}


HOLDS = {
    "pull.q1": blobs_of_six_layers,
    "pull.q2": the_first_question_of_a_pull,
    "pull.q3": two_pulls_that_share,
    "pull.q5": one_path_in_two_layers,
    "build.q1": a_readme_that_changes,
    "build.q2": a_year_of_code,
    "build.q3": what_undoes_a_hit,
    "build.q4": what_gets_the_newest,
    "build.q5": what_makes_it_smaller,
    "build.q7": a_workshop_left_behind,
    "build.q8": two_squashed_versions,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
