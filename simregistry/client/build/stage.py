"""Build one stage: take its instructions one by one, and look each one up in the cache before carrying it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from simregistry.client.build import config_instructions, shell_words
from simregistry.client.build.cache import BuildCache, CachedStep, CacheLookup, Place, fingerprints
from simregistry.client.build.config_instructions import ExpandedInstruction
from simregistry.client.build.copy import Copy
from simregistry.client.build.dockerfile import Instruction
from simregistry.client.build.report import BuildStep
from simregistry.client.build.run_effects import RunEffect, assumed_effect, dated_by
from simregistry.client.image_store import ImageStore
from simregistry.oci.config import History, Runtime
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.media_types import OCI_LAYER, OCI_LAYER_GZIP
from simregistry.oci.rootfs import apply

SECONDS_A_DAY = 86_400
# All variables together: Linux gives a command a quarter of its stack for them and its arguments, which is 2 MiB by
# default (execve(2), "Limits on size of arguments and environment").
LARGEST_ENVIRONMENT = 2 * 1024**2


@dataclass(slots=True)
class StageResult:
    """The result of a stage so far: layers from the base up, runtime defaults, and the files that the layers make.

    ``key`` is the cache key of its last step.
    """

    key: str = "scratch"
    layers: list[tuple[Descriptor, Digest]] = field(default_factory=list)
    history: list[History] = field(default_factory=list)
    runtime: Runtime = field(default_factory=Runtime)
    tree: dict[str, Entry] = field(default_factory=dict)
    # False if the bytes of a layer of the base are not here. Then the tree has only the files that were added to it.
    whole: bool = True
    # The ARGs that are declared so far, in order, and the value that each name has now: an ENV's or an ARG's.
    args: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    author: str = ""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """The settings of a whole build."""

    store: ImageStore
    build_cache: BuildCache
    name: str
    effects: Mapping[str, RunEffect]
    build_args: Mapping[str, str]
    global_args: Mapping[str, str]
    cache: bool
    compression: str
    # The value of the build argument SOURCE_DATE_EPOCH: no file of the image is dated later.
    epoch: int | None = None


@dataclass(slots=True)
class StageBuild:
    """One stage that is being built; ``source`` returns the files from which a COPY or ADD copies."""

    options: BuildOptions
    number: int
    result: StageResult
    source: Callable[[Instruction], Mapping[str, Entry]]
    steps: list[BuildStep] = field(default_factory=list)
    cmd_set: bool = False
    # Characters of the history that this stage wrote.
    written: int = 0

    def step(self, instruction: Instruction) -> None:
        """Take the result of an instruction from the cache, or carry it out; add the result to the stage."""
        line = ExpandedInstruction(instruction, dict(self.result.variables))
        files: dict[str, Entry] = {}
        declared = self._declare(line) if instruction.keyword == "ARG" else ""
        if instruction.keyword in ("COPY", "ADD"):
            files = self._copied(line)
        text = declared or self._text(line)
        lookup = CacheLookup(self.result.key, text, fingerprints(files))
        cached, reason = self._look_up(lookup)
        step = cached or self._carry_out(line, text, files, lookup.key)
        self.options.build_cache.steps[lookup.key] = step
        self._record(instruction, self._rewritten(step), lookup, cached=cached is not None, reason=reason)
        if instruction.keyword == "ENV":
            self.result.variables |= line.pairs()
        self._check_size(line)

    def _check_size(self, line: ExpandedInstruction) -> None:
        """Refuse what has grown too large: each line may double a variable, or write it into the history again."""
        lines = self.result.variables.items() if line.one.keyword in ("ARG", "ENV") else ()
        variables = sum(len(name) + len(value) for name, value in lines)
        if variables > LARGEST_ENVIRONMENT:
            rule = f"the variables have more than {LARGEST_ENVIRONMENT:,} characters now; Linux starts no command then"
            raise line.one.fault(rule)
        last = self.result.history[-1].created_by if self.result.history else ""
        self.written += len(last)
        if self.written > LARGEST_DOCUMENT:
            raise line.one.fault(f"the history has more than {LARGEST_DOCUMENT:,} characters now; no config holds it")

    @property
    def _place(self) -> Place:
        return self.options.name, self.number, len(self.steps)

    def _look_up(self, lookup: CacheLookup) -> tuple[CachedStep | None, str]:
        """Find a step in the cache; return None if it has to be built, and the reason."""
        build_cache = self.options.build_cache
        missed = any(not step.cached for step in self.steps)
        why = build_cache.reason(self._place, lookup, followed_a_miss=missed)
        build_cache.places[self._place] = lookup
        if not self.options.cache:
            return None, "cache off"
        step = build_cache.find(lookup)
        # Subtle: the cache has the step, but its layer may be gone, since removing an image removes its blobs.
        if step is None or (step.layer is not None and step.layer.digest not in self.options.store.blobs):
            return None, why
        return step, "hit"

    def _text(self, line: ExpandedInstruction) -> str:
        """Return the text of a step for its key: its line in the history, and for a RUN also its mounts."""
        instruction, runtime = line.one, self.result.runtime
        if instruction.keyword == "RUN":
            mounts = "".join(f" --{name}={value}" for name, value in instruction.flags.items())
            return config_instructions.run_text(instruction, self._args, runtime) + mounts
        if instruction.keyword in ("COPY", "ADD"):
            return config_instructions.copy_text(line, line.args())
        if instruction.keyword == "ONBUILD":
            return f"ONBUILD {self._configured(line)[0].on_build[-1]}"
        return str(self._configured(line)[1])

    def _configured(self, line: ExpandedInstruction) -> tuple[Runtime, str | None]:
        """Return the runtime defaults after an instruction that changes the config, and its line in the history."""
        return config_instructions.configured(line, self.result.runtime, cmd_set=self.cmd_set)

    def _declare(self, line: ExpandedInstruction) -> str:
        """Set an ARG's values: from the caller, else from its default, else from the ARG before the first FROM.

        Subtle: the Dockerfile reference says of ENV and ARG ("Using ARG variables") that ENV values "always override an
        ARG instruction of the same name". BuildKit has one list for both, and the later line wins (convert.go,
        dispatchArg: AddEnv). The two differ where an ARG follows an ENV, such as the base's. Here it is as in BuildKit.
        An ARG that nobody gives a value leaves the one that its name has.
        """
        declared = []
        for part in shell_words.split(line.one.args, line.one.escape):
            name, equals, default = part.partition("=")
            given = self.options.build_args.get(name, self.options.global_args.get(name) if not equals else None)
            now = ExpandedInstruction(line.one, self.result.variables)
            value = given if given is not None else now.word(default) if equals else None
            self.result.args = (*self.result.args, name) if name not in self.result.args else self.result.args
            if value is not None:
                self.result.variables[name] = value
            declared.append(name if value is None else f"{name}={value}")
        return f"ARG {' '.join(declared)}"

    @property
    def _args(self) -> dict[str, str]:
        """The values of the declared ARGs: what a RUN sees, and an ENV may have changed them since."""
        return {name: self.result.variables.get(name, "") for name in self.result.args}

    def _carry_out(self, line: ExpandedInstruction, text: str, files: dict[str, Entry], key: str) -> CachedStep:
        """Carry out an instruction: RUN, COPY and ADD make a layer, all others change the config alone."""
        instruction, runtime = line.one, self.result.runtime
        if instruction.keyword == "ARG":
            return CachedStep(None, None, runtime, History(text, empty_layer=True), assumed=False)
        if instruction.keyword not in config_instructions.LAYERED:
            after, wording = self._configured(line)
            history = History(wording, empty_layer=True) if wording else None
            return CachedStep(None, None, after, history, assumed=False)
        assumed = False
        if instruction.keyword == "RUN":
            effect, assumed = self._effect(instruction)
            changeset = effect.changeset(self.result.tree if self.result.whole else None, self._time_of_run(key))
            text = config_instructions.run_text(instruction, self._args, runtime)
        else:
            # A directory that is there already is no change, so it is not in the layer.
            here = {path for path, entry in self.result.tree.items() if entry.kind == "directory"}
            entries = (entry for path, entry in files.items() if entry.kind != "directory" or path not in here)
            changeset = Changeset(tuple(entries))
        layer, diff_id = self._store_layer(changeset)
        return CachedStep(layer, diff_id, runtime, History(text), assumed)

    def _effect(self, instruction: Instruction) -> tuple[RunEffect, bool]:
        """Find the effect that the caller stated for a RUN, or make one up; say whether it is made up."""
        script = "\n".join(heredoc.content.strip() for heredoc in instruction.heredocs)
        for command in (single_spaced(instruction.args), single_spaced(script)):
            if command and command in self.options.effects:
                return self.options.effects[command], False
        # A command sees the build arguments, so with different ones it may do something different.
        args = "".join(f"{name}={value} " for name, value in self._args.items())
        command = args + (f"{instruction.args}\n{script}" if script else instruction.args)
        return assumed_effect(command, [diff_id for _, diff_id in self.result.layers]), True

    def _time_of_run(self, key: str) -> int:
        """Return the time at which a RUN writes its files: each run at a place is a day after the one before.

        There is no clock here: the first run is at second 0. So images that are built once have the same digests on
        every machine.
        """
        runs = self.options.build_cache.runs.setdefault(self._place, [])
        # Subtle: removing an image took the layer of a step that is still in the cache. That layer is made as it was.
        if key not in runs or not self.options.cache:
            runs.append(key)
        return SECONDS_A_DAY * max(number for number, run in enumerate(runs) if run == key)

    def _rewritten(self, step: CachedStep) -> CachedStep:
        """Limit the times in a step's layer to SOURCE_DATE_EPOCH, if it is given; the cache keeps the old layer."""
        if self.options.epoch is None or step.layer is None:
            return step
        before = Changeset.from_blob(self.options.store.content(step.layer.digest))
        after = dated_by(before, self.options.epoch)
        if after == before:
            return step
        layer, diff_id = self._store_layer(after)
        return replace(step, layer=layer, diff_id=diff_id)

    def _store_layer(self, changeset: Changeset) -> tuple[Descriptor, Digest]:
        """Write a layer into the store; return its descriptor and its diff ID, the digest of the uncompressed tar."""
        archive = changeset.to_tar()
        if not self.options.compression:
            diff_id = self.options.store.put_blob(archive)
            return Descriptor(OCI_LAYER, diff_id, len(archive)), diff_id
        blob = changeset.to_gzip()
        return Descriptor(OCI_LAYER_GZIP, self.options.store.put_blob(blob), len(blob)), Digest.of(archive)

    def _copied(self, line: ExpandedInstruction) -> dict[str, Entry]:
        """Return the files that a COPY or ADD writes."""
        below, working_dir = self.result.tree, self.result.runtime.working_dir
        return Copy(line, line.args(), self.source(line.one), below, working_dir).entries()

    def _record(
        self, instruction: Instruction, step: CachedStep, lookup: CacheLookup, *, cached: bool, reason: str
    ) -> None:
        """Add the result of a step to the stage, and the step to the report."""
        result = self.result
        result.key, result.runtime = lookup.key, step.runtime
        result.author = instruction.args if instruction.keyword == "MAINTAINER" else result.author
        result.history += [step.history] if step.history else []
        self.cmd_set = self.cmd_set or instruction.keyword == "CMD"
        if step.layer is not None and step.diff_id is not None:
            result.layers.append((step.layer, step.diff_id))
            result.tree = apply(result.tree, Changeset.from_blob(self.options.store.content(step.layer.digest)))
        # The number is 0 for now: the build numbers the steps of all its stages together.
        self.steps.append(BuildStep(0, str(instruction), step.layer, cached, reason, step.assumed))


def single_spaced(command: str) -> str:
    """Replace each run of spaces and line breaks by one space, so that layout does not tell commands apart."""
    return " ".join(command.split())
