"""The table of calls: each call, and what must exist before it.

An entry is a function that creates, as the owner, what the call needs, and
returns the call itself, which the user under test makes:

    @call
    def delete_run(it):
        run = it.run()
        return lambda client: client.delete_run(run)

It has the name of the method, with a variant after two underscores.
`@call(fails="CODE")` says that MLflow itself refuses the call.
"""

import tempfile
from pathlib import Path

ENTRIES = []

# Methods that are not tested, and why.
UNTRIED = {}


class Entry:
    def __init__(self, function, fails):
        self.name = function.__name__
        self.method = self.name.split("__")[0]
        self.prepare = function
        self.fails = fails


def call(function=None, *, fails=None):
    """Adds an entry to the table."""

    def add(function):
        ENTRIES.append(Entry(function, fails))
        return function

    return add(function) if function else add


class Preparation:
    """What the owner creates for one entry. Names begin with the round's prefix."""

    def __init__(self, owner, prefix, entry):
        self.owner = owner
        self.stem = f"{prefix}-{entry.name.replace('_', '-')}"
        self.count = 0

    def name(self):
        self.count += 1
        return f"{self.stem}-{self.count}"

    def folder(self):
        return Path(tempfile.mkdtemp(prefix="round-"))

    def file(self, text="one line\n"):
        file = self.folder() / "file.txt"
        file.write_text(text)
        return file

    def experiment(self):
        return self.owner.create_experiment(self.name(), tags={"team": "a"})

    def run(self, experiment=None):
        run = self.owner.create_run(
            experiment or self.experiment(), start_time=1000, run_name="a run"
        )
        return run.info.run_id

    def model(self):
        return self.owner.create_registered_model(self.name(), {"k": "v"}, "words").name

    def version(self, name=None):
        """Creates a model, and returns its name and its new version."""
        name = name or self.model()
        run = self.owner.get_run(self.run())
        source = f"{run.info.artifact_uri}/model"
        version = self.owner.create_model_version(name, source, run.info.run_id)
        return name, version.version
