"""One stage of a build: its instructions one by one, each looked up in the cache before it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simregistry.client.build import config_instructions, shell_words
from simregistry.client.build.cache import BuildCache, CachedStep, CacheLookup, fingerprints
from simregistry.client.build.config_instructions import ExpandedInstruction
from simregistry.client.build.copy import Copy
from simregistry.client.build.dockerfile import Instruction
from simregistry.client.build.report import BuildStep
from simregistry.client.build.run_effects import RunEffect, assumed_effect
from simregistry.client.image_store import ImageStore
from simregistry.oci.config import History, Runtime
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.media_types import OCI_LAYER, OCI_LAYER_GZIP
from simregistry.oci.rootfs import apply


@dataclass(slots=True)
class StageResult:
    """What a stage has come to: layers from the base up, the runtime defaults, and the files they stack to."""

    key: str = "scratch"
    layers: list[tuple[Descriptor, Digest]] = field(default_factory=list)
    history: list[History] = field(default_factory=list)
    runtime: Runtime = field(default_factory=Runtime)
    tree: dict[str, Entry] = field(default_factory=dict)
    # False where a layer of the base is known by its name alone: the tree then holds what came on top of it.
    whole: bool = True
    args: dict[str, str] = field(default_factory=dict)
    author: str = ""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What holds for a whole build."""

    store: ImageStore
    build_cache: BuildCache
    name: str
    effects: Mapping[str, RunEffect]
    build_args: Mapping[str, str]
    global_args: Mapping[str, str]
    cache: bool
    compression: str


@dataclass(slots=True)
class StageBuild:
    """One stage on its way; ``source`` gives the files that a COPY or ADD copies from."""

    options: BuildOptions
    number: int
    result: StageResult
    source: Callable[[Instruction], Mapping[str, Entry]]
    steps: list[BuildStep] = field(default_factory=list)
    cmd_set: bool = False

    def step(self, one: Instruction) -> None:
        """Carry an instruction out, or take what it left the last time."""
        line = ExpandedInstruction(one, self.result.args | config_instructions.environment(self.result.runtime))
        files: dict[str, Entry] = {}
        declared = self._declare(line) if one.keyword == "ARG" else ""
        if one.keyword in ("COPY", "ADD"):
            files = self._copied(line)
        text = declared or self._text(line)
        look = CacheLookup(self.result.key, text, fingerprints(files))
        found, reason = self._look_up(look)
        step = found or self._carry_out(line, text, files)
        self.options.build_cache.steps[look.key] = step
        self._record(one, step, look, cached=found is not None, reason=reason)

    def _look_up(self, look: CacheLookup) -> tuple[CachedStep | None, str]:
        build_cache = self.options.build_cache
        missed = any(not step.cached for step in self.steps)
        place = (self.options.name, self.number, len(self.steps))
        why = build_cache.reason(place, look, followed_a_miss=missed)
        build_cache.places[place] = look
        if not self.options.cache:
            return None, "cache off"
        found = build_cache.find(look)
        # Removing an image takes its blobs along, and the cache does not pretend to have them.
        if found is None or (found.layer is not None and found.layer.digest not in self.options.store.blobs):
            return None, why
        return found, "hit"

    def _text(self, line: ExpandedInstruction) -> str:
        """Give the text that a step is looked up by: as in the history, and what is not said there but counts."""
        one, runtime = line.one, self.result.runtime
        if one.keyword == "RUN":
            mounts = "".join(f" --{name}={value}" for name, value in one.flags.items())
            return config_instructions.run_text(one, self.result.args, runtime) + mounts
        if one.keyword in ("COPY", "ADD"):
            return config_instructions.copy_text(one, line.args())
        return str(one) if one.keyword == "ONBUILD" else str(self._configured(line)[1])

    def _configured(self, line: ExpandedInstruction) -> tuple[Runtime, str | None]:
        return config_instructions.configured(line, self.result.runtime, cmd_set=self.cmd_set)

    def _declare(self, line: ExpandedInstruction) -> str:
        """Take an ARG's values in: from the caller, else its default, else the ARG before the first FROM."""
        said = []
        for part in shell_words.split(line.one.args, line.one.escape):
            name, equals, default = part.partition("=")
            given = self.options.build_args.get(name, self.options.global_args.get(name) if not equals else None)
            value = given if given is not None else line.word(default) if equals else None
            self.result.args[name] = value or ""
            said.append(name if value is None else f"{name}={value}")
        return f"ARG {' '.join(said)}"

    def _carry_out(self, line: ExpandedInstruction, text: str, files: dict[str, Entry]) -> CachedStep:
        one, runtime = line.one, self.result.runtime
        if one.keyword == "ARG":
            return CachedStep(None, None, runtime, History(text, empty_layer=True), assumed=False)
        if one.keyword not in config_instructions.LAYERED:
            after, said = self._configured(line)
            return CachedStep(None, None, after, History(said, empty_layer=True) if said else None, assumed=False)
        made_up = False
        if one.keyword == "RUN":
            effect, made_up = self._effect(one)
            changeset = effect.changeset(self.result.tree if self.result.whole else None)
            text = config_instructions.run_text(one, self.result.args, runtime)
        else:
            # Directories that are there already stay as they are, and are no change.
            kept = (e for p, e in files.items() if e.kind != "directory" or p not in self.result.tree)
            changeset = Changeset(tuple(kept))
        layer, diff_id = self._keep(changeset)
        return CachedStep(layer, diff_id, runtime, History(text), made_up)

    def _effect(self, one: Instruction) -> tuple[RunEffect, bool]:
        script = "\n".join(heredoc.content.strip() for heredoc in one.heredocs)
        for command in (single_spaced(one.args), single_spaced(script)):
            if command and command in self.options.effects:
                return self.options.effects[command], False
        seen = "".join(f"{name}={value} " for name, value in self.result.args.items())
        command = seen + (f"{one.args}\n{script}" if script else one.args)
        return assumed_effect(command, [diff_id for _, diff_id in self.result.layers]), True

    def _keep(self, changeset: Changeset) -> tuple[Descriptor, Digest]:
        archive = changeset.to_tar()
        if not self.options.compression:
            diff_id = self.options.store.put_blob(archive)
            return Descriptor(OCI_LAYER, diff_id, len(archive)), diff_id
        blob = changeset.to_gzip()
        return Descriptor(OCI_LAYER_GZIP, self.options.store.put_blob(blob), len(blob)), Digest.of(archive)

    def _copied(self, line: ExpandedInstruction) -> dict[str, Entry]:
        below, working_dir = self.result.tree, self.result.runtime.working_dir
        return Copy(line.one, line.args(), self.source(line.one), below, working_dir, line.variables).entries()

    def _record(self, one: Instruction, step: CachedStep, look: CacheLookup, *, cached: bool, reason: str) -> None:
        result = self.result
        result.key, result.runtime = look.key, step.runtime
        result.author = one.args if one.keyword == "MAINTAINER" else result.author
        result.history += [step.history] if step.history else []
        self.cmd_set = self.cmd_set or one.keyword == "CMD"
        if step.layer is not None and step.diff_id is not None:
            result.layers.append((step.layer, step.diff_id))
            result.tree = apply(result.tree, Changeset.from_blob(self.options.store.content(step.layer.digest)))
        self.steps.append(BuildStep(0, str(one), step.layer, cached, reason, step.assumed))


def single_spaced(command: str) -> str:
    """Take the spaces out that only lay a command out."""
    return " ".join(command.split())
