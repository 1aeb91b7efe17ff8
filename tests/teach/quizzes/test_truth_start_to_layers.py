"""The first three lessons: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import pytest
from web_shop import among, shop

from simregistry import Changeset, Client, Digest, ImageIndex, Reference, Registry, Request, Storage
from simregistry.client.build.run_effects import RunEffect
from simregistry.oci.entry import Entry
from simregistry.study.examples import webapp

NAMES = ("base", "requirements", "dependencies", "code", "config", "manifest")


def parts_of_a_second_push():
    """start.q2."""
    _, laptop = shop("v1")
    webapp.build(laptop, "v2")
    push = laptop.push("registry.example/web:v2")
    sent = {name for name, blob in zip(NAMES, push.blobs, strict=True) if blob.outcome == "sent"}
    return {f"the {said}": part in sent for said, part in
            (("layer with the code", "code"), ("config", "config"), ("manifest", "manifest"), ("base layer", "base"))}  # fmt: skip


def an_older_version():
    """start.q3."""
    registry, _ = shop("v1", "v2")
    server = Client(registries=[registry])
    server.pull("registry.example/web:v2")
    fetched = server.pull("registry.example/web:v1").bytes_of("fetched")
    return among(fetched, 12_217, 401_337, 0, unit=" bytes")


def a_name_in_a_reference():
    """names.q1."""
    registry, laptop = shop("v1")
    laptop.tag("registry.example/web:v1", "registry.example/team/web:v1")
    laptop.push("registry.example/team/web:v1")
    read = Reference.parse("registry.example/team/web:v1")
    return {
        "a repository": read.repository == "team/web" in registry.repositories(),
        "a registry": read.registry == "team/web",
        "two repositories": "team" in registry.repositories(),
        "a tag": read.tag == "team/web",
    }


def who_is_asked():
    """names.q2."""
    laptop = Client(registries=[Registry("docker.io")])
    laptop.build("tools/web", "FROM scratch\nCOPY a /\n", {"a": "A"})
    laptop.push("tools/web")
    asked = [each.request.path for each in laptop.pull("tools/web").conversation]
    host = Reference.parse("tools/web").registry
    return {
        "docker.io": host == "docker.io" and "/v2/tools/web/manifests/latest" in asked,
        "nobody": not asked,
        "my own disk": not any("/manifests/" in path for path in asked),
        "the host": host == "tools",
    }


def names_with_a_host():
    """names.q3."""
    names = ("localhost/web:v1", "team.example/web", "team/web:v1.2", "python:3.13")
    return {f"`{name}`": name.startswith(Reference.parse(name).registry) for name in names}


def a_tag_that_nobody_pushed():
    """names.q4."""
    registry, _ = shop(*(f"v{number}" for number in range(1, 6)))
    answer = registry.handle(Request("GET", f"/v2/web/manifests/{Reference.parse('registry.example/web').tag}"))
    return {
        "an error": answer.status == 404,
        "version 5": answer.body == registry.image("web:v5").manifest.raw,
        "version 1": answer.body == registry.image("web:v1").manifest.raw,
        "a list": b'"tags"' in answer.body,
    }


def a_tag_that_moves():
    """names.q5."""
    registry, laptop = shop("v1")
    old, new = registry.image("web:v1").digest, webapp.build(laptop, "v2").manifest.digest
    laptop.tag("registry.example/web:v2", "registry.example/web:v1")
    laptop.push("registry.example/web:v1")
    now = registry.image("web:v1").digest
    there = registry.handle(Request("GET", f"/v2/web/manifests/{old}")).status == 200
    return {
        "the tag names the new image, and you can pull": now == new and there,
        "nothing": now == old,
        "the tag names both": isinstance(registry.image("web:v1").manifest, ImageIndex),
        "the tag names the new image, and the old": now == new and not there,
    }


def a_front_end_that_crashes():
    """names.q6: a front end pushes and is gone, and another one over the same storage is asked."""
    storage = Storage()
    laptop = Client(registries=[Registry("registry.example", storage)])
    webapp.build(laptop)
    pushed = laptop.push("registry.example/web:v1")
    other = Registry("registry.example", storage)
    there = other.handle(Request("HEAD", "/v2/web/manifests/v1")).status
    pulled = Client(registries=[other]).pull("registry.example/web:v1").fetched_bytes if there == 200 else 0
    whole = pulled == pushed.image_bytes
    return {"you can pull all": whole, "it's lost": there == 404, "it's out of reach": there != 200 or not whole}


def names_in_a_year():
    """names.q7: both tags are pushed again, with another image."""
    registry, laptop = shop("v1", "v2")
    pinned = f"registry.example/web@{registry.image('web:v2').digest}"
    tags = ["registry.example/web:latest", "registry.example/web:1.4.2"]
    pulled = []
    for version in ("v2", "v1"):
        for tag in tags:
            laptop.tag(f"registry.example/web:{version}", tag)
            laptop.push(tag)
        pulled.append([Client(registries=[registry]).pull(name).digest for name in (pinned, *tags)])
    same = [before == after for before, after in zip(*pulled, strict=True)]
    return dict(zip(("`web@sha256", "`registry.example/web:latest`", "`web:1.4.2`"), same, strict=True))


def instructions_that_make_a_layer():
    """layers.q1."""
    text = (
        'FROM base\nCOPY app.py /app/\nRUN pip install flask\nENV DEBUG=0\nEXPOSE 8080\nCMD ["python", "/app/app.py"]\n'
    )
    laptop = Client()
    laptop.build("base", "FROM scratch\nCOPY sh /bin/\n", {"sh": "#!"})
    report = laptop.build("app", text, {"app.py": "1"})
    return among(sum(step.layer is not None for step in report.steps), 2, 3, 5)


def a_file_that_is_replaced():
    """layers.q2."""
    laptop = Client()
    files = {f"all/{number}": f"{number}\nline\n" for number in range(5000)}
    laptop.build("base", "FROM scratch\nCOPY all /data\n", files)
    laptop.build("app", "FROM base\nCOPY 17 /data/17\n", {"17": "17\nanother line\n"})
    top = [entry for entry in laptop.layers("app")[-1] if entry.kind == "file"]
    return {
        "that one file": [entry.content for entry in top] == [b"17\nanother line\n"],
        "all 5,000": len(top) == 5000,
        "the lines": [entry.content for entry in top] == [b"another line\n"],
    }


def what_changes_a_digest():
    """layers.q3."""
    here, there = Registry("here.example"), Registry("there.example")
    laptop = Client(registries=[here, there])
    laptop.build("here.example/a:v1", "FROM scratch\nCOPY a /\n", {"a": "A"})
    for name in ("here.example/a:v2", "there.example/a:v1"):
        laptop.tag("here.example/a:v1", name)
    for name in ("here.example/a:v1", "here.example/a:v2", "there.example/a:v1"):
        laptop.push(name)
    v1, v2, elsewhere = here.manifest("a", "v1"), here.manifest("a", "v2"), there.manifest("a", "v1")
    plain = Changeset.of([Entry("a", content=b"A")]).diff_id
    return {
        "a later time": Changeset.of([Entry("a", content=b"A", mtime=60)]).diff_id != plain,
        "another name": Changeset.of([Entry("b", content=b"A")]).diff_id != plain,
        "another tag": v2.layers != v1.layers,
        "a push": elsewhere.layers != v1.layers,
    }


def the_same_dockerfile():
    """layers.q4: three builds, of which the last one writes other bytes."""
    texts = ("curl 8", "curl 8", "curl 9")
    command = "apt-get install -y curl"
    first, second, later = (
        Client().build("a", f"FROM scratch\nRUN {command}\n", effects={command: {"usr/bin/curl": text}}).manifest.digest
        for text in texts
    )
    return {"only if": first == second != later, "yes": first == second == later, "no": first != second}


def bytes_of_a_removed_file():
    """layers.q5; both of the last options stand for no byte at all."""
    laptop = Client()
    steps = {"one": {"data.bin": 50_000}, "two": {"out.bin": 1_000}, "three": RunEffect(removed=("data.bin",))}
    laptop.build("a", "FROM scratch\nRUN one\nRUN two\nRUN three\n", effects=steps)
    carried = sum(len(e.content) for layer in laptop.layers("a") for e in layer if e.path == "data.bin")
    return {"50,000 bytes": carried == 50_000, "0 bytes, because": carried == 0, "0 bytes, after": carried == 0}


def steps_that_leave_nothing():
    """layers.q6."""
    gone = RunEffect({"out": "x"}, removed=("big.tar",))
    effects = {
        "fetch big.tar": {"big.tar": 99},
        "unpack big.tar": {"out": "x"},
        "rm big.tar": RunEffect(removed=("big.tar",)),
    }
    joint, half = "fetch big.tar && unpack big.tar && rm big.tar", "unpack big.tar && rm big.tar"
    recipes = {
        "`RUN fetch big.tar &&": (f"RUN {joint}\n", {joint: RunEffect({"out": "x"})}),
        "`RUN fetch big.tar`": ("RUN fetch big.tar\nRUN unpack big.tar\nRUN rm big.tar\n", effects),
        "`COPY big.tar": (f"COPY big.tar /\nRUN {half}\n", {half: gone}),
    }
    left = {}
    for option, (steps, effect) in recipes.items():
        laptop = Client()
        laptop.build("a", f"FROM scratch\n{steps}", {"big.tar": "x" * 99}, effects=effect)
        left[option] = not any(entry.path == "big.tar" for layer in laptop.layers("a") for entry in layer)
    return left


def a_layer_compressed_anew():
    """layers.q7."""
    layer = Changeset.of({"words": "layer upon layer\n" * 3000})
    fast, small = layer.to_gzip(level=1), layer.to_gzip(level=9)
    stays = Changeset.from_blob(fast).diff_id == Changeset.from_blob(small).diff_id
    return {"the diff ID": stays, "the digest": Digest.of(fast) == Digest.of(small), "none": not stays}


def twelve_digits():
    """layers.q8."""
    _, laptop = shop("v1")
    image = laptop.manifest("registry.example/web:v1")
    digests = {
        "of the config": image.config.digest,
        "of the top layer": image.layers[-1].digest,
        "of the manifest": image.digest,
    }
    return {f"the digest {which}": digest.short == "5e65934f2678" for which, digest in digests.items()}


HOLDS = {
    "start.q2": parts_of_a_second_push,
    "start.q3": an_older_version,
    "names.q1": a_name_in_a_reference,
    "names.q2": who_is_asked,
    "names.q3": names_with_a_host,
    "names.q4": a_tag_that_nobody_pushed,
    "names.q5": a_tag_that_moves,
    "names.q6": a_front_end_that_crashes,
    "names.q7": names_in_a_year,
    "layers.q1": instructions_that_make_a_layer,
    "layers.q2": a_file_that_is_replaced,
    "layers.q3": what_changes_a_digest,
    "layers.q4": the_same_dockerfile,
    "layers.q5": bytes_of_a_removed_file,
    "layers.q6": steps_that_leave_nothing,
    "layers.q7": a_layer_compressed_anew,
    "layers.q8": twelve_digits,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
