"""MCP servers, of MLflow 3."""

from table import UNTRIED, call

UNTRIED["refresh_mcp_server_version_tools"] = "asks an MCP server, of which there is none here"

VERSION = "1.0.0"


def description(name):
    return {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": name,
        "description": "a server",
        "version": VERSION,
        "remotes": [{"type": "streamable-http", "url": "https://mcp.example/mcp"}],
    }


def server(it):
    """Returns the name of a server with one version."""
    name = f"com.example/{it.name()}"
    it.owner.create_mcp_server(name, "words")
    it.owner.create_mcp_server_version(description(name), status="active", tools=None)
    return name


def endpoint(it):
    name = server(it)
    made = it.owner.create_mcp_access_endpoint(
        name, "https://mcp.example/mcp", server_version=VERSION
    )
    return name, made.endpoint_id if hasattr(made, "endpoint_id") else made.id


@call
def create_mcp_server(it):
    name = f"com.example/{it.name()}"
    return lambda client: client.create_mcp_server(name, "words")


@call
def create_mcp_server_version(it):
    name = f"com.example/{it.name()}"
    it.owner.create_mcp_server(name)
    return lambda client: client.create_mcp_server_version(description(name), tools=None)


@call
def get_mcp_server(it):
    name = server(it)
    return lambda client: client.get_mcp_server(name)


@call
def get_mcp_server_version(it):
    name = server(it)
    return lambda client: client.get_mcp_server_version(name, VERSION)


@call
def get_latest_mcp_server_version(it):
    name = server(it)
    return lambda client: client.get_latest_mcp_server_version(name)


@call
def set_mcp_server_alias(it):
    name = server(it)
    return lambda client: client.set_mcp_server_alias(name, "best", VERSION)


@call
def get_mcp_server_version_by_alias(it):
    name = server(it)
    it.owner.set_mcp_server_alias(name, "best", VERSION)
    return lambda client: client.get_mcp_server_version_by_alias(name, "best")


@call
def delete_mcp_server_alias(it):
    name = server(it)
    it.owner.set_mcp_server_alias(name, "best", VERSION)
    return lambda client: client.delete_mcp_server_alias(name, "best")


@call
def set_mcp_server_tag(it):
    name = server(it)
    return lambda client: client.set_mcp_server_tag(name, "a", "b")


@call
def delete_mcp_server_tag(it):
    name = server(it)
    it.owner.set_mcp_server_tag(name, "a", "b")
    return lambda client: client.delete_mcp_server_tag(name, "a")


@call
def set_mcp_server_version_tag(it):
    name = server(it)
    return lambda client: client.set_mcp_server_version_tag(name, VERSION, "a", "b")


@call
def delete_mcp_server_version_tag(it):
    name = server(it)
    it.owner.set_mcp_server_version_tag(name, VERSION, "a", "b")
    return lambda client: client.delete_mcp_server_version_tag(name, VERSION, "a")


@call
def search_mcp_servers(it):
    name = server(it)
    return lambda client: client.search_mcp_servers(f"name = '{name}'")


@call
def search_mcp_server_versions(it):
    name = server(it)
    return lambda client: client.search_mcp_server_versions(name)


@call
def update_mcp_server(it):
    name = server(it)
    return lambda client: client.update_mcp_server(name, description="other words")


@call
def update_mcp_server_version(it):
    name = server(it)
    return lambda client: client.update_mcp_server_version(name, VERSION, status="deprecated")


@call
def delete_mcp_server_version(it):
    name = server(it)
    it.owner.update_mcp_server_version(name, VERSION, status="deprecated")
    return lambda client: client.delete_mcp_server_version(name, VERSION)


@call
def delete_mcp_server(it):
    name = f"com.example/{it.name()}"
    it.owner.create_mcp_server(name)
    return lambda client: client.delete_mcp_server(name)


@call
def create_mcp_access_endpoint(it):
    name = server(it)
    return lambda client: client.create_mcp_access_endpoint(
        name, "https://mcp.example/mcp", server_version=VERSION
    )


@call
def get_mcp_access_endpoint(it):
    name, identifier = endpoint(it)
    return lambda client: client.get_mcp_access_endpoint(name, identifier)


@call
def search_mcp_access_endpoints(it):
    name, _ = endpoint(it)
    return lambda client: client.search_mcp_access_endpoints(name)


@call
def update_mcp_access_endpoint(it):
    name, identifier = endpoint(it)
    return lambda client: client.update_mcp_access_endpoint(
        name, identifier, url="https://mcp.example/other"
    )


@call
def delete_mcp_access_endpoint(it):
    name, identifier = endpoint(it)
    return lambda client: client.delete_mcp_access_endpoint(name, identifier)
