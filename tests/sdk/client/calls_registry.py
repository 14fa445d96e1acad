"""The model registry."""

import warnings

from table import call


@call
def create_registered_model(it):
    name = it.name()
    return lambda client: client.create_registered_model(name, {"k": "v"}, "10 % & ü")


@call(fails="RESOURCE_ALREADY_EXISTS")
def create_registered_model__twice(it):
    name = it.model()
    return lambda client: client.create_registered_model(name)


@call
def get_registered_model(it):
    name, _ = it.version()
    return lambda client: client.get_registered_model(name)


@call(fails="RESOURCE_DOES_NOT_EXIST")
def get_registered_model__missing(it):
    return lambda client: client.get_registered_model("there is none ü")


@call
def search_registered_models(it):
    it.model(), it.model()
    return lambda client: client.search_registered_models(
        f"name LIKE '{it.stem}%'", order_by=["name DESC"]
    )


@call
def update_registered_model(it):
    name = it.model()
    return lambda client: client.update_registered_model(name, "other words")


@call
def rename_registered_model(it):
    name, new = it.model(), it.name()
    return lambda client: client.rename_registered_model(name, new)


@call
def set_registered_model_tag(it):
    name = it.model()

    def tag(client):
        client.set_registered_model_tag(name, "a", "b")
        return client.get_registered_model(name)

    return tag


@call
def delete_registered_model_tag(it):
    name = it.model()

    def delete(client):
        client.delete_registered_model_tag(name, "k")
        return client.get_registered_model(name)

    return delete


@call
def set_registered_model_alias(it):
    name, version = it.version()

    def alias(client):
        client.set_registered_model_alias(name, "champion", version)
        return client.get_registered_model(name)

    return alias


@call
def delete_registered_model_alias(it):
    name, version = it.version()
    it.owner.set_registered_model_alias(name, "champion", version)

    def delete(client):
        client.delete_registered_model_alias(name, "champion")
        return client.get_registered_model(name)

    return delete


@call
def delete_registered_model(it):
    name = it.model()
    return lambda client: client.delete_registered_model(name)


@call
def create_model_version(it):
    name, run = it.model(), it.owner.get_run(it.run())
    source = f"{run.info.artifact_uri}/model"
    return lambda client: client.create_model_version(
        name, source, run.info.run_id, {"k": "v"}, description="first"
    )


@call
def copy_model_version(it):
    name, version = it.version()
    new = it.name()
    return lambda client: client.copy_model_version(f"models:/{name}/{version}", new)


@call
def get_model_version(it):
    name, version = it.version()
    return lambda client: client.get_model_version(name, version)


@call
def get_model_version_by_alias(it):
    name, version = it.version()
    it.owner.set_registered_model_alias(name, "champion", version)
    return lambda client: client.get_model_version_by_alias(name, "champion")


@call
def get_model_version_download_uri(it):
    name, version = it.version()
    return lambda client: client.get_model_version_download_uri(name, version)


@call
def get_model_version_stages(it):
    name, version = it.version()
    return lambda client: client.get_model_version_stages(name, version)


@call
def get_latest_versions(it):
    name, _ = it.version()
    return lambda client: client.get_latest_versions(name)


@call
def search_model_versions(it):
    name, _ = it.version()
    it.version(name)
    return lambda client: client.search_model_versions(
        f"name = '{name}'", order_by=["version_number DESC"]
    )


@call
def update_model_version(it):
    name, version = it.version()
    return lambda client: client.update_model_version(name, version, "better words")


@call
def set_model_version_tag(it):
    name, version = it.version()

    def tag(client):
        client.set_model_version_tag(name, version, "a", "b")
        return client.get_model_version(name, version)

    return tag


@call
def delete_model_version_tag(it):
    name, version = it.version()
    it.owner.set_model_version_tag(name, version, "a", "b")

    def delete(client):
        client.delete_model_version_tag(name, version, "a")
        return client.get_model_version(name, version)

    return delete


@call
def transition_model_version_stage(it):
    name, version = it.version()
    return lambda client: client.transition_model_version_stage(name, version, "Production", True)


@call
def delete_model_version(it):
    name, version = it.version()
    return lambda client: client.delete_model_version(name, version)


# Stages are tested although they are deprecated.
warnings.filterwarnings("ignore", category=FutureWarning)
