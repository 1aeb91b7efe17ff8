"""`simregistry serve`: the address is printed, each exchange is a line, a signal ends it, a bad wish gets status 2."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from threading import Thread

import pytest
from peers import program

from simregistry import Client, Registry, cli
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.real_client import private_skopeo_environment
from simregistry.study.examples import webapp


def test_it_serves_until_it_is_told_to_stop():
    """On a free port, with one line an exchange, and status 0 after SIGINT."""
    command = [sys.executable, "-m", "simregistry.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        address = server.stdout.readline().split()[2]
        assert urllib.request.urlopen(address, timeout=10).status == 200
        assert server.stdout.readline() == "GET /v2/ 200 ↑0 ↓2\n"
        server.send_signal(signal.SIGINT)
        assert (server.wait(10), server.stderr.read()) == (0, "")


def test_a_port_that_is_taken_has_status_2(capsys):
    """And one sentence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert cli.main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "in use" in capsys.readouterr().err


@pytest.mark.parametrize("bad", [["--port", "-1"], ["--port", "70000"], ["--max-bytes", "much"]])
def test_a_number_that_is_none_has_status_2(bad):
    """Before anything is opened."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["serve", *bad])


def test_a_certificate_that_is_not_there_has_status_2(tmp_path, capsys):
    """Instead of a server that speaks plainly."""
    assert cli.main(["serve", "--port", "0", "--tls-cert", str(tmp_path / "none.pem")]) == 2
    assert "none.pem" in capsys.readouterr().err


def test_it_serves_what_a_layout_holds(tmp_path):
    """Under the folder's name, with the layout's tags."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    built = webapp.build(laptop, "v1").manifest
    laptop.push("registry.example/web:v1")
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(tmp_path / "My App"))
    command = [sys.executable, "-m", "simregistry.cli", "serve", "--port", "0", "--from", f"oci:{tmp_path / 'My App'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        address = server.stdout.readline().split()[2]
        answer = urllib.request.urlopen(f"{address}my-app/manifests/v1", timeout=10)
        assert answer.headers["Docker-Content-Digest"] == built.digest
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0


def test_a_place_that_holds_nothing_to_serve_has_status_2(tmp_path, capsys):
    """And the port is not opened."""
    assert cli.main(["serve", "--port", "0", "--from", str(tmp_path / "nothing")]) == 2
    assert "rootdirectory" in capsys.readouterr().err


def test_a_family_with_accounts_treats_skopeo_as_docker_hub_would(tmp_path):
    """A private repository: refused without an account and with a wrong password, and to another account; not to its own.

    The texts are skopeo's own, for what Docker Hub's documentation says it answers: 401 with a token challenge.
    """
    laptop = Client(registries=[local := Registry("registry.example")])
    webapp.build(laptop, "v1")
    laptop.push("registry.example/web:v1")
    copy_image(LocalRepository(local.storage, "web"), "v1", OciLayout(tmp_path / "layout"))
    command = [
        sys.executable, "-m", "simregistry.cli", "serve", "--port", "0", "--product", "docker-hub",
        "--user", "alice:right", "--user", "bob:builder", "--grant", "bob:alice/shared", "--public", "alice/public",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            host = server.stdout.readline().split()[2].split("/")[2]
            Thread(target=server.stdout.read, daemon=True).start()
            environment = {**private_skopeo_environment(tmp_path), "REGISTRY_AUTH_FILE": str(tmp_path / "none.json")}

            def skopeo(*arguments: str) -> subprocess.CompletedProcess[str]:
                ran = [program("skopeo"), *arguments]
                return subprocess.run(ran, env=environment, capture_output=True, text=True, timeout=60)

            def push(name: str, *creds: str) -> subprocess.CompletedProcess[str]:
                return skopeo(
                    "copy", "--dest-tls-verify=false", *creds, f"oci:{tmp_path / 'layout'}", f"docker://{host}/{name}"
                )

            def inspect(name: str, *creds: str) -> subprocess.CompletedProcess[str]:
                return skopeo("inspect", "--tls-verify=false", *creds, f"docker://{host}/{name}")

            for name in ("alice/private:v1", "alice/shared:v1", "alice/public:v1"):
                assert push(name).returncode and push(name, "--dest-creds", "alice:wrong").returncode
                assert push(name, "--dest-creds", "bob:builder").returncode
                assert push(name, "--dest-creds", "alice:right").returncode == 0
            bob, alice = ("--creds", "bob:builder"), ("--creds", "alice:right")
            allowed = {
                ("alice/private:v1", ()): False, ("alice/private:v1", bob): False, ("alice/private:v1", alice): True,
                ("alice/shared:v1", ()): False, ("alice/shared:v1", bob): True, ("alice/public:v1", ()): True,
                ("alice/missing:v1", ()): False, ("alice/missing:v1", bob): False,
            }  # fmt: skip
            for (name, creds), may in allowed.items():
                assert (inspect(name, *creds).returncode == 0) is may, (name, creds)
            # What is private and what is not there are told apart by nothing.
            texts = [inspect(name, *bob).stderr.split("msg=")[1] for name in ("alice/private:v1", "alice/missing:v1")]
            assert texts[0].replace("private", "X") == texts[1].replace("missing", "X")
            refused = skopeo("delete", "--tls-verify=false", *alice, f"docker://{host}/alice/private:v1")
            assert "403" in refused.stderr or "denied" in refused.stderr or refused.returncode != 0
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(10)


@pytest.mark.parametrize(
    "bad",
    [
        ["--public", "x"],
        ["--grant", "a:b"],
        ["--user", ":x"],
        ["--user", "a:b", "--grant", "a"],
        ["--user", "a:b", "--grant", "a:b:fly"],
    ],
)
def test_rights_that_make_no_sense_have_status_2(bad, capsys):
    """With what to write."""
    assert cli.main(["serve", "--port", "0", *bad]) == 2
    assert capsys.readouterr().err
