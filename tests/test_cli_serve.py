"""`simregistry serve`: the address is printed, each exchange is a line, a signal ends it, a bad wish gets status 2."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from simregistry import Client, Registry, cli
from simregistry.connect.images import Shelf, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.study import webapp


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
    copy_image(Shelf(registry.backend, "web"), "v1", OciLayout(tmp_path / "My App"))
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
