"""The openai and anthropic SDKs, and a judge of MLflow's, at MLflow's AI gateway."""

import os

import anthropic
import openai
from common import AT, TOKEN, step

QUESTION = [{"role": "user", "content": "Who are you?"}]
KEY = TOKEN or "none"


def openai_at(path):
    return openai.OpenAI(base_url=f"{AT}/gateway/{path}", api_key=KEY, max_retries=0)


def anthropic_with(**key):
    return anthropic.Anthropic(base_url=f"{AT}/gateway/anthropic", max_retries=0, **key)


def models():
    return [model.id for model in openai_at("mlflow/v1").models.list() if "stand-in" in model.id]


def chat(path):
    def act():
        told = openai_at(path).chat.completions.create(model="stand-in-openai", messages=QUESTION)
        return told.choices[0].message.content

    return act


def chat_in_parts(path):
    def act():
        told = openai_at(path).chat.completions.create(
            model="stand-in-openai", messages=QUESTION, stream=True
        )
        parts = [chunk.choices[0].delta.content for chunk in told if chunk.choices]
        parts = [part for part in parts if part]
        return f"{len(parts)} parts: {''.join(parts)}"

    return act


def responses():
    told = openai_at("openai/v1").responses.create(model="stand-in-openai", input="Who are you?")
    return told.output_text


def embeddings():
    told = openai_at("openai/v1").embeddings.create(model="stand-in-embeddings", input="words")
    return f"{len(told.data)} vector of {len(told.data[0].embedding)}"


def messages(**key):
    def act():
        told = anthropic_with(**key).messages.create(
            model="stand-in-anthropic", max_tokens=64, messages=QUESTION
        )
        return told.content[0].text

    return act


def messages_in_parts():
    client = anthropic_with(api_key=KEY)
    with client.messages.stream(
        model="stand-in-anthropic", max_tokens=64, messages=QUESTION
    ) as stream:
        parts = list(stream.text_stream)
    return f"{len(parts)} parts: {''.join(parts)}"


def judge():
    """It sends neither the token nor what a plugin adds: only Basic."""
    from mlflow.genai.judges import make_judge

    os.environ["MLFLOW_TRACKING_USERNAME"] = "token"
    os.environ["MLFLOW_TRACKING_PASSWORD"] = KEY
    try:
        asked = make_judge(
            name="politeness",
            instructions="Is {{ outputs }} polite?",
            model="gateway:/stand-in-judge",
            feedback_value_type=str,
        )
        told = asked(outputs={"text": "Please."})
        if told.error:
            raise RuntimeError(told.error.error_message)
        return f"{told.value}: {told.rationale}"
    finally:
        del os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]


step("openai: models", models, reads=True)
step("openai: chat", chat("mlflow/v1"))
step("openai: chat, streamed", chat_in_parts("mlflow/v1"))
step("openai: chat, passed through", chat("openai/v1"))
step("openai: chat, passed through and streamed", chat_in_parts("openai/v1"))
step("openai: responses", responses)
step("openai: embeddings", embeddings)
step("anthropic: messages, `api_key`", messages(api_key=KEY))
step("anthropic: messages, `auth_token`", messages(auth_token=KEY))
step("anthropic: messages, streamed", messages_in_parts)
step("`make_judge(model=\"gateway:/…\")`", judge)
