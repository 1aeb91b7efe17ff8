"""The twelve steps: solutions pass, stubs and nonsense are answered kindly, and wrong versions are told what is wrong."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simregistry.errors import InvalidValue
from simregistry.teach import build_your_own as own
from simregistry.teach import progress
from simregistry.teach.build_your_own import solutions, time_limit
from simregistry.teach.build_your_own.scenario import readable
from simregistry.teach.build_your_own.solution_text import listing
from simregistry.teach.build_your_own.twelve_steps import SCENARIOS, TASKS, unwatched

ROOT = Path(__file__).resolve().parents[3]
every = pytest.mark.parametrize("id", TASKS)


def solution(id):
    """The reference solution of a step."""
    return getattr(solutions, TASKS[id].name)


def written(source):
    """What a learner's cell defines: its last function or class."""
    names = {}
    exec("import hashlib, json\nfrom simregistry import Request\n" + source, names)
    return list(names.values())[-1]


def test_the_path_has_twelve_steps_in_order():
    """As the course promises them."""
    order = "digest reference blob_store manifest_check missing push pull stack mark sweep token resume"
    assert list(TASKS) == list(SCENARIOS) == order.split()
    assert [task.number for task in TASKS.values()] == list(range(1, 13))
    assert all(len(task.hints) == 3 for task in TASKS.values())


@every
def test_a_solution_passes_and_is_short(id):
    """All scenarios as expected, in under fifteen lines, docstrings and blank lines aside."""
    report = unwatched(id).check(solution(id))
    assert (report.right, report.score) == (True, 1.0), str(report)
    tree = ast.parse(inspect.getsource(solution(id)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    kept = {line for node in ast.walk(tree) if (line := getattr(node, "lineno", 0))}
    assert len(kept) < 15


@every
def test_a_stub_is_answered_kindly(id):
    """Before anything is written, and before anything was given."""
    step = unwatched(id)
    report = step.check(written(step.stub))
    assert report.right is None
    assert "is not written yet" in str(report)
    assert "Nothing to check yet" in str(step.check())
    assert step.tries == 0


@every
def test_nonsense_is_answered_kindly(id):
    """Whatever is handed in, no error comes out, and the sentence says what is wanted."""
    step = unwatched(id)
    nonsense = [None, "digest", 7, object(), [], lambda a, b, c, d, e, f: None, object]
    for given in nonsense:
        report = step.check(given)
        assert report.right is None
        assert f"Wanted: {TASKS[id].signature}." in str(report)
    if not TASKS[id].methods:
        for odd in (
            lambda *given: None,
            lambda *given: 7,
            lambda *given: object(),
            lambda *given: given[0],
            lambda *given: exit(),
        ):
            report = step.check(odd)
            assert report.right is not True
            assert str(report)


def test_an_object_is_not_a_class():
    """The class itself is wanted, since each registry makes a store of its own."""
    assert "Give the class itself" in str(unwatched("blob_store").check(solutions.Shelf()))


def test_a_class_that_lacks_a_method_is_told_which():
    """By name."""
    half = written("class Shelf:\n    def put(self, content, digest):\n        return 1")
    assert "Shelf has no method get" in str(unwatched("blob_store").check(half))


def test_an_error_is_told_with_its_line_and_without_a_traceback():
    """The learner's own line, whatever of ours stood between."""
    report = str(
        unwatched("missing").check(written("def missing(repository, manifest, send):\n    return manifest['layer']"))
    )
    assert "came      an error: KeyError: 'layer', in line 4" in report
    assert "Traceback" not in report


@pytest.mark.parametrize(
    "loop", ["while True: pass", "while True:\n        try: 1 / 0\n        except Exception: pass"]
)
def test_what_never_ends_is_stopped(loop):
    """Also where the learner catches every exception; the scenarios after it are not begun."""
    began = time.monotonic()
    report = unwatched("digest").check(written(f"def digest(content):\n    {loop}"), seconds=0.3)
    assert time.monotonic() - began < 10
    assert "nothing within 0.3 s; it was stopped" in str(report)
    assert "5 were not begun" in report.sentence


def test_a_call_is_watched_also_where_there_are_no_threads(monkeypatch):
    """As in a browser: it runs, unwatched."""

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(time_limit.threading.Thread, "start", refuse)
    assert time_limit.run_with_limit(lambda: 7).value == 7


# What learners write who believe something else: (step, belief, version, what the report says to it).
BELIEFS = [
    ("digest", "a digest is the digits alone", "def digest(content):\n    return hashlib.sha256(content).hexdigest()", "so it begins with `sha256:`"),
    ("digest", "any hash will do", "def digest(content):\n    return 'sha256:' + hashlib.sha1(content).hexdigest()", "40 digits of SHA-1"),
    ("digest", "the short form is the name", "def digest(content):\n    return 'sha256:' + hashlib.sha256(content).hexdigest()[:12]", "the name has all 64"),
    ("digest", "a layer is text", "def digest(content):\n    return 'sha256:' + hashlib.sha256(content.decode().encode()).hexdigest()", "Hash the bytes, and decode nothing"),
    ("digest", "nothing has no digest", "def digest(content):\n    return 'sha256:' + hashlib.sha256(content or b'0').hexdigest()", "no bytes at all have a digest too"),
    ("reference", "a colon begins the tag", "def parse(text):\n    name, _, tag = text.partition(':')\n    return 'docker.io', name if '/' in name else 'library/' + name, tag or 'latest', ''", "A colon before the last slash begins a port."),
    ("reference", "what stands before a slash is a registry", "def parse(text):\n    registry, _, name = text.rpartition('/')\n    return registry or 'docker.io', name, 'latest', ''", "is a registry only if it has a dot or a colon in it"),
    ("reference", "library/ is everywhere", "def parse(text):\n    registry, _, name = text.partition('/')\n    return registry, 'library/' + name, 'latest', ''", "`library/` is Docker Hub's habit"),
    ("blob_store", "who brings it names it", "class Shelf:\n    blobs = {}\n    def put(self, content, digest):\n        self.blobs[digest] = content\n    def get(self, digest):\n        return self.blobs[digest]\n    def delete(self, digest):\n        return len(self.blobs.pop(digest))\n    def digests(self):\n        return list(self.blobs)", "it raises ValueError and keeps nothing"),
    ("blob_store", "one shelf for all", "class Shelf(__import__('simregistry.teach.build_your_own.solutions').teach.build_your_own.solutions.Shelf):\n    shared = {}\n    def __init__(self):\n        self.blobs = self.shared", "Each store has its own blobs"),
    ("blob_store", "what is not there is None", "class Shelf(__import__('simregistry.teach.build_your_own.solutions').teach.build_your_own.solutions.Shelf):\n    def get(self, digest):\n        return self.blobs.get(digest)", "Raise KeyError"),
    ("manifest_check", "an image is its layers", "def check_manifest(manifest, held):\n    return '' if all(p['digest'] in held for p in manifest.get('layers', [])) else 'MANIFEST_BLOB_UNKNOWN'", "The config is a blob like any layer"),
    ("manifest_check", "a digest is enough", "def check_manifest(manifest, held):\n    parts = manifest['manifests'] if 'manifests' in manifest else [manifest['config'], *manifest['layers']]\n    return '' if all(p['digest'] in held for p in parts) else 'MANIFEST_BLOB_UNKNOWN'", "Digest and size both have to fit"),
    ("manifest_check", "an index is an image", "def check_manifest(manifest, held):\n    parts = [manifest['config'], *manifest['layers']]\n    return '' if all(p['digest'] in held for p in parts) else 'MANIFEST_BLOB_UNKNOWN'", "An index has `manifests`"),
    ("missing", "the whole image is sent", "def missing(repository, manifest, send):\n    return [p['digest'] for p in [*manifest['layers'], manifest['config']]]", "Ask once about each blob with HEAD"),
    ("missing", "to ask is to fetch", "def missing(repository, manifest, send):\n    names = dict.fromkeys(p['digest'] for p in [*manifest['layers'], manifest['config']])\n    return [n for n in names if send(Request('GET', f'/v2/{repository}/blobs/{n}')).status != 200]", "HEAD brings no body"),
    ("missing", "the config travels with the manifest", "def missing(repository, manifest, send):\n    names = dict.fromkeys(p['digest'] for p in manifest['layers'])\n    return [n for n in names if send(Request('HEAD', f'/v2/{repository}/blobs/{n}')).status != 200]", "The config is asked about too"),
    ("push", "the manifest goes first", "def push(repository, tag, manifest, blobs, send):\n    send(Request('PUT', f'/v2/{repository}/manifests/{tag}', body=manifest))\n    for name, content in blobs.items():\n        begun = send(Request('POST', f'/v2/{repository}/blobs/uploads/'))\n        send(Request.to('PUT', begun.header('Location'), body=content, digest=name))", "The manifest goes last"),
    ("push", "what was sent has arrived", "def push(repository, tag, manifest, blobs, send):\n    for name, content in blobs.items():\n        if send(Request('HEAD', f'/v2/{repository}/blobs/{name}')).status != 200:\n            begun = send(Request('POST', f'/v2/{repository}/blobs/uploads/'))\n            send(Request.to('PUT', begun.header('Location'), body=content, digest=name))\n    send(Request('PUT', f'/v2/{repository}/manifests/{tag}', body=manifest))", "Look at the status of each answer"),
    ("push", "the whole image is sent", "def push(repository, tag, manifest, blobs, send):\n    for name, content in blobs.items():\n        begun = send(Request('POST', f'/v2/{repository}/blobs/uploads/'))\n        send(Request.to('PUT', begun.header('Location'), body=content, digest=name))\n    send(Request('PUT', f'/v2/{repository}/manifests/{tag}', body=manifest))", "Ask before you send"),
    ("pull", "a registry can be believed", "def pull(repository, reference, here, send):\n    raw = send(Request('GET', f'/v2/{repository}/manifests/{reference}')).body\n    parts = [*json.loads(raw)['layers'], json.loads(raw)['config']]\n    return raw, {p['digest']: send(Request('GET', f\"/v2/{repository}/blobs/{p['digest']}\")).body for p in parts if p['digest'] not in here}", "Hash what came"),
    ("pull", "the registry works out what I lack", "def pull(repository, reference, here, send):\n    raw = send(Request('GET', f'/v2/{repository}/manifests/{reference}')).body\n    parts = [*json.loads(raw)['layers'], json.loads(raw)['config']]\n    return raw, {p['digest']: send(Request('GET', f\"/v2/{repository}/blobs/{p['digest']}\")).body for p in parts}", "What is in `here` is not fetched again"),
    ("pull", "an image is its layers", "def pull(repository, reference, here, send):\n    raw = send(Request('GET', f'/v2/{repository}/manifests/{reference}')).body\n    return raw, {p['digest']: send(Request('GET', f\"/v2/{repository}/blobs/{p['digest']}\")).body for p in json.loads(raw)['layers']}", "each layer, and the config"),
    ("stack", "a whiteout is a plain file", "def stack(layers):\n    tree = {}\n    for layer in layers:\n        tree |= layer\n    return tree", "A mark is an instruction, and it's never unpacked"),
    ("stack", "a name that begins alike is below", "def stack(layers):\n    tree = {}\n    for layer in layers:\n        for path in layer:\n            hidden = path.replace('.wh..wh..opq', '').replace('.wh.', '')\n            tree = {p: c for p, c in tree.items() if not p.startswith(hidden)}\n        tree |= {p: c for p, c in layer.items() if '.wh.' not in p}\n    return tree", "compare whole parts of a path"),
    ("stack", "entries are applied in their order", "def stack(layers):\n    tree = {}\n    for layer in layers:\n        for path, content in sorted(layer.items(), reverse=True):\n            hidden = path.replace('.wh.', '')\n            tree = {p: c for p, c in tree.items() if not (p + '/').startswith(hidden + '/')}\n            if '.wh.' not in path:\n                tree[path] = content\n    return tree", "the deletions of a layer come before its additions"),
    ("mark", "the config is part of the manifest", "def mark(manifests, roots):\n    marked = set(roots)\n    for root in roots:\n        marked |= {p['digest'] for p in manifests[root].get('layers', [])}\n    return marked", "The config is swept"),
    ("mark", "an index keeps its children, and that is all", "def mark(manifests, roots):\n    marked = set(roots)\n    for root in roots:\n        found = manifests[root]\n        marked |= {p['digest'] for p in [*found.get('layers', []), *found.get('manifests', []), found.get('config', {'digest': root})]}\n    return marked", "mark from each child on"),
    ("mark", "a tag is all there is", "def mark(manifests, roots):\n    return set(roots) | {p['digest'] for r in roots for p in [*manifests[r].get('layers', []), manifests[r].get('config', {'digest': r})]}", "Nothing but the index is left"),
    ("mark", "every way is walked", "def mark(manifests, roots):\n    marked = set(roots)\n    for root in roots:\n        found = manifests.get(root, {})\n        below = [*found.get('layers', []), *found.get('manifests', []), *([found['config']] if 'config' in found else [])]\n        marked |= mark(manifests, [p['digest'] for p in below])\n    return marked", "or the ways double with each step"),
    ("sweep", "the quick one is safe", "def sweep(store, marked, written, began):\n    return sum(store.delete(digest) for digest in list(store) if digest not in marked)", "this is how a collector that runs beside pushes loses an image"),
    ("sweep", "a list can be walked while it shrinks", "def sweep(store, marked, written, began):\n    freed = 0\n    for digest in store:\n        if digest not in marked and written.get(digest, -1) < began:\n            freed += store.delete(digest)\n    return freed", "take the list first"),
    ("sweep", "to count is to delete", "def sweep(store, marked, written, began):\n    return sum(store.size(digest) for digest in store if digest not in marked)", "left: config a, layer a, layer x, manifest a"),
    ("token", "signed in is allowed", "def check_token(claims, service, now, scopes):\n    return '' if claims['aud'] == service and now < claims['exp'] else 'invalid_token'", "Signed in is not allowed."),
    ("token", "the last second counts", "def check_token(claims, service, now, scopes):\n    return 'invalid_token' if now > claims['exp'] else ''", "at that very second it is over"),
    ("token", "what is granted has to be what is asked", "def check_token(claims, service, now, scopes):\n    held = [f\"{e['type']}:{e['name']}:{','.join(e['actions'])}\" for e in claims['access']]\n    return '' if all(scope in held for scope in scopes) else 'insufficient_scope'", "not whether the two are equal"),
    ("resume", "the client knows its offset", "class Upload:\n    def __init__(self):\n        self.content = b''\n    def append(self, chunk, content_range):\n        self.content += chunk\n        return 202\n    def range(self):\n        return f'0-{max(0, len(self.content) - 1)}'", "what the client believes counts for nothing"),
    ("resume", "a range ends behind its last byte", "class Upload:\n    def __init__(self):\n        self.content = b''\n    def append(self, chunk, content_range):\n        self.content += chunk\n        return 202\n    def range(self):\n        return f'0-{len(self.content)}'", "Off by one"),
    ("resume", "an offset is where to write", "class Upload:\n    def __init__(self):\n        self.content = b''\n    def append(self, chunk, content_range):\n        at = int(content_range.partition('-')[0]) if content_range else len(self.content)\n        self.content = self.content[:at].ljust(at, b'0') + chunk\n        return 202\n    def range(self):\n        return f'0-{max(0, len(self.content) - 1)}'", "The answer is 416, and nothing of the chunk is kept"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("id", "belief", "source", "said"), BELIEFS, ids=[f"{id}: {belief}" for id, belief, _, _ in BELIEFS]
)
def test_a_wrong_belief_is_named(id, belief, source, said):
    """The report says in words which rule the version breaks, and the failing scenarios come first."""
    step = unwatched(id)
    report = step.check(written(source), seconds=1)
    assert report.right is False
    assert said in str(report), str(report)
    assert str(report).splitlines()[1].startswith("  ✗ ")
    assert 0 <= report.score < 1


def test_each_step_has_two_beliefs_or_more():
    """As the path promises."""
    assert all(sum(each[0] == id for each in BELIEFS) >= 2 for id in TASKS)


@every
def test_hints_come_one_at_a_time_and_the_solution_after_a_try(id):
    """Three hints; the last one stays."""
    step = unwatched(id)
    assert "Check a version of your own first" in str(step.solution())
    said = [str(step.hint()) for _ in range(4)]
    assert len(set(said)) == 3
    assert said[2] == said[3]
    step.check(solution(id))
    assert TASKS[id].name in str(step.solution())


@every
def test_what_a_step_tells_as_its_solution_can_be_pasted_in(id):
    """With its imports and without types; only the learner's own digest of step 1 is taken for granted."""
    step = unwatched(id)
    step.check(solution(id))
    _, _, told = str(step.solution()).partition("\n\n")
    names = {"digest": solutions.digest}
    exec(told, names)
    assert unwatched(id).check(names[TASKS[id].name]).right


def test_a_learner_who_writes_every_step_gets_through_the_notebook():
    """The student's copy, with its stubs filled in: each check passes, and the registry is all the learner's own."""
    cells = json.loads((ROOT / "notebooks" / "build-your-own.ipynb").read_text("utf-8"))["cells"]
    tasks = iter(TASKS.values())
    names, reports = {}, []
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        source = "".join(cell["source"])
        if "yours" in cell["metadata"].get("tags", ()):
            task = next(tasks)
            assert source == task.stub.strip()
            exec(listing(task.name), names)
        elif ".check(" in source:
            reports.append(eval(source, names))
        elif source.startswith("step_"):
            exec(source.splitlines()[0].replace("own.step", "own.twelve_steps.unwatched"), names)
        elif not source.startswith(("await", "mine.registry")):
            exec(source, names)
    assert [report.right for report in reports] == [True] * 12
    assert set(names["mine"].parts) == set(TASKS)


@every
def test_a_step_prints_its_task_and_shows_it_as_html(id):
    """Name, rule with its place, example, and where it is plugged in."""
    step, task = unwatched(id), TASKS[id]
    for part in (task.title, task.rule, task.example, task.plugged):
        assert part in str(step)
    assert step._repr_html_().startswith("<p><b>Step ")
    assert "<script>" not in step.check("<script>")._repr_html_()


def test_a_try_is_noted_with_its_score(tmp_path, monkeypatch):
    """In the learner's progress, under steps."""
    monkeypatch.setattr(progress, "place", lambda: tmp_path / "progress.json")
    own.step("digest").check(solutions.digest)
    own.step("digest").check(lambda content: "sha256:0")
    assert progress.read_progress(tmp_path / "progress.json")["steps"]["digest"] == progress.Done(2, 1.0)


def test_a_step_that_is_none_is_refused_with_a_list():
    """So that a slip is put right at once."""
    with pytest.raises(InvalidValue, match="take one of digest, reference"):
        own.step("diggest")


def test_what_cannot_be_printed_is_shown_all_the_same():
    """A learner's object may raise an error even when it is printed."""

    class Sly:
        def __repr__(self):
            raise OSError

    assert readable(Sly()) == "something of type Sly"


@pytest.mark.long
def test_at_least_95_percent_of_mutants_are_rejected():
    """The checks see one small change in a solution, wherever it is; the run says so by its exit code."""
    ran = subprocess.run([sys.executable, ROOT / ".ci" / "mutation.py"], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
