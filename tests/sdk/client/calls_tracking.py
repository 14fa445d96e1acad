"""Experiments and runs."""

from mlflow.entities import DatasetInput, Dataset, InputTag, Metric, Param, RunTag, ViewType

from table import call


@call
def create_experiment(it):
    name = it.name()
    return lambda client: client.get_experiment(
        client.create_experiment(name, tags={"team": "b"})
    )


@call(fails="RESOURCE_ALREADY_EXISTS")
def create_experiment__twice(it):
    name = it.owner.get_experiment(it.experiment()).name
    return lambda client: client.create_experiment(name)


@call
def get_experiment(it):
    experiment = it.experiment()
    return lambda client: client.get_experiment(experiment)


@call(fails="RESOURCE_DOES_NOT_EXIST")
def get_experiment__missing(it):
    return lambda client: client.get_experiment("999999")


@call
def get_experiment_by_name(it):
    name = it.owner.get_experiment(it.experiment()).name
    return lambda client: client.get_experiment_by_name(name)


@call
def get_experiment_by_name__missing(it):
    return lambda client: client.get_experiment_by_name("there is none: 10 % & more/ü")


@call
def search_experiments(it):
    it.experiment(), it.experiment()
    wanted = f"name LIKE '{it.stem}%'"
    return lambda client: client.search_experiments(
        ViewType.ALL, filter_string=wanted, order_by=["name DESC"]
    )


@call
def search_experiments__paged(it):
    it.experiment(), it.experiment(), it.experiment()
    wanted = f"name LIKE '{it.stem}%'"

    def pages(client):
        first = client.search_experiments(max_results=2, filter_string=wanted)
        second = client.search_experiments(
            max_results=2, filter_string=wanted, page_token=first.token
        )
        return [first, second]

    return pages


@call
def rename_experiment(it):
    experiment, name = it.experiment(), it.name()

    def rename(client):
        client.rename_experiment(experiment, name)
        return client.get_experiment(experiment)

    return rename


@call
def set_experiment_tag(it):
    experiment = it.experiment()

    def tag(client):
        client.set_experiment_tag(experiment, "mlflow.note.content", "10 % & ü\n" * 200)
        return client.get_experiment(experiment)

    return tag


@call
def delete_experiment_tag(it):
    experiment = it.experiment()
    return lambda client: client.delete_experiment_tag(experiment, "team")


@call
def delete_experiment(it):
    experiment = it.experiment()

    def delete(client):
        client.delete_experiment(experiment)
        return client.get_experiment(experiment)

    return delete


@call
def restore_experiment(it):
    experiment = it.experiment()
    it.owner.delete_experiment(experiment)

    def restore(client):
        client.restore_experiment(experiment)
        return client.get_experiment(experiment)

    return restore


@call
def create_run(it):
    experiment = it.experiment()
    return lambda client: client.create_run(
        experiment, start_time=1000, tags={"mlflow.user": "somebody"}, run_name="first"
    )


@call
def get_run(it):
    run = it.run()
    it.owner.log_param(run, "p", 1)
    it.owner.log_metric(run, "m", 0.5, timestamp=1000, step=3)
    return lambda client: client.get_run(run)


@call(fails="RESOURCE_DOES_NOT_EXIST")
def get_run__missing(it):
    return lambda client: client.get_run("0" * 32)


@call
def get_parent_run(it):
    experiment = it.experiment()
    parent = it.run(experiment)
    tags = {"mlflow.parentRunId": parent}
    child = it.owner.create_run(experiment, tags=tags, run_name="child").info.run_id
    return lambda client: client.get_parent_run(child)


@call
def search_runs(it):
    experiment = it.experiment()
    for value in range(3):
        it.owner.log_metric(it.run(experiment), "m", value, timestamp=1000)
    return lambda client: client.search_runs(
        [experiment], "metrics.m > 0", max_results=10, order_by=["metrics.m DESC"]
    )


@call(fails="INVALID_PARAMETER_VALUE")
def search_runs__malformed(it):
    experiment = it.experiment()
    return lambda client: client.search_runs([experiment], "metrics.m >>> 'x'")


@call
def log_metric(it):
    run = it.run()

    def log(client):
        client.log_metric(run, "loss/val a.b", 0.25, timestamp=1000, step=1)
        return client.get_run(run).data

    return log


@call
def log_param(it):
    run = it.run()
    return lambda client: [client.log_param(run, "p", "ü" * 200), client.get_run(run).data]


@call(fails="INVALID_PARAMETER_VALUE")
def log_param__changed(it):
    run = it.run()
    it.owner.log_param(run, "p", 1)
    return lambda client: client.log_param(run, "p", 2)


@call
def log_batch(it):
    run = it.run()
    metrics = [Metric(f"m{step % 10}", step / 7, 1000 + step, step) for step in range(1000)]
    params = [Param(f"p{n}", str(n)) for n in range(100)]
    tags = [RunTag(f"t{n}", str(n)) for n in range(100)]

    def log(client):
        client.log_batch(run, metrics)
        client.log_batch(run, params=params, tags=tags)
        return client.get_run(run).data

    return log


@call
def get_metric_history(it):
    run = it.run()
    metrics = [Metric("m", step / 3, 1000 + step, step) for step in range(1000)]
    it.owner.log_batch(run, metrics)
    return lambda client: client.get_metric_history(run, "m")


@call
def log_inputs(it):
    run = it.run()
    dataset = Dataset("numbers", "0a1b2c3d", "local", "{}", "{}", "{}")
    inputs = [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])]

    def log(client):
        client.log_inputs(run, inputs)
        return client.get_run(run).inputs

    return log


@call
def set_tag(it):
    run = it.run()

    def tag(client):
        client.set_tag(run, "k", "v")
        return client.get_run(run).data

    return tag


@call
def delete_tag(it):
    run = it.run()
    it.owner.set_tag(run, "k", "v")

    def delete(client):
        client.delete_tag(run, "k")
        return client.get_run(run).data

    return delete


@call
def update_run(it):
    run = it.run()

    def update(client):
        client.update_run(run, "FAILED", "other")
        return client.get_run(run)

    return update


@call
def set_terminated(it):
    run = it.run()

    def terminate(client):
        client.set_terminated(run, "FINISHED", 2000)
        return client.get_run(run)

    return terminate


@call
def delete_run(it):
    run = it.run()

    def delete(client):
        client.delete_run(run)
        return client.get_run(run)

    return delete


@call
def restore_run(it):
    run = it.run()
    it.owner.delete_run(run)

    def restore(client):
        client.restore_run(run)
        return client.get_run(run)

    return restore
