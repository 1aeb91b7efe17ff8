"""Ask, commit, reveal: nothing of an answer before the commitment, the first commitment wins, and every answer is met."""

from __future__ import annotations

import json

import pytest

from simregistry import Client, Registry
from simregistry.errors import InvalidValue
from simregistry.study.examples import webapp
from simregistry.teach import progress
from simregistry.teach.predictions import commitments
from simregistry.teach.predictions.all_predictions import predictions_of, topics, truth_function
from simregistry.teach.predictions.ask import SURENESS, ask, look, reveal, skip
from simregistry.teach.predictions.commitments import COMMITMENTS, MODE, Commitments
from simregistry.teach.progress import FILE, FIRST_LESSON, Committed

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """A learner who has committed to nothing, in a course of their own."""
    (tmp_path / FIRST_LESSON).write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(progress.SWITCH, raising=False)
    monkeypatch.delenv(MODE, raising=False)
    monkeypatch.setattr(COMMITMENTS, "known", {})
    monkeypatch.setattr(COMMITMENTS, "waiting", {})
    return tmp_path


@pytest.fixture(scope="module")
def pushes():
    """The pushes of the lesson: the first, and the one of version 2."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    webapp.build(laptop, "v1")
    first = laptop.push("registry.example/web:v1")
    webapp.build(laptop, "v2")
    return first, laptop.push("registry.example/web:v2"), laptop.push("registry.example/web:v2")


def everything_sent(view) -> str:
    """All that a page is sent for a live view: its synced traits, its sentence and its twin."""
    return json.dumps(view.get_state(), default=str) + view.sentence() + view.twin()


def commit(form, answer, sure="sure") -> None:
    """Answer a form as its page does."""
    form._receive(form, {"do": "commit", "answer": answer, "sure": sure}, [])


def test_a_form_holds_no_answer_and_a_reveal_neither_before_the_commitment(pushes):
    """The truth is in nothing that is sent to the page, and in no text of the reveal."""
    form = ask("push.nothing-changed")
    view = reveal("push.nothing-changed", pushes[2], pushes[0], evidence=pushes[2])
    assert "Not revealed yet" in view.sentence()
    for text in (everything_sent(form), everything_sent(view)):
        assert "2 requests" not in text and "One request asks" not in text and "already there" not in text


def test_a_reveal_that_ran_first_fills_itself(pushes):
    """Run All comes to the reveal before anybody can commit; the evidence comes with the answer."""
    view = reveal("push.second-blobs", pushes[1], evidence=pushes[1])
    form = ask("push.second-blobs")
    commit(form, ["code"])
    assert form.done and form.status == "Committed: code (sure). Now run the cells below."
    assert "4 of 6 are as you said" in view.html and "12,217 of 401,337 bytes sent" in view.html
    assert view.sentence().startswith("✗ 4 of 6")


def test_the_first_commitment_wins_and_outlives_the_kernel(pushes, learner, monkeypatch):
    """Another answer changes nothing, and a kernel that was started again knows it."""
    ask("push.second-blobs", {"code", "config", "manifest"}, "a guess")
    assert (
        repr(ask("push.second-blobs", "base"))
        == "Committed: code, config and manifest (a guess). Now run the cells below."
    )
    assert reveal("push.second-blobs", pushes[1]).text.startswith("✓ You named code, config and manifest")
    stored = json.loads((learner / FILE).read_text())["predictions"]
    entry = {"answer": ["code", "config", "manifest"], "sure": "a guess", "right": True}
    assert stored == {"push.second-blobs": entry}
    monkeypatch.setattr(COMMITMENTS, "known", {})
    form = ask("push.second-blobs")
    assert form.done and "code, config and manifest" in form.status


def test_a_form_wants_an_answer_and_how_sure_one_is():
    """An empty commit says what is missing; Skip needs neither."""
    form = ask("push.manifest-first")
    for answer, sure in (
        (None, "sure"),
        ("", "sure"),
        ("it refuses the manifest", ""),
        ("it refuses the manifest", "very"),
    ):
        commit(form, answer, sure)
        assert not form.done and form.status and "refuses" not in form.status.replace("it refuses the manifest", "")
    form._receive(form, {"do": "skip"}, [])
    assert form.done and COMMITMENTS.find("push.manifest-first") == Committed(None)


@pytest.mark.parametrize(
    "message",
    [None, [], {}, {"do": "reveal"}, {"do": 1}, "commit", {"do": "commit", "answer": {"a": 1}, "sure": "sure"}],
)
def test_what_a_page_sends_is_checked(message):
    """A page can send anything; nothing is committed by it."""
    form = ask("push.second-blobs")
    form._receive(form, message, [])
    assert not form.done and COMMITMENTS.find("push.second-blobs") is None


# What people type, the question, and what the form says then: a commitment, or how to write it, never the answer.
TYPED = [
    ("push.nothing-changed", "2 requests", "Committed: 2 requests"),
    ("push.nothing-changed", " 2 ", "Committed: 2 requests"),
    ("push.other-repository", "400 kB", "Committed: 400,000 bytes"),
    ("push.rebuild-share", "36%", "Committed: 36 percent"),
    ("push.rebuild-share", 0.36, "Committed: 36 percent"),
    ("push.broken-line", "nothin", "Did you mean 'nothing'?"),
    ("push.broken-line", "NOTHING", "Committed: nothing"),
    ("push.broken-line", True, "cannot be read"),
    ("push.broken-line", 3, "cannot be read"),
    ("push.second-blobs", "code, config", "Committed: code and config"),
    ("push.second-blobs", {"code", "konfig"}, "There is no 'konfig' here. Did you mean 'config'?"),
    (
        "push.first-steps",
        "OPEN AN UPLOAD, ask whether it is there, send the bytes, name the digest",
        "Committed: open an upload → ask",
    ),
    ("push.broken-line", "", "No answer yet"),
]


@pytest.mark.parametrize(("key", "answer", "says"), TYPED)
def test_what_people_type_is_read_or_told_how_to_write_it(key, answer, says):
    """Typed in the form or in the cell, it is read in the same way; what cannot be read is not answered."""
    typed = repr(ask(key, answer))
    assert says in typed
    COMMITMENTS.known.clear()
    form = ask(key)
    commit(form, answer, "fairly sure")
    if "Committed" in says:
        assert form.status.startswith(says.partition(" (")[0])
    else:
        assert says in form.status and not form.done


def test_a_look_waits_for_its_prediction_and_may_be_mended(pushes):
    """What was seen is asked after the reveal, and a wrong answer may look again."""
    table = pushes[0].conversation[:6].table()
    form = look("push.which-message", pushes[0].conversation[:6], table=table)
    assert "307,200" not in everything_sent(form) and "Not revealed yet" in form.sentence()
    commit(form, "5", "")
    assert not form.done and COMMITMENTS.find("push.which-message") is None
    skip("push.first-steps")
    assert "307,200" in everything_sent(form)
    commit(form, "4", "")
    assert not form.done and form.status.startswith("✗ Look again")
    commit(form, "5", "")
    assert form.done and form.status.startswith("✓ Yes: row 5. PATCH has 307,200 bytes")


def test_a_reference_run_shows_what_is_so_and_why(pushes, monkeypatch):
    """With every prediction skipped the stored outputs hold truth and evidence, and no live view."""
    monkeypatch.setenv(MODE, "skip")
    page = reveal("push.second-blobs", pushes[1], evidence=[pushes[1]])
    assert page.text.startswith("→ You skipped this one. The answer is code, config and manifest.\nA changed file")
    assert "12,217 of 401,337 bytes sent" in page.text and VIEW not in str(page)
    looked = look("push.which-message", pushes[0].conversation[:6], table=pushes[0].conversation[:6].table())
    assert "The answer is row 5." in looked.text


def test_skipping_by_hand_shows_what_is_so(pushes):
    """skip(key) is for whoever only wants to know."""
    assert repr(skip("push.nothing-changed")).startswith("Skipped.")
    assert reveal("push.nothing-changed", pushes[2], pushes[0]).text.startswith(
        "→ You skipped this one. The answer is 2 requests."
    )


def test_a_wrong_key_names_those_that_come_near():
    """A slip in a key is met with the nearest keys."""
    with pytest.raises(InvalidValue, match=r"push\.second-blobs"):
        ask("push.second-blob")


def test_whoever_waits_too_often_is_forgotten():
    """A cell that is run again and again leaves no heap of reveals behind."""
    kept = Commitments()
    for _ in range(50):
        kept.wait("push.a", lambda: None)
    assert len(kept.waiting["push.a"]) == commitments.MOST_WAITING


def test_every_question_has_its_function_and_none_is_left_over():
    """Each key of a file has its function, and each public function its key."""
    for topic in topics():
        for prediction in predictions_of(topic).values():
            assert callable(truth_function(prediction)), prediction.key
    assert SURENESS == ("a guess", "fairly sure", "sure")
