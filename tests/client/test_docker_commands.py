"""%docker speaks as the real tool does."""

from __future__ import annotations

import pytest

from simregistry.client.client import Client
from simregistry.client.docker_commands import COMMANDS, DockerCommand, UsageError, argument, docker_parser, run_docker
from simregistry.registry.registry import Registry

DOCKERFILE = "FROM scratch\nCOPY base /\nRUN make\nCMD run\n"
SITE = {"Dockerfile": DOCKERFILE, "base": "b"}
NAMES = {"site": SITE}


@pytest.fixture
def laptop() -> Client:
    """A laptop that reaches registry.example and has built the site."""
    client = Client(registries=[Registry("registry.example")])
    run_docker(client, "build -t registry.example/site:v1 site", NAMES)
    return client


def test_build_names_its_steps_and_says_what_was_cached(laptop):
    """BuildKit's lines, and an honest word on what was not run."""
    text = run_docker(laptop, "build -t registry.example/site:v2 site", NAMES)
    assert text.splitlines()[:3] == [
        " => [1/3] FROM scratch",
        " => CACHED [2/3] COPY base /",
        " => CACHED [3/3] RUN make  (nothing is run here: its effect is assumed)",
    ]
    assert text.splitlines()[-1] == " => => naming to registry.example/site:v2"


def test_a_cell_is_a_dockerfile(laptop):
    """%%docker build: the text below the line."""
    run_docker(laptop, "build -t two site", NAMES, "FROM scratch\nCOPY base /two\n")
    assert list(laptop.rootfs("two")) == ["two"]


def test_push_says_what_became_of_each_layer(laptop):
    """Pushed; Layer already exists; Mounted from."""
    first = run_docker(laptop, "push registry.example/site:v1").splitlines()
    assert first[0] == "The push refers to repository [registry.example/site]"
    assert [line.partition(": ")[2] for line in first[1:3]] == ["Pushed", "Pushed"]
    manifest = laptop.manifest("registry.example/site:v1")
    assert first[3] == f"v1: digest: {manifest.digest} size: {manifest.size}"
    again = run_docker(laptop, "push registry.example/site:v1")
    assert again.count("Layer already exists") == 2
    run_docker(laptop, "tag registry.example/site:v1 registry.example/copy:v1")
    assert run_docker(laptop, "push registry.example/copy:v1").count("Mounted from site") == 2


def test_pull_says_what_it_fetched_and_what_was_there(laptop):
    """Pull complete; Already exists; the two status lines."""
    run_docker(laptop, "push registry.example/site:v1")
    manifest = laptop.manifest("registry.example/site:v1")
    other = Client(transports=laptop.transports)
    text = run_docker(other, "pull registry.example/site:v1").splitlines()
    assert text[0] == "v1: Pulling from site"
    assert text[1] == f"{manifest.layers[0].digest.short}: Pull complete"
    assert text[3:] == [
        f"Digest: {manifest.digest}",
        "Status: Downloaded newer image for registry.example/site:v1",
        "registry.example/site:v1",
    ]
    assert "Status: Image is up to date for registry.example/site:v1" in run_docker(
        other, "pull registry.example/site:v1"
    )
    laptop.build("registry.example/site:v2", DOCKERFILE + "RUN more\n", SITE)
    run_docker(laptop, "push registry.example/site:v2")
    assert run_docker(other, "pull registry.example/site:v2").count("Already exists") == 2


def test_images_history_inspect_and_rmi(laptop):
    """Columns as docker has them."""
    assert run_docker(laptop, "images").splitlines()[0].split() == [
        "REPOSITORY",
        "TAG",
        "IMAGE",
        "ID",
        "CREATED",
        "SIZE",
    ]
    history = run_docker(laptop, "history registry.example/site:v1").splitlines()
    assert len(history) == 4 and history[2].startswith("<missing>")
    assert '"RootFS"' in run_docker(laptop, "inspect registry.example/site:v1")
    assert run_docker(laptop, "rmi registry.example/site:v1").startswith(
        "Untagged: registry.example/site:v1\nDeleted: sha256:"
    )
    assert run_docker(laptop, "images").splitlines()[1:] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "Usage:  docker COMMAND"),
        ("--help", "Usage:  docker COMMAND"),
        ("push --help", "usage: docker push"),
        ("push", "the following arguments are required"),
        ("push 'half a name", "docker: No closing quotation; begin and end a word"),
        ("swarm init", "'swarm' is not a docker command; there are build, history"),
        ("pull nothing", "Error response from daemon: no registry answers at docker.io"),
        ("push nothing", "Error response from daemon: no local image"),
        ("pull UPPER", "ERROR: reference"),
        ("pull registry.example/site:v9", "404"),
        ("build -t x nowhere", "is neither a folder nor the name of a dict"),
        ("build -t x -f Other site", "no such file"),
    ],
)
def test_what_goes_wrong_is_said_and_stops_nothing(laptop, line, said):
    """A refusal is text, as in a terminal."""
    if "Other" in line:
        assert "failed to read dockerfile" in run_docker(laptop, line, NAMES)
    else:
        assert said in run_docker(laptop, line, NAMES)


def test_every_command_has_help(laptop):
    """One line in the list, and a usage of its own."""
    for name in COMMANDS:
        assert f"\n  {name} " in run_docker(laptop, "--help")
        assert run_docker(laptop, f"{name} --help").startswith(f"usage: docker {name}")


def test_a_command_can_be_read_and_acted_on_without_dockers_words(laptop):
    """Levels and exercises say sentences of their own about the client's report."""
    command = COMMANDS["push"]
    arguments = command.read(["registry.example/site:v1"])
    assert command.act(laptop, arguments).digest == laptop.manifest("registry.example/site:v1").digest
    for words in ([], ["one", "two"], ["--force", "one"]):
        with pytest.raises(UsageError, match="usage: docker push"):
            command.read(words)


def test_a_command_of_ones_own_is_read_like_dockers(laptop):
    """A parser, an action and a sentence: no more is needed."""
    names = DockerCommand(
        docker_parser(
            "names", "Count the names of an image.", argument("--least", type=int, default=1), argument("image")
        ),
        lambda client, arguments: client.inspect(arguments.image)["RepoTags"],
        lambda client, arguments, tags: f"{len(tags)} names, {arguments.least} wanted",
    )
    assert names.run(laptop, ["registry.example/site:v1", "--least", "2"]) == "1 names, 2 wanted"
    with pytest.raises(UsageError, match="invalid int value"):
        names.run(laptop, ["registry.example/site:v1", "--least", "many"])
