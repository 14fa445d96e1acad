//! MLflow for generative AI: traces, evaluation, and what spends money.

use super::{
    super::references::{
        EntityKind::{Dataset, Experiment, Issue, LabelSchema, ReviewQueue, Run, Trace},
        Parameter, Presence, any, once, parameter,
    },
    Access::{Manage, Read, Write},
    Area, Family, delete, get, patch, post, put,
    tracking::{EXPERIMENT, EXPERIMENTS_OF},
};

/// In a path.
const TRACE: &[Parameter] = &[once(Trace, "trace_id")];

const TAG_KEY: Parameter = parameter(Trace, "key", Presence::TagKeys);

const TAG_KEYS: Parameter = parameter(Trace, "tags[].key", Presence::TagKeys);

const TAGGED: &[Parameter] = &[TRACE[0], TAG_KEY];

/// MLflow 2 calls a trace a request.
const TRACE_V2: &[Parameter] = &[once(Trace, "request_id")];

const TAGGED_V2: &[Parameter] = &[TRACE_V2[0], TAG_KEY];

const STARTED_V2: &[Parameter] = &[EXPERIMENT[0], TAG_KEYS];

const ENDED_V2: &[Parameter] = &[TRACE_V2[0], TAG_KEYS];

const TRACES: &[Parameter] = &[any(Trace, "trace_ids"), EXPERIMENTS_OF[0]];

const STARTED: &[Parameter] = &[
    once(
        Experiment,
        "trace.trace_info.trace_location.mlflow_experiment.experiment_id",
    ),
    parameter(Trace, "trace.trace_info.trace_id", Presence::New),
    parameter(Trace, "trace.trace_info.tags{}", Presence::TagKeys),
];

const SEARCHED: &[Parameter] = &[any(
    Experiment,
    "locations[].mlflow_experiment.experiment_id",
)];

const LINKED_TO_RUN: &[Parameter] = &[once(Run, "run_id"), any(Trace, "trace_ids")];

/// Spans are added to a trace that is there, whatever the headers say: the traces
/// that an OTLP body has spans of are its `trace_ids` ([`SPANS_PATH`]).
///
/// [`SPANS_PATH`]: super::SPANS_PATH
const SPANS: &[Parameter] = &[
    EXPERIMENT[0],
    any(Run, "run_id"),
    parameter(Trace, "trace_ids", Presence::New),
];

const SCORERS: &[Parameter] = &[EXPERIMENT[0], EXPERIMENTS_OF[0]];

const DATASET: &[Parameter] = &[once(Dataset, "dataset_id")];

const DATASET_AND_EXPERIMENTS: &[Parameter] = &[DATASET[0], EXPERIMENTS_OF[0]];

const SCHEMA: &[Parameter] = &[once(LabelSchema, "schema_id")];

const QUEUE: &[Parameter] = &[once(ReviewQueue, "queue_id")];

const QUEUE_ITEMS: &[Parameter] = &[QUEUE[0], any(Trace, "item_ids")];

const ISSUE: &[Parameter] = &[once(Issue, "issue_id")];

const FOUND_ISSUE: &[Parameter] = &[EXPERIMENT[0], any(Run, "source_run_id")];

pub(super) const API: &[Family] = &[
    Family {
        area: Area::Traces,
        base: "2.0/mlflow/get-online-trace-details",
        rows: &[get("", Read)],
    },
    Family {
        area: Area::Traces,
        base: "2.0/mlflow/get-trace-artifact",
        rows: &[get("", Read).of(TRACE_V2)],
    },
    Family {
        area: Area::Traces,
        base: "2.0/mlflow/traces",
        rows: &[
            get("", Read).of(EXPERIMENTS_OF),
            post("", Write).of(STARTED_V2),
            post("delete-traces", Write).of(EXPERIMENT),
            post("link-prompts", Write).of(TRACE),
            post("link-to-run", Write).of(LINKED_TO_RUN),
            post("{trace_id}/assessments", Write).of(TRACE),
            patch("{request_id}", Write).of(ENDED_V2),
            get("{request_id}/info", Read).of(TRACE_V2),
            delete("{request_id}/tags", Write).of(TRACE_V2),
            patch("{request_id}/tags", Write).of(TAGGED_V2),
            get("{trace_id}", Read).of(TRACE),
            delete("{trace_id}/assessments/{assessment_id}", Write).of(TRACE),
            patch("{trace_id}/assessments/{assessment_id}", Write).of(TRACE),
        ],
    },
    Family {
        area: Area::Traces,
        base: "2.0/mlflow/unified-traces",
        rows: &[get("", Read).of(EXPERIMENTS_OF)],
    },
    Family {
        area: Area::Traces,
        base: "3.0/mlflow/get-trace-artifact",
        rows: &[get("", Read).of(TRACE_V2)],
    },
    Family {
        area: Area::Traces,
        base: "3.0/mlflow/traces",
        rows: &[
            post("", Write).of(STARTED),
            get("batchGet", Read).of(TRACES),
            post("batchGetInfos", Read).of(TRACES),
            post("calculate-filter-correlation", Read).of(EXPERIMENTS_OF),
            post("delete-traces", Write).of(EXPERIMENT),
            get("get", Read).of(TRACE),
            post("metrics", Read).of(EXPERIMENTS_OF),
            post("search", Read).of(SEARCHED),
            get("{trace_id}", Read).of(TRACE),
            post("{trace_id}/assessments", Write).of(TRACE),
            delete("{trace_id}/assessments/{assessment_id}", Write).of(TRACE),
            get("{trace_id}/assessments/{assessment_id}", Read).of(TRACE),
            patch("{trace_id}/assessments/{assessment_id}", Write).of(TRACE),
            delete("{trace_id}/tags", Write).of(TRACE),
            patch("{trace_id}/tags", Write).of(TAGGED),
        ],
    },
    Family {
        area: Area::Datasets,
        base: "3.0/mlflow/datasets",
        rows: &[
            post("create", Write).of(EXPERIMENTS_OF),
            get("search", Read).of(EXPERIMENTS_OF),
            post("search", Read).of(EXPERIMENTS_OF),
            delete("{dataset_id}", Write).of(DATASET),
            get("{dataset_id}", Read).of(DATASET),
            post("{dataset_id}/add-experiments", Write).of(DATASET_AND_EXPERIMENTS),
            get("{dataset_id}/experiment-ids", Read).of(DATASET),
            delete("{dataset_id}/records", Write).of(DATASET),
            get("{dataset_id}/records", Read).of(DATASET),
            post("{dataset_id}/records", Write).of(DATASET),
            post("{dataset_id}/remove-experiments", Write).of(DATASET_AND_EXPERIMENTS),
            patch("{dataset_id}/tags", Write).of(DATASET),
            delete("{dataset_id}/tags/{key}", Write).of(DATASET),
        ],
    },
    Family {
        area: Area::Scorers,
        base: "3.0/mlflow/scorers",
        rows: &[
            delete("delete", Write).of(EXPERIMENT),
            get("get", Read).of(EXPERIMENT),
            get("list", Read).of(SCORERS),
            put("online-config", Write).of(EXPERIMENT),
            get("online-configs", Read),
            post("register", Write).of(EXPERIMENT),
            get("versions", Read).of(EXPERIMENT),
        ],
    },
    Family {
        area: Area::Reviews,
        base: "3.0/mlflow/label-schemas",
        rows: &[
            post("create", Write).of(EXPERIMENT),
            delete("delete", Write).of(SCHEMA),
            get("get", Read).of(SCHEMA),
            get("get-by-name", Read).of(EXPERIMENT),
            get("list", Read).of(EXPERIMENT),
            patch("update", Write).of(SCHEMA),
        ],
    },
    Family {
        area: Area::Reviews,
        base: "3.0/mlflow/review-queues",
        rows: &[
            post("create", Write).of(EXPERIMENT),
            post("delete", Write).of(QUEUE),
            get("get", Read).of(QUEUE),
            get("get-by-name", Read).of(EXPERIMENT),
            post("get-or-create-user", Write).of(EXPERIMENT),
            // What is put into a queue is read by its reviewers.
            post("items/add", Write).of(QUEUE_ITEMS),
            get("items/list", Read).of(QUEUE),
            post("items/remove", Write).of(QUEUE),
            post("items/set-status", Write).of(QUEUE),
            get("list", Read).of(EXPERIMENT),
            post("update", Write).of(QUEUE),
        ],
    },
    Family {
        area: Area::Issues,
        base: "3.0/mlflow/issues",
        rows: &[
            post("", Write).of(FOUND_ISSUE),
            post("schedule/state", Write),
            post("search", Read).of(EXPERIMENT),
            get("{issue_id}", Read).of(ISSUE),
            patch("{issue_id}", Write).of(ISSUE),
        ],
    },
    Family {
        area: Area::Jobs,
        base: "3.0/mlflow/issues",
        rows: &[post("invoke", Write)],
    },
    Family {
        area: Area::Jobs,
        base: "3.0",
        rows: &[
            post("jobs/", Write),
            patch("jobs/cancel/{job_id}", Write),
            post("jobs/search", Read),
            get("jobs/{job_id}", Read),
        ],
    },
    Family {
        area: Area::Jobs,
        base: "3.0/mlflow/genai",
        rows: &[post("evaluate/invoke", Write)],
    },
    Family {
        area: Area::Jobs,
        base: "3.0/mlflow/jobs",
        rows: &[patch("cancel/{job_id}", Write), get("{job_id}", Read)],
    },
    Family {
        area: Area::Jobs,
        base: "3.0/mlflow/prompt-optimization",
        rows: &[
            post("jobs", Write),
            get("jobs/search", Read),
            post("jobs/search", Read),
            delete("jobs/{job_id}", Write),
            get("jobs/{job_id}", Read),
            post("jobs/{job_id}/cancel", Write),
        ],
    },
    Family {
        area: Area::Jobs,
        base: "3.0/mlflow/scorer",
        rows: &[post("invoke", Write)],
    },
    Family {
        area: Area::Gateway,
        base: "2.0/mlflow/gateway-proxy",
        rows: &[get("", Read), post("", Write)],
    },
    Family {
        area: Area::Gateway,
        base: "3.0/mlflow/gateway",
        rows: &[
            post("budgets/create", Manage),
            delete("budgets/delete", Manage),
            get("budgets/get", Read),
            get("budgets/list", Read),
            post("budgets/update", Manage),
            get("budgets/windows", Read),
            post("endpoints/bindings/create", Manage),
            delete("endpoints/bindings/delete", Manage),
            get("endpoints/bindings/list", Read),
            post("endpoints/create", Manage),
            delete("endpoints/delete", Manage),
            delete("endpoints/delete-tag", Manage),
            get("endpoints/get", Read),
            get("endpoints/list", Read),
            post("endpoints/models/attach", Manage),
            post("endpoints/models/detach", Manage),
            post("endpoints/set-tag", Manage),
            post("endpoints/update", Manage),
            post("guardrails/add-to-endpoint", Manage),
            post("guardrails/create", Manage),
            delete("guardrails/delete", Manage),
            get("guardrails/get", Read),
            get("guardrails/list", Read),
            get("guardrails/list-for-endpoint", Read),
            delete("guardrails/remove-from-endpoint", Manage),
            patch("guardrails/update-config", Manage),
            post("model-definitions/create", Manage),
            delete("model-definitions/delete", Manage),
            get("model-definitions/get", Read),
            get("model-definitions/list", Read),
            post("model-definitions/update", Manage),
            get("provider-config", Read),
            get("secrets/config", Read),
            post("secrets/create", Manage),
            delete("secrets/delete", Manage),
            get("secrets/get", Read),
            get("secrets/list", Read),
            post("secrets/update", Manage),
            get("supported-models", Read),
            get("supported-providers", Read),
        ],
    },
    Family {
        area: Area::Assistant,
        base: "3.0/mlflow/assistant",
        rows: &[
            get("config", Read),
            put("config", Manage),
            post("message", Manage),
            get("providers", Read),
            get("providers/{provider}/health", Manage),
            get("providers/{provider}/models", Manage),
            patch("sessions/{session_id}", Manage),
            post("sessions/{session_id}/permission", Manage),
            get("sessions/{session_id}/stream", Manage),
            post("sessions/{session_id}/tool-result", Manage),
            post("skills/install", Manage),
        ],
    },
];

pub(super) const ROOT: &[Family] = &[
    Family {
        area: Area::Traces,
        base: "",
        rows: &[post("v1/traces", Write).of(SPANS)],
    },
    Family {
        area: Area::Gateway,
        base: "",
        rows: &[
            post("gateway/anthropic/v1/messages", Write),
            post("gateway/gemini/v1beta/models/{call}", Write),
            post("gateway/mlflow/v1/chat/completions", Write),
            get("gateway/mlflow/v1/models", Read),
            post("gateway/openai/v1/chat/completions", Write),
            post("gateway/openai/v1/embeddings", Write),
            post("gateway/openai/v1/responses", Write),
            post("gateway/openai/v1/responses/compact", Write),
            post("gateway/proxy/{endpoint_name}/{path*}", Write),
            post("gateway/typesafe/v1/systemone", Write),
            post("gateway/{endpoint_name}/mlflow/invocations", Write),
        ],
    },
];
