"""Prompts, of MLflow 3."""

from table import call


def prompt(it):
    """Returns the name of a prompt and its first version."""
    name = it.name()
    it.owner.register_prompt(name, "Say {{word}}.", "first", {"k": "v"})
    return name


@call
def register_prompt(it):
    name = it.name()
    return lambda client: client.register_prompt(name, "Say {{word}}.", "first")


@call
def create_prompt(it):
    name = it.name()
    return lambda client: client.create_prompt(name, "words", {"k": "v"})


@call
def create_prompt_version(it):
    name = prompt(it)
    return lambda client: client.create_prompt_version(name, "Shout {{word}}!", "second")


@call
def get_prompt(it):
    name = prompt(it)
    return lambda client: client.get_prompt(name)


@call
def get_prompt__missing(it):
    return lambda client: client.get_prompt("there-is-none")


@call
def get_prompt_version(it):
    name = prompt(it)
    return lambda client: client.get_prompt_version(name, 1)


@call
def get_prompt_version_by_alias(it):
    name = prompt(it)
    it.owner.set_prompt_alias(name, "best", 1)
    return lambda client: client.get_prompt_version_by_alias(name, "best")


@call
def load_prompt(it):
    name = prompt(it)
    return lambda client: client.load_prompt(f"prompts:/{name}/1", cache_ttl_seconds=0)


@call
def parse_prompt_uri(it):
    return lambda client: client.parse_prompt_uri("prompts:/a/1")


@call
def search_prompts(it):
    name = prompt(it)
    return lambda client: client.search_prompts(f"name = '{name}'")


@call
def search_prompt_versions(it):
    name = prompt(it)
    return lambda client: client.search_prompt_versions(name)


@call
def set_prompt_alias(it):
    name = prompt(it)
    return lambda client: client.set_prompt_alias(name, "best", 1)


@call
def delete_prompt_alias(it):
    name = prompt(it)
    it.owner.set_prompt_alias(name, "best", 1)
    return lambda client: client.delete_prompt_alias(name, "best")


@call
def set_prompt_tag(it):
    name = prompt(it)
    return lambda client: client.set_prompt_tag(name, "a", "b")


@call
def delete_prompt_tag(it):
    name = prompt(it)
    it.owner.set_prompt_tag(name, "a", "b")
    return lambda client: client.delete_prompt_tag(name, "a")


@call
def set_prompt_version_tag(it):
    name = prompt(it)
    return lambda client: client.set_prompt_version_tag(name, 1, "a", "b")


@call
def delete_prompt_version_tag(it):
    name = prompt(it)
    it.owner.set_prompt_version_tag(name, 1, "a", "b")
    return lambda client: client.delete_prompt_version_tag(name, 1, "a")


@call
def delete_prompt_version(it):
    name = prompt(it)
    return lambda client: client.delete_prompt_version(name, "1")


@call
def delete_prompt(it):
    name = it.name()
    it.owner.create_prompt(name)
    return lambda client: client.delete_prompt(name)


@call
def link_prompt_version_to_run(it):
    name, run = prompt(it), it.run()
    return lambda client: client.link_prompt_version_to_run(run, f"prompts:/{name}/1")


@call
def list_logged_prompts(it):
    name, run = prompt(it), it.run()
    it.owner.link_prompt_version_to_run(run, f"prompts:/{name}/1")
    return lambda client: client.list_logged_prompts(run)


# MLflow 3.18 looks for it in another place than where it stores it.
@call(fails="INVALID_PARAMETER_VALUE")
def detach_prompt_from_run(it):
    name, run = prompt(it), it.run()
    it.owner.link_prompt_version_to_run(run, f"prompts:/{name}/1")
    return lambda client: client.detach_prompt_from_run(run, f"prompts:/{name}/1")


@call
def link_prompt_version_to_model(it):
    name = prompt(it)
    model = it.owner.create_logged_model(it.experiment(), "m").model_id
    return lambda client: client.link_prompt_version_to_model(name, "1", model)
