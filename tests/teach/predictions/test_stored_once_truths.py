"""What the lesson on storing once says is so: it follows from stores and images, and others give another answer."""

from __future__ import annotations

import inspect
from dataclasses import replace

from simregistry import BlobStore, Client, Registry
from simregistry.study import Sharing
from simregistry.study.examples import catalogue, webapp
from simregistry.teach.predictions import stored_once_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of


def services(count: int) -> Registry:
    """A registry with some services on the web app's base."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for number in range(count):
        webapp.build(laptop, f"v{number}", repository=f"service-{number}")
        laptop.push(f"registry.example/service-{number}:v{number}")
    return registry


def test_a_second_put_of_the_same_bytes_copies_nothing():
    """Other bytes would have been a second blob."""
    storage = BlobStore()
    first, second = storage.put(b"a"), storage.put(b"a")
    assert truths.same_bytes(first, second, storage) == "the name of the first copy"
    assert truths.same_bytes(first, storage.put(b"b"), storage) == "the name of a second copy"


def test_the_line_that_keeps_copies_out_is_found_in_the_source():
    """It is the condition around the line that stores; another condition there would be found just so."""
    source = inspect.getsource(BlobStore.put)
    assert truths.which_line(source) == "if held is None"
    other = "def put(self, name):\n    if name is None:\n        self._blobs[name] = 1\n    return name\n"
    assert truths.which_line(other) == "if name is None"


def test_ten_images_and_what_beliefs_make_of_them():
    """Three layers once and ten codes; each wrong sum leads to its belief."""
    truth = truths.ten_images(services(10))
    assert truth.right == 307_200 + 10_240 + 71_680 + 10 * 10_240
    prediction = find_prediction("stored-once.ten-images")
    said = {
        3_993_600: "ten images take ten times the space",
        399_360: "images on one base are one image",
        1_228_800: "images share their base and nothing else",
    }
    assert {number: outcome_of(prediction, truth, number).beliefs[0] for number in said} == said
    assert outcome_of(prediction, truth, 490_000).right


def test_the_graph_has_a_code_layer_for_each_service():
    """As many as there are services."""
    assert [truths.own_layers(services(count)) for count in (2, 3)] == [2, 3]


def test_a_second_name_adds_nothing_and_a_new_version_does():
    """What is stored is compared before and after."""
    registry = services(2)
    laptop, before = Client(registries=[registry]), registry.storage_report()
    laptop.pull("registry.example/service-0:v0")
    laptop.tag("registry.example/service-0:v0", "registry.example/other:name")
    laptop.push("registry.example/other:name")
    truth = truths.other_name(before, registry.storage_report())
    assert (truth.right, truth.facts["asked"]) == (0, 399_360)
    webapp.build(laptop, "v9")
    laptop.push("registry.example/web:v9")
    assert truths.other_name(before, registry.storage_report()).right == 10_240 + 1_124 + 853


def test_the_same_command_shares_its_layer_only_with_the_same_bytes():
    """Another date makes another layer, another base makes all of them new."""
    recipe = "FROM registry.example/base:1\nRUN install\n"

    def build(day: str, shell: str = "sh") -> object:
        laptop = Client()
        laptop.build("registry.example/base:1", "FROM scratch\nCOPY sh /\n", {"sh": shell})
        return laptop.build("app:1", recipe, effects={"install": {"log": day, "tool": 20_000}})

    said = [
        truths.same_package(build("Monday"), other).right
        for other in (build("Monday"), build("Tuesday"), build("Tuesday", "bash"))
    ]
    assert said == ["nothing", "the layer of its RUN line", "all of its layers"]


def test_real_images_save_a_third():
    """Computed from the registry, beside what the services save."""
    hub = catalogue.load(Registry("docker.io"))
    truth = truths.saved_share(hub, services(10))
    assert (truth.right, truth.facts) == (36, {"ten": 88})
    sharing = Sharing.of(hub)
    most = truths.saves_most(sharing)
    assert most.right == "compilers, -dev packages" and most.facts["copies"] == 5
    assert most.right in find_prediction("stored-once.saves-most").options


def test_pairs_are_compared_by_their_bytes():
    """Two Pythons and Python with Rust are alike; other pairs are not."""
    sharing = Sharing.of_images(catalogue.images())
    pythons, rust = sharing.pair("python:3.12", "python:3.13"), sharing.pair("python:3.13", "rust:1")
    nodes = sharing.pair("node:22", "node:24")
    assert truths.two_pythons(pythons, rust).right == "neither, it's the same for both"
    assert truths.two_pythons(pythons, nodes).right == "the two Pythons"
    assert truths.two_pythons(nodes, rust).right == "Python and Rust"


def test_an_image_that_another_is_built_on_brings_nothing_new():
    """A registry says the same; if Drupal had the layers of another image, that one would be the answer."""
    truth = truths.nothing_new(catalogue.images())
    question = find_prediction("stored-once.nothing-new")
    assert truth.right == "php:8.5-apache" and tuple(question.options) == truths.PUSHED_AFTER
    for name in question.options:
        registry = catalogue.load(Registry("docker.io"), ["drupal:latest"])
        before = registry.storage_report().layers.stored_bytes
        after = catalogue.load(registry, [name]).storage_report().layers.stored_bytes
        assert (after == before) == (name == truth.right)
    assert truth.facts == {"layers": 14, "asked": catalogue.find("php:8.5-apache").layer_bytes, "new": 0}
    others = {image.name: image for image in catalogue.images()}
    others["drupal:latest"] = replace(others["drupal:latest"], layers=others["node:22"].layers)
    assert truths.nothing_new(tuple(others.values())).right == "node:22"
