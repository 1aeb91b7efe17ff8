"""Where nobody signed in, a client is whoever ``docker login`` signed in on this machine."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simregistry import Client, Registry, cli, docker_credentials
from simregistry.client.sign_in import Credentials
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.remote import Remote
from simregistry.connect.server import Server
from simregistry.errors import TransferFailed
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.gate import BearerGate
from simregistry.registry.middleware.tokens import TokenService
from simregistry.study.sharing.remote_images import from_registry


def packed(text: str) -> str:
    """A name and a password as docker writes them."""
    return base64.b64encode(text.encode()).decode()


def test_dockers_own_file_is_read(tmp_path):
    """By host; Docker Hub has a key of its own; what cannot be read is no credentials."""
    auth = base64.b64encode(b"me:pass:word").decode()
    file = tmp_path / "config.json"
    file.write_text(
        json.dumps({"auths": {"registry.example": {"auth": auth}, "https://index.docker.io/v1/": {"auth": auth}}})
    )
    assert docker_credentials("registry.example", file) == Credentials("me", "pass:word")
    assert docker_credentials("docker.io", file) == Credentials("me", "pass:word")
    assert docker_credentials("elsewhere.example", file) == Credentials()
    file.write_text("[broken")
    assert docker_credentials("registry.example", file) == Credentials()


@pytest.mark.parametrize(("host", "key"), [
    ("registry.example", "http://registry.example"), ("registry.example", "https://registry.example/v1/"),
    ("registry.example", "https://registry.example/v2/"), ("registry.example:5000", "registry.example:5000/v1"),
    ("docker.io", "index.docker.io/v1/"), ("docker.io", "docker.io"),
])  # fmt: skip
def test_a_key_may_be_an_address(tmp_path, host, key):
    """As docker wrote it over the years; the host as it is comes first, and another host is another one."""
    entries = {"other." + key.removeprefix("http://"): {"auth": packed("you:1")}, key: {"auth": packed("me:2")}}
    assert read(tmp_path, entries, host) == Credentials("me", "2")
    assert read(tmp_path, entries | {host: {"auth": packed("first:3")}}, host) == Credentials("first", "3")


@pytest.mark.parametrize("entry", [
    {"auth": "abc"}, {"auth": "YQ="}, {"auth": "\u00e9"}, {"auth": 5}, {"auth": ""}, {}, [], None, "text",
    {"auth": packed("00000000-0000-0000-0000-000000000000:"), "identitytoken": "jwt"},
])  # fmt: skip
def test_what_cannot_be_used_is_no_credentials(tmp_path, entry):
    """Broken base64, no password, or one that a helper program has; the entries beside it still count."""
    auths = {"registry.example": entry, "other.example": {"auth": packed("me:2")}}
    assert read(tmp_path, auths) == Credentials()
    assert read(tmp_path, auths, "other.example") == Credentials("me", "2")
    assert read(tmp_path, auths | {"https://registry.example": {"auth": packed("me:2")}}) == Credentials("me", "2")


@pytest.mark.parametrize("text", ["[broken", "[]", "5", "{}", '{"auths": []}', '{"auths": null}', "[" * 100_000, ""])
def test_a_file_that_cannot_be_read_is_no_credentials(tmp_path, text):
    """And no error: most machines have none."""
    (tmp_path / "config.json").write_text(text)
    assert docker_credentials("registry.example", tmp_path / "config.json") == Credentials()


def read(folder: Path, auths: dict[str, Any], host: str = "registry.example") -> Credentials:
    """What is read for a host from a file with these entries."""
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return docker_credentials(host, folder / "config.json")


@pytest.fixture
def gated(served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A served registry that ann alone may use, on a machine where ann ran `docker login`."""
    access = Access((Account("ann", "right"),), (Grant("ann", "*", ACTIONS),))
    gate = BearerGate(TokenService(access, served.address), f"http://{served.address}/token")
    served.registry = replace(Registry(served.address), middleware=(gate,))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    read(tmp_path, {served.address: {"auth": packed("ann:right")}})
    return served


def test_a_client_is_given_them_and_may_sign_in_as_somebody_else(gated):
    """A client that is not given them is nobody."""
    name = f"{gated.address}/app:v1"
    laptop = Client(transports={gated.address: Remote(gated.address)}, credentials=docker_credentials)
    laptop.build(name, "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
    laptop.push(name)
    with pytest.raises(TransferFailed, match="does not know nobody"):
        laptop.login(gated.address, "nobody", "wrong")
    laptop.pull(name)
    with pytest.raises(TransferFailed, match="401"):
        Client(transports={gated.address: Remote(gated.address)}).pull(name)


def test_images_are_copied_and_counted_as_who_signed_in(gated, tmp_path, capsys):
    """By `simregistry copy` and from_registry, and not where docker has no password for the registry."""
    local = Registry("registry.example")
    laptop = Client(registries=[local])
    built = laptop.build("registry.example/app:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"}).manifest
    layout = OciLayout(tmp_path / "layout")
    for blob in built.blobs:
        layout.put_blob(blob, laptop.store.blobs[blob.digest])
    layout.put_manifest(built, "v1")
    there = f"docker://{gated.address}/app:v1"
    assert cli.main(["copy", f"oci:{tmp_path / 'layout'}:v1", there]) == 0
    assert from_registry([f"{gated.address}/app:v1"]).stored_bytes == built.layers[0].size
    (tmp_path / "config.json").unlink()
    assert cli.main(["copy", there, f"oci:{tmp_path / 'back'}:v1"]) == 2
    assert "401" in capsys.readouterr().err
