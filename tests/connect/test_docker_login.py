"""Where nobody signed in, a client is whoever ``docker login`` signed in on this machine."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simregistry import Client, Registry, cli, docker_credentials
from simregistry.client.sign_in import Credentials
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.remote import Remote
from simregistry.connect.server import Server
from simregistry.errors import ImageUnknown, TransferFailed
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
    {"auth": packed("00000000-0000-0000-0000-000000000000:")}, {"auth": packed("me")}, {"auth": packed(":2")},
    {"auth": base64.b64encode(b"me:\xff").decode()}, {"auth": packed("me:2"), "identitytoken": "a b"}, {"identitytoken": 5},
    {"username": "me"}, {"username": "me", "password": 2}, {"registrytoken": "abc"},
])  # fmt: skip
def test_what_cannot_be_used_is_no_credentials(tmp_path, entry):
    """Broken base64, no password, or one that a helper program has; the entries beside it still count."""
    auths = {"registry.example": entry, "other.example": {"auth": packed("me:2")}}
    assert read(tmp_path, auths) == Credentials()
    assert read(tmp_path, auths, "other.example") == Credentials("me", "2")
    assert read(tmp_path, auths | {"https://registry.example": {"auth": packed("me:2")}}) == Credentials("me", "2")


@pytest.mark.parametrize("entry", [
    {"auth": packed("me:2")}, {"auth": packed("me:2") + "\n"}, {"auth": packed("me:2")[:4] + "\r\n " + packed("me:2")[4:]},
    {"auth": packed("me:2\0\0")}, {"username": "me", "password": "2"}, {"auth": "", "username": "me", "password": "2"},
    {"auth": packed("me:2"), "username": "you", "password": "3", "email": "me@example"},
])  # fmt: skip
def test_an_entry_may_be_of_any_age(tmp_path, entry):
    """Broken over lines, padded with zeros, or with name and password as they are."""
    assert read(tmp_path, {"registry.example": entry}) == Credentials("me", "2")


def test_an_identity_token_comes_before_the_name_beside_it(tmp_path):
    """Azure writes a name of zeros, and docker one with an empty password."""
    for name in ("00000000-0000-0000-0000-000000000000:", "<token>:", "me:2"):
        found = read(tmp_path, {"registry.example": {"auth": packed(name), "identitytoken": "jwt"}})
        assert found == Credentials(identity="jwt") and "jwt" not in repr(found)
    assert read(tmp_path, {"registry.example": {"identitytoken": "jwt"}}).identity == "jwt"


@pytest.mark.parametrize(("entry", "why"), [
    ({"auth": "abc"}, "base64"), ({"auth": "YQ="}, "base64"), ({"auth": "m\u00e9"}, "base64"), ({"auth": 5}, "base64"),
    ({"auth": packed("me:")}, "no name with a password"), ({"registrytoken": "x"}, "no name with a password"),
    ({"identitytoken": "a b"}, "identity token"), ("text", "object"), ([1], "object"),
])  # fmt: skip
def test_what_cannot_be_used_is_told_to_whoever_is_asked_to_sign_in(gated, tmp_path, capsys, entry, why):
    """By the command, the client and the counting, with what to do; no secret in it, and no traceback."""
    read(tmp_path, {gated.address: entry})
    laptop = Client(transports={gated.address: Remote(gated.address)}, credentials=docker_credentials)
    for act in (laptop.pull, lambda name: from_registry([name])):
        with pytest.raises(TransferFailed, match=f"401.*config.json.*{why}.*run `docker login {gated.address}` again"):
            act(f"{gated.address}/app:v1")
    assert cli.main(["copy", f"docker://{gated.address}/app:v1", f"oci:{tmp_path / 'back'}:v1"]) == 2
    said = capsys.readouterr().err
    assert why in said and "Traceback" not in said and "abc" not in said


@pytest.mark.parametrize("config", [{"credsStore": "desktop"}, {"auths": {"HOST": {}}, "credsStore": "desktop"},
                                    {"credHelpers": {"HOST": "desktop"}}])  # fmt: skip
def test_a_password_in_a_helper_program_is_told(gated, tmp_path, config):
    """This client runs no program of others."""
    (tmp_path / "config.json").write_text(json.dumps(config).replace("HOST", gated.address))
    with pytest.raises(TransferFailed, match=r"docker-credential-desktop.*set DOCKER_CONFIG to an empty folder"):
        from_registry([f"{gated.address}/app:v1"])


@pytest.mark.parametrize(("text", "why"), [
    ("[broken", "is not JSON"), ("[]", "must be a JSON object"), ("[" * 100_000, "is not JSON"), ("", "is not JSON"),
    ('{"auths": {}, "x": "' + " " * 2**22 + '"}', "larger than"), ('{"secret": "hush"', "is not JSON"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_when_it_matters(gated, tmp_path, text, why):
    """Not before, since most images are public; and without its bytes."""
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(TransferFailed, match=f"config.json.*{why}") as failed:
        from_registry([f"{gated.address}/app:v1"])
    assert "hush" not in str(failed.value)
    gated.registry = Registry(gated.address)
    with pytest.raises(ImageUnknown):
        from_registry([f"{gated.address}/app:v1"])


def test_a_place_that_is_no_file_is_told(tmp_path):
    """A folder, or a pipe that nobody writes to."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for place in ("folder", "pipe"):
        assert "isn't a file" in docker_credentials("registry.example", tmp_path / place).missing
    assert not docker_credentials("registry.example", tmp_path / "none").missing


def test_a_machine_without_a_home_has_no_login(monkeypatch):
    """As in a container."""
    for name in ("HOME", "DOCKER_CONFIG"):
        monkeypatch.setenv(name, "")
    assert docker_credentials("registry.example") == Credentials()


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
