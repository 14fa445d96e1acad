"""Webhooks and workspaces, of MLflow 3."""

from table import UNTRIED, call

UNTRIED["test_webhook"] = "posts to a public address"

# MLflow accepts public addresses only, and would resolve a name. The events that
# trigger these webhooks do not happen here, so nothing is ever sent.
ADDRESS = "https://1.1.1.1/mlflow"
EVENTS = ["budget_policy.exceeded"]


def webhook(it):
    made = it.owner.create_webhook(it.name(), ADDRESS, EVENTS, status="DISABLED")
    return made.webhook_id


@call
def create_webhook(it):
    name = it.name()
    return lambda client: client.create_webhook(name, ADDRESS, EVENTS, status="DISABLED")


@call
def get_webhook(it):
    identifier = webhook(it)
    return lambda client: client.get_webhook(identifier)


@call
def list_webhooks(it):
    webhook(it)
    return lambda client: any(hook.name.startswith(it.stem) for hook in client.list_webhooks())


@call
def update_webhook(it):
    identifier = webhook(it)
    return lambda client: client.update_webhook(identifier, description="words")


@call
def delete_webhook(it):
    identifier = webhook(it)
    return lambda client: client.delete_webhook(identifier)


# A server without workspaces answers with this error.


@call(fails="TEMPORARILY_UNAVAILABLE")
def list_workspaces(it):
    return lambda client: client.list_workspaces()


@call(fails="TEMPORARILY_UNAVAILABLE")
def create_workspace(it):
    return lambda client: client.create_workspace("a-workspace")


@call(fails="TEMPORARILY_UNAVAILABLE")
def get_workspace(it):
    return lambda client: client.get_workspace("a-workspace")


@call(fails="TEMPORARILY_UNAVAILABLE")
def update_workspace(it):
    return lambda client: client.update_workspace("a-workspace", "words")


@call(fails="TEMPORARILY_UNAVAILABLE")
def delete_workspace(it):
    return lambda client: client.delete_workspace("a-workspace")


@call
def get_workspace_store_uri(it):
    return lambda client: type(client.get_workspace_store_uri()).__name__
