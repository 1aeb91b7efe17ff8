"""Builds: layers, history, config, cache and stages, in a world of three files."""

from __future__ import annotations

import pytest

from simregistry.client.build.run_effects import RunEffect
from simregistry.client.client import Client
from simregistry.errors import InvalidValue, TransferFailed
from simregistry.oci.content import Nominal
from simregistry.oci.digest import Digest
from simregistry.registry.registry import Registry

APP = {"app.py": "print('v1')", "requirements.txt": "flask\n"}
DOCKERFILE = """\
FROM scratch
COPY requirements.txt /app/
RUN pip install -r /app/requirements.txt
COPY app.py /app/
ENV PORT=8080
CMD ["python", "/app/app.py"]
"""
PIP = {"pip install -r /app/requirements.txt": {"usr/lib/flask.py": 5000}}


@pytest.fixture
def laptop() -> Client:
    """A client that knows no registry."""
    return Client()


def build(laptop, dockerfile=DOCKERFILE, context=APP, name="app:v1", **options):
    """Build app:v1."""
    return laptop.build(name, dockerfile, context, **options)


def files(laptop, name="app:v1") -> dict[str, bytes]:
    """The regular files of an image."""
    return {path: e.content for path, e in laptop.rootfs(name).items() if e.kind == "file"}


def test_one_layer_for_each_run_copy_and_add_and_none_for_the_rest(laptop):
    """Three of six instructions change files."""
    report = build(laptop, effects=PIP)
    assert len(report.manifest.layers) == 3
    assert [bool(step.layer) for step in report.steps] == [False, True, True, True, False, False]
    assert [(h.created_by, h.empty_layer) for h in laptop.config("app:v1").history] == [
        ("COPY requirements.txt /app/ # buildkit", False),
        ("RUN /bin/sh -c pip install -r /app/requirements.txt # buildkit", False),
        ("COPY app.py /app/ # buildkit", False),
        ("ENV PORT=8080", True),
        ('CMD ["python" "/app/app.py"]', True),
    ]


def test_the_config_knows_how_to_run_it(laptop):
    """And names each layer by its diff ID."""
    report = build(laptop, effects=PIP)
    config = laptop.config("app:v1")
    assert (config.runtime.env, config.runtime.cmd) == (("PORT=8080",), ("python", "/app/app.py"))
    assert config.diff_ids == tuple(layer.digest for layer in report.manifest.layers)
    assert set(files(laptop)) == {"app/app.py", "app/requirements.txt", "usr/lib/flask.py"}


def test_the_same_input_is_the_same_image_on_every_machine(laptop):
    """Two clients, one digest."""
    assert build(laptop, effects=PIP).manifest == build(Client(), effects=PIP).manifest


def test_compressed_layers_have_two_digests(laptop):
    """gzip: the manifest names what travels, the config what is stacked."""
    plain, packed = build(laptop, effects=PIP), build(Client(), effects=PIP, compression="gzip")
    other = Client()
    build(other, effects=PIP, compression="gzip")
    assert other.config("app:v1").diff_ids == laptop.config("app:v1").diff_ids
    assert all(a.digest != b.digest for a, b in zip(plain.manifest.layers, packed.manifest.layers, strict=True))
    assert files(other) == files(laptop)


def test_the_cache_gives_its_reasons(laptop):
    """Changed code: the steps before it are hits, it and what follows are not."""
    build(laptop, effects=PIP)
    again = build(laptop, effects=PIP)
    assert [step.reason for step in again.steps[1:]] == ["hit"] * 5
    changed = build(laptop, context=APP | {"app.py": "print('v2')"}, effects=PIP)
    assert [step.reason for step in changed.steps[1:]] == [
        "hit", "hit", "files changed: app/app.py", "a step before it changed", "a step before it changed",
    ]  # fmt: skip
    new = build(laptop, DOCKERFILE.replace("8080", "80"), effects=PIP)
    assert new.steps[4].reason == "instruction changed"
    assert {step.reason for step in build(laptop, effects=PIP, cache=False).steps[1:]} == {"cache off"}


def test_the_cache_knows_nothing_of_what_a_command_does(laptop):
    """The world changed, the text did not: a hit, with the old files."""
    build(laptop, effects=PIP)
    newer = {next(iter(PIP)): {"usr/lib/flask.py": 9999}}
    report = build(laptop, effects=newer)
    assert report.steps[2].cached
    assert len(files(laptop)["usr/lib/flask.py"]) == 5000


def test_a_run_without_an_effect_is_assumed_and_says_so(laptop):
    """One file, from the command and what lies below."""
    report = build(laptop)
    assert [step.assumed for step in report.steps] == [False, False, True, False, False, False]
    other = build(Client(), context=APP | {"requirements.txt": "django\n"})
    assert other.steps[2].layer != report.steps[2].layer
    assert "(effect assumed)" in str(report)


def test_an_effect_for_no_run_is_refused(laptop):
    """It would be ignored in silence."""
    with pytest.raises(InvalidValue, match="the RUNs are: pip install"):
        build(laptop, effects={"pip instal": {}})


def test_a_deleted_file_still_costs(laptop):
    """The upper layer hides it; the lower one keeps its bytes."""
    text = "FROM scratch\nRUN fetch\nRUN rm /big\n"
    report = build(laptop, text, {}, effects={"fetch": {"big": 100_000}, "rm /big": RunEffect(removed=("big",))})
    assert files(laptop) == {}
    assert report.manifest.layers[0].size > 100_000


def test_arguments_reach_from_and_run(laptop):
    """ARG before FROM, ARG after it, --build-arg, and what RUN's cache key holds."""
    build(laptop, "FROM scratch\nCOPY app.py /\n", name="base:2")
    text = "ARG V=1\nFROM base:$V\nARG MODE=slow\nARG V\nRUN make $MODE\nENV M=${MODE}\n"
    assert build(laptop, text, build_args={"V": "2", "MODE": "fast"}).steps[0].text == "FROM base:2"
    assert laptop.config("app:v1").runtime.env == ("M=fast",)
    again = build(laptop, text, build_args={"V": "2", "MODE": "slow"})
    assert not next(step for step in again.steps if step.text.startswith("RUN")).cached


def test_stages_that_nothing_needs_are_not_built(laptop):
    """COPY --from by name; the builder's layers stay behind."""
    text = "FROM scratch AS build\nRUN make\nFROM scratch AS unused\nRUN never\nFROM scratch\nCOPY --from=build /out/app /bin/\n"
    report = build(laptop, text, {}, effects={"make": {"out/app": 10, "big": 1000}, "never": {}})
    assert [step.text for step in report.steps] == [
        "FROM scratch", "RUN make", "FROM scratch", "COPY --from=build /out/app /bin/",
    ]  # fmt: skip
    assert list(files(laptop)) == ["bin/app"]
    assert list(files(laptop)) != list(build(laptop, text, {}, target="build").manifest.layers)
    with pytest.raises(InvalidValue, match="there is build, unused, 2"):
        build(laptop, text, {}, target="nowhere")


def test_a_base_image_is_pulled_and_its_defaults_are_inherited():
    """FROM a registry's image; ENTRYPOINT resets the base's CMD, CMD after it counts."""
    registry = Registry("registry.example")
    one, other = Client(registries=[registry]), Client(registries=[registry])
    one.build("registry.example/base:1", 'FROM scratch\nCOPY app.py /\nENV A=1\nWORKDIR /srv\nCMD ["x"]\n', APP)
    one.push("registry.example/base:1")
    other.build("app:v1", 'FROM registry.example/base:1\nCOPY app.py copy.py\nENTRYPOINT ["run"]\n', APP)
    runtime = other.config("app:v1").runtime
    assert (runtime.env, runtime.working_dir, runtime.entrypoint, runtime.cmd) == (("A=1",), "/srv", ("run",), ())
    assert other.manifest("app:v1").layers[0] == one.manifest("registry.example/base:1").layers[0]
    assert set(files(other)) == {"app.py", "srv/copy.py"}


def test_a_base_known_by_name_alone_can_be_built_on(laptop):
    """Its layers are nominal: they are named, counted and kept, and the new layer comes on top."""
    build(laptop, "FROM scratch\nCOPY app.py /\n", name="base:1")
    digest = laptop.manifest("base:1").layers[0].digest
    laptop.store.blobs[digest] = Nominal(digest, laptop.manifest("base:1").layers[0].size)
    report = build(laptop, "FROM base:1\nCOPY requirements.txt /\n", name="app:v1")
    assert report.manifest.layers[0].digest == digest


def test_a_base_that_is_nowhere_stops_the_build(laptop):
    """And no image is listed."""
    with pytest.raises(TransferFailed, match="no registry answers at docker.io"):
        build(laptop, "FROM python:3.13\n")
    assert laptop.images().rows == ()


@pytest.mark.parametrize(
    ("mistake", "rule"),
    [
        ("COPY nothing /x", "line 3: no file 'nothing'; the context has a.txt"),
        ("ENV A", "line 3: ENV needs name=value"),
        ('ENV A="x', "that is never closed"),
        ("EXPOSE http", "isn't a port"),
        ("EXPOSE 70000", "isn't a port"),
        ("SHELL bash", "needs the exec form"),
        ("ONBUILD FROM x", "cannot keep a FROM"),
        ("HEALTHCHECK --interval=soon CMD x", "takes a time"),
        ("HEALTHCHECK x", "write HEALTHCHECK CMD"),
        ("COPY --from=later x /\nFROM scratch AS later", "earlier stage"),
        ("COPY --from=7 x /", "earlier stage"),
        ("FROM --platform=linux/arm64 scratch", "this build is for linux/amd64"),
        ("FROM $NOTHING", "the base is empty"),
    ],
)
def test_a_mistake_stops_the_build_and_leaves_no_image(laptop, mistake, rule):
    """The line, the rule, and nothing half-done."""
    with pytest.raises(InvalidValue) as refusal:
        build(laptop, f"FROM scratch\nRUN fine\n{mistake}\n", {"a.txt": "A"}, target="0" if "later" in mistake else "")
    assert rule in refusal.value.rule
    assert laptop.images().rows == ()


def test_every_other_instruction_lands_in_the_config(laptop):
    """And in the history as BuildKit words it: as Go prints lists, and nothing for an ONBUILD."""
    text = (
        'FROM scratch\nUSER app\nEXPOSE 80 53/udp\nVOLUME /data\nLABEL a=1 b="x y"\nSTOPSIGNAL SIGINT\n'
        'SHELL ["/bin/bash", "-c"]\nHEALTHCHECK --interval=1m30s --retries=2 CMD curl -f /\nONBUILD RUN x\n'
        "MAINTAINER me\nWORKDIR /srv\nWORKDIR app\nCMD run it\n"
    )
    build(laptop, text)
    config = laptop.config("app:v1")
    runtime = config.runtime
    assert (runtime.user, runtime.exposed_ports, runtime.volumes) == ("app", ("53/udp", "80/tcp"), ("/data",))
    assert (runtime.labels, config.author, runtime.working_dir) == ({"a": "1", "b": "x y"}, "me", "/srv/app")
    assert (runtime.stop_signal, runtime.cmd, runtime.on_build) == ("SIGINT", ("/bin/bash", "-c", "run it"), ("RUN x",))
    assert runtime.healthcheck == {"Test": ["CMD-SHELL", "curl -f /"], "Interval": 90 * 10**9, "Retries": 2}
    assert [step.created_by for step in config.history] == [
        "USER app", "EXPOSE map[53/udp:{} 80/tcp:{}]", "VOLUME [/data]", "LABEL a=1 b=x y", "STOPSIGNAL SIGINT",
        "SHELL [/bin/bash -c]", "HEALTHCHECK --interval=1m30s --retries=2 CMD curl -f /", "MAINTAINER me",
        "WORKDIR /srv", "WORKDIR /srv/app", 'CMD ["/bin/bash" "-c" "run it"]',
    ]  # fmt: skip
    assert all(step.empty_layer for step in config.history)


def test_a_value_with_a_space_stays_one_value(laptop):
    """Variables are put in after the words were cut, and not within single quotes."""
    build(laptop, 'FROM scratch\nARG X="a b" Y=c\nENV P=$X Q=\'$X\' R="$Y d"\nENV OLD $X "e"\n')
    assert laptop.config("app:v1").runtime.env == ("P=a b", "Q=$X", "R=c d", "OLD=a b e")


def test_a_run_is_worded_with_the_arguments_in_its_reach(laptop):
    """As BuildKit has it in the history: |, how many, which; and heredocs as the script that they are."""
    build(laptop, "FROM scratch\nARG A=1 B\nRUN make\nRUN <<EOF\none\ntwo\nEOF\n")
    assert [step.created_by for step in laptop.config("app:v1").history] == [
        "ARG A=1 B", "RUN |2 A=1 B= /bin/sh -c make # buildkit", "RUN |2 A=1 B= /bin/sh -c one\ntwo\n # buildkit",
    ]  # fmt: skip


def test_arguments_change_what_an_assumed_run_leaves(laptop):
    """Another argument, another command."""
    text = "FROM scratch\nARG MODE\nRUN make $MODE\n"
    fast, slow = (build(laptop, text, build_args={"MODE": mode}).manifest.layers for mode in ("fast", "slow"))
    assert fast != slow


def test_removing_what_is_not_there_leaves_no_whiteout(laptop):
    """A layer is found by comparing the tree after with the tree before."""
    build(laptop, "FROM scratch\nRUN clean\n", effects={"clean": RunEffect(removed=("var/cache",))})
    assert [len(layer) for layer in laptop.layers("app:v1")] == [0]


def test_onbuild_waits_for_the_child(laptop):
    """It is carried out right after the child's FROM, once: the grandchild knows nothing of it."""
    build(laptop, "FROM scratch\nONBUILD COPY app.py /src/\n", name="base:1")
    report = build(laptop, "FROM base:1\nUSER app\n", name="child:1")
    assert [step.text for step in report.steps] == ["FROM base:1", "COPY app.py /src/", "USER app"]
    assert laptop.config("child:1").runtime.on_build == ()
    assert list(files(laptop, "child:1")) == ["src/app.py"]


def test_a_stage_inherits_arguments_and_platform_is_known(laptop):
    """ARG from the stage below; TARGETARCH and its like are there once declared."""
    text = "FROM --platform=$BUILDPLATFORM scratch AS base\nARG V=1\nFROM base\nARG TARGETARCH\nENV X=$V-$TARGETARCH\n"
    build(laptop, text)
    assert laptop.config("app:v1").runtime.env == ("X=1-amd64",)


def test_a_cached_layer_that_was_removed_is_made_anew(laptop):
    """Removing the image took the blobs; the cache does not pretend to have them."""
    first = build(laptop, effects=PIP)
    laptop.remove("app:v1")
    assert not build(laptop, effects=PIP).steps[1].cached
    assert laptop.manifest("app:v1") == first.manifest
    assert isinstance(first.image_id, Digest)


def digests(report) -> list[Digest]:
    """The image's layers, from the base up."""
    return [layer.digest for layer in report.manifest.layers]


# The careless order: each change of the code makes the installation run again.
CARELESS = "FROM scratch\nCOPY . /app/\nRUN pip install -r /app/requirements.txt\n"
CHANGED = APP | {"app.py": "print('v2')"}


def test_a_run_that_runs_again_leaves_other_bytes_with_the_same_content(laptop):
    """A tar archive notes when a file was written: same content, same size, another digest, run after run."""
    reports = [
        build(laptop, CARELESS, APP | {"app.py": f"print('v{number}')"}, name=f"app:v{number}", effects=PIP)
        for number in (1, 2, 3)
    ]
    installs = [report.manifest.layers[1] for report in reports]
    assert len({layer.digest for layer in installs}) == 3 and len({layer.size for layer in installs}) == 1
    assert len({files(laptop, f"app:v{number}")["usr/lib/flask.py"] for number in (1, 2, 3)}) == 1
    written = [laptop.layers(f"app:v{number}")[1].entries[0].mtime for number in (1, 2, 3)]
    assert written == [0, 86_400, 172_800]


def test_a_run_that_is_told_to_run_again_leaves_other_bytes_and_a_hit_does_not(laptop):
    """--no-cache; the copied files were not written again, so their layers stay as they were."""
    first = build(laptop, effects=PIP)
    assert digests(build(laptop, effects=PIP)) == digests(first)
    again = build(laptop, effects=PIP, cache=False)
    assert [a == b for a, b in zip(digests(first), digests(again), strict=True)] == [True, False, True]
    assert digests(build(laptop, effects=PIP)) == digests(again)


def test_a_file_that_was_removed_again_is_dated_too(laptop):
    """A whiteout is an entry with a time of its own."""
    text = "FROM scratch\nCOPY . /app/\nRUN rm /app/app.py\n"
    effects = {"rm /app/app.py": RunEffect(removed=("app/app.py",))}
    one = build(laptop, text, APP, effects=effects)
    two = build(laptop, text, CHANGED, effects=effects)
    assert digests(one)[1] != digests(two)[1] and list(files(laptop)) == ["app/requirements.txt"]


def test_the_other_machine_runs_it_for_the_first_time(laptop):
    """What was built once on each of two machines is the same, whatever else was built there before."""
    build(laptop, CARELESS, name="other:v1", effects=PIP)
    build(laptop, CARELESS, CHANGED, name="other:v1", effects=PIP)
    build(laptop, "FROM scratch\nCOPY requirements.txt /\n", name="third:v1")
    assert build(laptop, name="third:v2", effects=PIP).manifest == build(Client(), effects=PIP).manifest


@pytest.mark.parametrize("compression", ["", "gzip"])
def test_source_date_epoch_gives_the_same_layer_again(laptop, compression):
    """BuildKit, docs/build-repro.md: SOURCE_DATE_EPOCH with rewrite-timestamp=true."""
    options = {"effects": PIP, "compression": compression, "build_args": {"SOURCE_DATE_EPOCH": "0"}}
    first, second = (build(laptop, CARELESS, context, **options) for context in (APP, CHANGED))
    assert not second.steps[2].cached
    assert [a == b for a, b in zip(digests(first), digests(second), strict=True)] == [False, True]
    assert second.steps[2].layer == second.manifest.layers[1]
    assert laptop.config("app:v1").diff_ids[1] == laptop.layers("app:v1")[1].diff_id


def test_source_date_epoch_rewrites_what_the_cache_has_and_leaves_it_there(laptop):
    """A hit is rewritten as well; a build without the argument takes the layer as it was made."""
    build(laptop, CARELESS, effects=PIP)
    second = build(laptop, CARELESS, CHANGED, effects=PIP)
    limited = build(laptop, CARELESS, CHANGED, effects=PIP, build_args={"SOURCE_DATE_EPOCH": "60"})
    assert [step.reason for step in limited.steps[1:]] == ["hit", "hit"]
    assert [entry.mtime for entry in laptop.layers("app:v1")[1]] == [60]
    assert digests(build(laptop, CARELESS, CHANGED, effects=PIP)) == digests(second)


def test_source_date_epoch_only_limits_and_reaches_a_run_that_asks_for_it(laptop):
    """A later limit changes nothing, and so does an empty one. Declared, the argument is part of the RUN's key."""
    first = build(laptop, CARELESS, effects=PIP)
    for seconds in ("99999999999", ""):
        assert digests(build(laptop, CARELESS, effects=PIP, build_args={"SOURCE_DATE_EPOCH": seconds})) == digests(
            first
        )
    declared = CARELESS.replace("RUN", "ARG SOURCE_DATE_EPOCH\nRUN")
    runs = [build(laptop, declared, build_args={"SOURCE_DATE_EPOCH": seconds}).steps[-1] for seconds in ("1", "1", "2")]
    assert [step.cached for step in runs] == [False, True, False]


@pytest.mark.parametrize("seconds", ["today", "-1", "1.5", "9" * 5000, " "])
def test_source_date_epoch_is_a_number_of_seconds(laptop, seconds):
    """What it cannot read it says, and builds nothing."""
    with pytest.raises(InvalidValue, match="seconds since 1970, such as 0"):
        build(laptop, effects=PIP, build_args={"SOURCE_DATE_EPOCH": seconds})
    assert laptop.store.images == {}
