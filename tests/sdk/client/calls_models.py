"""Logged models, of MLflow 3."""

from table import call


def model(it, experiment=None):
    made = it.owner.create_logged_model(
        experiment or it.experiment(), "a-model", tags={"k": "v"}, params={"p": "1"}
    )
    return made.model_id


@call
def create_logged_model(it):
    experiment = it.experiment()
    return lambda client: client.create_logged_model(experiment, "a-model", tags={"k": "v"})


@call
def finalize_logged_model(it):
    identifier = model(it)
    return lambda client: client.finalize_logged_model(identifier, "READY")


@call
def get_logged_model(it):
    identifier = model(it)
    return lambda client: client.get_logged_model(identifier)


@call
def search_logged_models(it):
    experiment = it.experiment()
    model(it, experiment)
    return lambda client: client.search_logged_models([experiment])


@call
def log_model_params(it):
    identifier = model(it)

    def log(client):
        client.log_model_params(identifier, {"q": "2"})
        return client.get_logged_model(identifier)

    return log


@call
def set_logged_model_tags(it):
    identifier = model(it)
    return lambda client: client.set_logged_model_tags(identifier, {"a": "b"})


@call
def delete_logged_model_tag(it):
    identifier = model(it)
    return lambda client: client.delete_logged_model_tag(identifier, "k")


@call
def delete_logged_model(it):
    identifier = model(it)
    return lambda client: client.delete_logged_model(identifier)


@call
def log_model_artifact(it):
    identifier, file = model(it), str(it.file())
    return lambda client: client.log_model_artifact(identifier, file)


@call
def log_model_artifacts(it):
    identifier, folder = model(it), str(it.file().parent)
    return lambda client: client.log_model_artifacts(identifier, folder)


@call
def list_logged_model_artifacts(it):
    identifier = model(it)
    it.owner.log_model_artifact(identifier, str(it.file()))
    return lambda client: client.list_logged_model_artifacts(identifier)


@call
def log_outputs(it):
    from mlflow.entities import LoggedModelOutput

    experiment = it.experiment()
    run, identifier = it.run(experiment), model(it, experiment)

    def log(client):
        client.log_outputs(run, [LoggedModelOutput(identifier, 1)])
        return client.get_run(run).outputs

    return log
