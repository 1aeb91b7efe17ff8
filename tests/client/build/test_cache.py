"""The build cache: what is a hit, and why the rest is not."""

from __future__ import annotations

import os

import pytest

from simregistry.client.build.cache import BuildCache, CacheLookup, fingerprints
from simregistry.client.client import Client
from simregistry.oci.entry import file

TEXT = "FROM scratch\nCOPY lock /\nRUN install\nCOPY app.py /\nCMD run\n"
FILES = {"lock": "1", "app.py": "v1"}


@pytest.fixture
def laptop() -> Client:
    """A client that has built app:v1."""
    client = Client()
    client.build("app:v1", TEXT, FILES)
    return client


def reasons(laptop, text=TEXT, files=FILES, name="app:v1", **options):
    """Why each step after FROM was or was not found."""
    return [step.reason for step in laptop.build(name, text, files, **options).steps[1:]]


def test_the_first_build_finds_nothing():
    """And says that it is the first."""
    assert reasons(Client()) == ["first build"] * 4


def test_a_new_tag_is_compared_with_the_tag_before(laptop):
    """v2 of an app is another build of the app, not a first build."""
    files = FILES | {"app.py": "v2"}
    assert reasons(laptop, files=files, name="app:v2") == [
        "hit", "hit", "files changed: app.py", "a step before it changed",
    ]  # fmt: skip


def test_the_order_of_instructions_decides_what_is_found(laptop):
    """COPY all before the install, and each change of the code installs anew."""
    text = "FROM scratch\nCOPY . /\nRUN install\n"
    reasons(laptop, text)
    assert reasons(laptop, text, FILES | {"app.py": "v2"}) == ["files changed: app.py", "a step before it changed"]


def test_changed_text_is_named_as_such(laptop):
    """Also where only a flag, a variable or a build argument differs."""
    assert reasons(laptop, TEXT.replace("RUN install", "RUN install --more"))[1] == "instruction changed"
    args = "FROM scratch\nARG V=1\nRUN make\n"
    reasons(laptop, args)
    assert reasons(laptop, args, build_args={"V": "2"}) == ["instruction changed", "a step before it changed"]
    mount = "FROM scratch\nRUN --mount=type=cache,target={} make\n"
    reasons(laptop, mount.format("/a"))
    assert reasons(laptop, mount.format("/b")) == ["instruction changed"]


def test_an_instruction_more_is_new(laptop):
    """What stands before it is found all the same."""
    assert reasons(laptop, f"{TEXT}USER app\n") == ["hit", "hit", "hit", "hit", "new instruction"]


def test_another_base_changes_all_above_it(laptop):
    """The layers above are made for what lies below them."""
    for version in "12":
        laptop.build(f"base:{version}", "FROM scratch\nCOPY v /\n", {"v": version})
    reasons(laptop, "FROM base:1\nRUN a\nRUN b\n", name="other:v1")
    assert reasons(laptop, "FROM base:2\nRUN a\nRUN b\n", name="other:v1") == [
        "its base changed", "a step before it changed",
    ]  # fmt: skip


def test_going_back_is_a_hit(laptop):
    """What was built once is still there."""
    reasons(laptop, files=FILES | {"app.py": "v2"})
    assert reasons(laptop) == ["hit"] * 4


def test_the_time_of_a_file_does_not_count(tmp_path):
    """Its content does, and its mode."""
    (tmp_path / "app.py").write_text("v1")
    client, text = Client(), "FROM scratch\nCOPY app.py /\n"
    first = client.build("app:v1", text, tmp_path)
    os.utime(tmp_path / "app.py", (1, 1))
    again = client.build("app:v1", text, tmp_path)
    assert (again.steps[1].reason, again.manifest) == ("hit", first.manifest)
    (tmp_path / "app.py").chmod(0o755)
    assert client.build("app:v1", text, tmp_path).steps[1].reason == "files changed: app.py"


def test_compressed_and_plain_layers_are_not_taken_for_each_other(laptop):
    """They are other blobs."""
    report = laptop.build("app:v1", TEXT, FILES, compression="gzip")
    assert not any(step.cached for step in report.steps)


def test_a_stage_on_a_stage_is_not_taken_for_its_base():
    """ENTRYPOINT resets the CMD of a base, not one of its own stage: the same lines, two outcomes."""
    client = Client()
    client.build("one:1", 'FROM scratch\nCMD ["x"]\nENTRYPOINT ["run"]\n')
    client.build("two:1", 'FROM scratch AS base\nCMD ["x"]\nFROM base\nENTRYPOINT ["run"]\n')
    assert [client.config(name).runtime.cmd for name in ("one:1", "two:1")] == [("x",), ()]


def test_a_build_that_failed_leaves_what_it_had_made(laptop):
    """Mended, it goes on from there."""
    text = "FROM scratch\nRUN a\nCOPY missing /\n"
    with pytest.raises(ValueError, match="missing"):
        laptop.build("new:v1", text)
    assert reasons(laptop, text, {"missing": "x"}, name="new:v1") == ["hit", "new instruction"]


def test_many_changed_files_are_counted():
    """Three by name."""
    cache, place = BuildCache(names={"app"}), ("app", 0, 0)
    cache.places[place] = CacheLookup("", "COPY", {})
    files = fingerprints({name: file(name) for name in "abcde"})
    assert (
        cache.reason(place, CacheLookup("", "COPY", files), followed_a_miss=False)
        == "files changed: a, b, c and 2 more"
    )


def test_clients_that_share_a_store_share_the_cache_if_it_is_given(laptop):
    """A store is images and blobs alone; what was built comes out the same either way."""
    both = Client(store=laptop.store, build_cache=laptop.build_cache)
    assert reasons(both) == ["hit"] * 4
    store_alone = Client(store=laptop.store)
    assert reasons(store_alone, name="app:v2") == ["first build"] * 4
    assert laptop.store.images["docker.io/library/app:v1"] == laptop.store.images["docker.io/library/app:v2"]


def test_a_cache_beside_another_store_does_not_pretend_to_have_its_layers(laptop):
    """What left no layer is a hit; a layer that is not here is made again."""
    elsewhere = Client(build_cache=laptop.build_cache)
    assert [step.cached for step in elsewhere.build("app:v1", TEXT, FILES).steps[1:]] == [False, False, False, True]
    assert elsewhere.manifest("app:v1") == laptop.manifest("app:v1")
