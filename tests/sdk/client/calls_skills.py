"""Skills, of MLflow 3."""

from table import call


def source():
    from mlflow.entities.skill_source import GitSource

    return GitSource("https://git.example/skills", "main")


def skill(it):
    """Returns the name of a skill with one version."""
    name = it.name()
    it.owner.create_skill(name=name, description="words")
    it.owner.create_skill_version(name=name, source=source())
    return name


@call
def create_skill(it):
    name = it.name()
    return lambda client: client.create_skill(name=name, description="words")


@call
def create_skill_version(it):
    name = it.name()
    it.owner.create_skill(name=name)
    return lambda client: client.create_skill_version(name=name, source=source())


@call
def bulk_register_skills(it):
    place = {"source": "https://git.example/skills.git", "ref": "main", "digest": "0a" * 32}
    skills = [{"name": it.name(), **place} for _ in range(2)]
    return lambda client: client.bulk_register_skills(skill_definitions=skills)


@call
def get_skill(it):
    name = skill(it)
    return lambda client: client.get_skill(name=name)


@call
def get_skill_version(it):
    name = skill(it)
    return lambda client: client.get_skill_version(name=name, version=1)


@call
def get_latest_skill_version(it):
    name = skill(it)
    return lambda client: client.get_latest_skill_version(name=name)


@call
def set_skill_alias(it):
    name = skill(it)
    return lambda client: client.set_skill_alias(name=name, alias="best", version=1)


@call
def get_skill_version_by_alias(it):
    name = skill(it)
    it.owner.set_skill_alias(name=name, alias="best", version=1)
    return lambda client: client.get_skill_version_by_alias(name=name, alias="best")


@call
def delete_skill_alias(it):
    name = skill(it)
    it.owner.set_skill_alias(name=name, alias="best", version=1)
    return lambda client: client.delete_skill_alias(name=name, alias="best")


@call
def set_skill_tag(it):
    name = skill(it)
    return lambda client: client.set_skill_tag(name=name, key="a", value="b")


@call
def delete_skill_tag(it):
    name = skill(it)
    it.owner.set_skill_tag(name=name, key="a", value="b")
    return lambda client: client.delete_skill_tag(name=name, key="a")


@call
def set_skill_version_tag(it):
    name = skill(it)
    return lambda client: client.set_skill_version_tag(name=name, version=1, key="a", value="b")


@call
def delete_skill_version_tag(it):
    name = skill(it)
    it.owner.set_skill_version_tag(name=name, version=1, key="a", value="b")
    return lambda client: client.delete_skill_version_tag(name=name, version=1, key="a")


@call
def search_skills(it):
    name = skill(it)
    return lambda client: client.search_skills(filter_string=f"name = '{name}'")


@call
def search_skill_versions(it):
    name = skill(it)
    return lambda client: client.search_skill_versions(name=name)


@call
def update_skill(it):
    name = skill(it)
    return lambda client: client.update_skill(name=name, description="other words")


@call
def update_skill_version(it):
    name = skill(it)
    return lambda client: client.update_skill_version(name=name, version=1, status="deprecated")


@call
def delete_skill_version(it):
    name = skill(it)
    it.owner.update_skill_version(name=name, version=1, status="deprecated")
    return lambda client: client.delete_skill_version(name=name, version=1)


@call
def delete_skill(it):
    name = it.name()
    it.owner.create_skill(name=name)
    return lambda client: client.delete_skill(name=name)
