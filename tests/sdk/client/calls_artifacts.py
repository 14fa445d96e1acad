"""Files of runs."""

import io
import warnings
from pathlib import Path

import numpy
import pandas

from table import call


def read(client, run, path):
    """Returns the content of a file after its download."""
    return Path(client.download_artifacts(run, path)).read_text()


@call
def log_artifact(it):
    run, file = it.run(), it.file()

    def log(client):
        client.log_artifact(run, str(file), "a folder/ü")
        return read(client, run, "a folder/ü/file.txt")

    return log


@call
def log_artifacts(it):
    run, folder = it.run(), it.folder()
    for name in ["a.txt", "deep/b 100 %.txt", "deep/er/c#1.bin"]:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)

    def log(client):
        client.log_artifacts(run, str(folder), "all")
        copy = Path(client.download_artifacts(run, "all"))
        files = sorted(file for file in copy.rglob("*") if file.is_file())
        return [(str(file.relative_to(copy)), file.read_text()) for file in files]

    return log


@call
def list_artifacts(it):
    run = it.run()
    it.owner.log_text(run, "1", "a/one.txt")
    it.owner.log_text(run, "22", "a/ü two.txt")
    return lambda client: [client.list_artifacts(run), client.list_artifacts(run, "a")]


@call
def download_artifacts(it):
    run = it.run()
    it.owner.log_text(run, "text\n" * 100_000, "large.txt")

    def download(client):
        text = read(client, run, "large.txt")
        return [len(text), set(text.split("\n"))]

    return download


@call
def log_text(it):
    run = it.run()

    def log(client):
        client.log_text(run, "words", "words.txt")
        return read(client, run, "words.txt")

    return log


@call
def log_dict(it):
    run = it.run()

    def log(client):
        client.log_dict(run, {"k": [1, None]}, "d.json")
        return read(client, run, "d.json")

    return log


@call
def log_stream(it):
    run = it.run()

    def log(client):
        client.log_stream(run, io.BytesIO(b"bytes" * 10_000), "stream.txt")
        return len(read(client, run, "stream.txt"))

    return log


@call
def log_figure(it):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([1, 2])
    run = it.run()

    def log(client):
        client.log_figure(run, figure, "figure.svg")
        return "<svg" in read(client, run, "figure.svg")

    return log


@call
def log_image(it):
    run, image = it.run(), numpy.zeros((4, 4, 3), dtype=numpy.uint8)

    def log(client):
        client.log_image(run, image, "image.png")
        return Path(client.download_artifacts(run, "image.png")).read_bytes()[:8]

    return log


@call
def log_table(it):
    run = it.run()

    def log(client):
        client.log_table(run, {"a": [1, 2], "b": ["x", "y"]}, "table.json")
        client.log_table(run, pandas.DataFrame({"a": [3], "b": ["z"]}), "table.json")
        return read(client, run, "table.json")

    return log


@call
def load_table(it):
    experiment = it.experiment()
    run = it.run(experiment)
    it.owner.log_table(run, {"a": [1, 2]}, "table.json")
    return lambda client: client.load_table(experiment, "table.json", [run])


warnings.filterwarnings("ignore", module="matplotlib")
