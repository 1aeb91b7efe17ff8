"""Turns of the lesson on public and private: a scope for one push, tried by a build server and then by a thief."""

from __future__ import annotations

import json
from dataclasses import replace

from simregistry.client.sign_in import Credentials, token_in
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request, Response
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.scope import Scope
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_small
from simregistry.teach.answers import FreeText
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

HOST, WEB, BASE, KEYS = "registry.example", "team/web", "team/base", "team/keys"
# What a gate for tokens answers to a token that does not cover a request, and how many requests are tried.
REFUSED, TRIED = 401, 9
ROBOT = Account("ci", "builds", robot=True)
ACCESS = Access((ROBOT,), (Grant("ci", "team/*", ACTIONS),))
FILES = [("bin/sh", "a shell\n"), ("app/app.py", "print('version 2')\n")]
ONE_WAY = f"repository:{WEB}:pull,push repository:{BASE}:pull"
EXAMPLE = f"repository:{WEB}:pull"


def scope() -> Turn:
    """Ask for the scope of one push, and try the token at a gate."""
    return Turn(
        "private.scope",
        f"The build server signs in as ci, whose grant allows everything in team/*. It pushes version 2 of {WEB}. It "
        f"asks what is there, mounts the base layer from {BASE}, uploads the rest and sends the manifest. Tokens get "
        "stolen from build logs. So its token should be good for this push and for nothing else. Write all scopes that "
        "it asks for, in one string. Your token is tried at a gate. The build server pushes with it first, and then "
        "a thief tries to do harm.",
        play,
        f'"{ONE_WAY}"',
        "GET and HEAD need pull. POST, PATCH and PUT need pull and push. DELETE needs delete. A mount also needs pull "
        "on the repository that it takes the layer from (CNCF distribution, registry/handlers/app.go).",
        (
            "Two repositories take part in this push. What does the build server do in each?",
            "Asking what is there reads, and uploading writes. Taking a layer from a repository reads there.",
            f"Two scopes with a space between them: pull and push for {WEB}, and pull for {BASE}.",
        ),
    )


def play(answer: object) -> Reveal:
    """Fetch a token for the scope, push with it, and try with it what a thief would."""
    text = FreeText("", lambda text: "").read(answer)
    if isinstance(text, Unread):
        return text.reveal(answer, f'one string, such as "{EXAMPLE}"')
    registry, image = _world(), SmallImage.of_files(FILES)
    wish = {"service": HOST, "scope": " ".join(text.split())}
    service = registry.handle(
        Request("GET", "/token", wish, {"Authorization": Credentials(ROBOT.name, ROBOT.password).basic})
    )
    token = token_in(service)
    if not token:
        message = json.loads(bytes_of(service.body))["errors"][0]["message"]
        return Reveal(f"Not yet: the token service answers {service.status}: {message}.", False)
    shown, refused = _pushed(registry, image, token)
    if refused is not None:
        wanted = refused.header("WWW-Authenticate").partition('scope="')[2].partition('"')[0]
        stopped = shown[-1].partition(": ")[0].removeprefix("build server, ")
        sentence = f"Not yet: the gate refuses to {stopped}. For that it wants {wanted}."
        return Reveal(sentence, False, (len(shown) - 1) / TRIED, tuple(shown))
    harm = _harm(registry, token)
    shown += [f"thief, {what}: {status}" for what, status in harm.items()]
    done = [what for what, status in harm.items() if status != REFUSED]
    if done:
        sentence = f"Not yet: the push works, but a thief with this token can {', '.join(done)}."
        return Reveal(sentence, False, 1 - len(done) / TRIED, tuple(shown))
    if more := _more_than_needed(text):
        sentence = f"Not yet: the push works, but it doesn't need {', '.join(more)}. The token allows that as well."
        return Reveal(sentence, False, 1 - 1 / TRIED, tuple(shown))
    sentence = f"Right: the push works. A thief with this token can push to {WEB} and read {BASE}, and nothing else."
    return Reveal(sentence, True, 1.0, tuple(shown))


def _world() -> Registry:
    """Open a registry with a gate, which has the base image, version 1 of the app, and a repository with keys."""
    registry = Registry.product("distribution-3", HOST, access=ACCESS)
    behind_the_gate = Registry(HOST, registry.storage)
    push_small(behind_the_gate, BASE, "1", SmallImage.of_files(FILES[:1]))
    push_small(behind_the_gate, WEB, "v1", SmallImage.of_files([*FILES[:1], ("app/app.py", "print('version 1')\n")]))
    push_small(behind_the_gate, KEYS, "1", SmallImage.of_files([("key", "a secret key\n")]))
    return registry


def _pushed(registry: Registry, image: SmallImage, token: str) -> tuple[list[str], Response | None]:
    """Push the image message by message; stop at the gate's first refusal, which is returned."""
    (base, code), config, kind = image.manifest.layers, image.manifest.config, image.manifest.media_type
    uploads = f"/v2/{WEB}/blobs/uploads/"
    # A small blob goes up in one message (distribution-spec, "Single POST").
    steps = {
        "ask whether the layer is there": Request("HEAD", f"/v2/{WEB}/blobs/{code.digest}"),
        "mount the base layer": Request("POST", uploads, {"mount": base.digest, "from": BASE}),
        "upload the layer": Request("POST", uploads, {"digest": code.digest}, {}, image.blobs[code.digest]),
        "upload the config": Request("POST", uploads, {"digest": config.digest}, {}, image.blobs[config.digest]),
        "send the manifest": Request("PUT", f"/v2/{WEB}/manifests/v2", {}, {"Content-Type": kind}, image.manifest.raw),
    }
    shown: list[str] = []
    for what, request in steps.items():
        response = _answer(registry, request, token)
        shown.append(f"build server, {what}: {response.status}")
        if response.status == REFUSED:
            return shown, response
    return shown, None


def _harm(registry: Registry, token: str) -> dict[str, int]:
    """Try with the token what a thief would, and return the statuses."""
    backdoor = b"a backdoor"
    upload = Request("POST", f"/v2/{BASE}/blobs/uploads/", {"digest": Digest.of(backdoor)}, {}, backdoor)
    attempts = {
        f"read {KEYS}": Request("GET", f"/v2/{KEYS}/manifests/1"),
        f"upload to {BASE}": upload,
        f"delete {WEB}:v1": Request("DELETE", f"/v2/{WEB}/manifests/v1"),
        f"delete {BASE}:1": Request("DELETE", f"/v2/{BASE}/manifests/1"),
    }
    return {what: _answer(registry, request, token).status for what, request in attempts.items()}


def _more_than_needed(text: str) -> tuple[str, ...]:
    """List what a scope gets the build server beyond what the push needs, such as "pull in team/other"."""
    granted = [
        (action, scope.name)
        for scope in Scope.parse_all(text)
        for action in scope.actions
        if scope.kind == "repository" and action in ACCESS.allowed(ROBOT, scope.name)
    ]
    needs = [(action, scope.name) for scope in Scope.parse_all(ONE_WAY) for action in scope.actions]
    return tuple(f"{action} in {name}" for action, name in dict.fromkeys(granted) if (action, name) not in needs)


def _answer(registry: Registry, request: Request, token: str) -> Response:
    return registry.handle(replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"}))


TURNS = {"scope": scope}
