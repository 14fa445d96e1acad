"""Makes the endpoints of MLflow's AI gateway that `models.py` asks, once.

Behind them is the server in `SHELL_TEST_MODELS`, which stands in for both providers.
"""

import os

import requests
from common import OWNER

API = f"{OWNER}/api/3.0/mlflow/gateway"
BASE = f"{os.environ['SHELL_TEST_MODELS']}/v1"
MODELS = {
    "stand-in-openai": ("openai", "gpt-4o"),
    "stand-in-judge": ("openai", "gpt-4o-mini"),
    "stand-in-embeddings": ("openai", "text-embedding-3-small"),
    "stand-in-anthropic": ("anthropic", "claude-sonnet-4-5"),
}


def post(path, **body):
    answer = requests.post(f"{API}/{path}/create", json=body, timeout=30)
    assert answer.ok, answer.text
    return answer.json()


for name, (provider, model) in MODELS.items():
    secret = post(
        "secrets",
        secret_name=name,
        provider=provider,
        secret_value={"api_key": "stand-in"},
        auth_config={"api_base": BASE},
    )["secret"]["secret_id"]
    definition = post(
        "model-definitions", name=name, secret_id=secret, provider=provider, model_name=model
    )["model_definition"]["model_definition_id"]
    config = {"model_definition_id": definition, "linkage_type": "PRIMARY", "weight": 1.0}
    post("endpoints", name=name, model_configs=[config])
