"""Traces of MLflow 3, and the data sets for their evaluation."""

from table import call


def trace(it, experiment=None):
    """Makes a trace with one span inside another."""
    owner = it.owner
    root = owner.start_trace(
        "answer", inputs={"q": 1}, experiment_id=experiment or it.experiment(), tags={"k": "v"}
    )
    span = owner.start_span("step", root.trace_id, root.span_id, inputs={"x": 1})
    owner.end_span(root.trace_id, span.span_id, outputs={"y": 2})
    owner.end_trace(root.trace_id, outputs={"a": 2})
    return root.trace_id


@call
def start_trace(it):
    experiment = it.experiment()

    def start(client):
        root = client.start_trace("answer", inputs={"q": 1}, experiment_id=experiment)
        return [root.name, root.inputs]

    return start


@call
def start_span(it):
    experiment = it.experiment()

    def start(client):
        root = client.start_trace("answer", experiment_id=experiment)
        span = client.start_span("step", root.trace_id, root.span_id, inputs={"x": 1})
        return [span.name, span.inputs]

    return start


@call
def end_span(it):
    experiment = it.experiment()

    def end(client):
        root = client.start_trace("answer", experiment_id=experiment)
        span = client.start_span("step", root.trace_id, root.span_id)
        client.end_span(root.trace_id, span.span_id, outputs={"y": 2})
        return span.outputs

    return end


@call
def end_trace(it):
    experiment = it.experiment()

    def end(client):
        root = client.start_trace("answer", experiment_id=experiment, inputs="10 % & ü")
        client.end_trace(root.trace_id, outputs={"a": 2})
        return client.get_trace(root.trace_id, display=False)

    return end


@call
def get_trace(it):
    identifier = trace(it)
    return lambda client: client.get_trace(identifier, display=False)


@call
def search_traces(it):
    experiment = it.experiment()
    trace(it, experiment)
    return lambda client: client.search_traces(locations=[experiment])


@call
def set_trace_tag(it):
    identifier = trace(it)
    return lambda client: client.set_trace_tag(identifier, "a", "b")


@call
def delete_trace_tag(it):
    identifier = trace(it)
    return lambda client: client.delete_trace_tag(identifier, "k")


@call
def delete_traces(it):
    experiment = it.experiment()
    identifier = trace(it, experiment)
    return lambda client: client.delete_traces(experiment, trace_ids=[identifier])


@call
def link_traces_to_run(it):
    experiment = it.experiment()
    identifier, run = trace(it, experiment), it.run(experiment)
    return lambda client: client.link_traces_to_run([identifier], run)


@call(fails="NotImplementedError")
def unlink_traces_from_run(it):
    experiment = it.experiment()
    identifier, run = trace(it, experiment), it.run(experiment)
    it.owner.link_traces_to_run([identifier], run)
    return lambda client: client.unlink_traces_from_run([identifier], run)


@call
def link_prompt_versions_to_trace(it):
    version = it.owner.register_prompt(it.name(), "Say {{word}}.")
    identifier = trace(it)
    return lambda client: client.link_prompt_versions_to_trace([version], identifier)


def dataset(it):
    return it.owner.create_dataset(it.name(), [it.experiment()], {"k": "v"}).dataset_id


@call
def create_dataset(it):
    name, experiment = it.name(), it.experiment()
    return lambda client: client.create_dataset(name, [experiment], {"k": "v"})


@call
def get_dataset(it):
    identifier = dataset(it)
    return lambda client: client.get_dataset(identifier)


@call
def search_datasets(it):
    dataset(it)
    return lambda client: client.search_datasets(filter_string=f"name LIKE '{it.stem}%'")


@call
def set_dataset_tags(it):
    identifier = dataset(it)
    return lambda client: client.set_dataset_tags(identifier, {"a": "b"})


@call
def delete_dataset_tag(it):
    identifier = dataset(it)
    return lambda client: client.delete_dataset_tag(identifier, "k")


@call
def add_dataset_to_experiments(it):
    identifier, experiment = dataset(it), it.experiment()
    return lambda client: client.add_dataset_to_experiments(identifier, [experiment])


@call
def remove_dataset_from_experiments(it):
    experiment = it.experiment()
    identifier = it.owner.create_dataset(it.name(), [experiment]).dataset_id
    return lambda client: client.remove_dataset_from_experiments(identifier, [experiment])


@call
def delete_dataset(it):
    identifier = dataset(it)
    return lambda client: client.delete_dataset(identifier)
