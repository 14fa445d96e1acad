//! What a request does to MLflow, in the terms in which rights are given.

use serde::Deserialize;

use super::{endpoints::Endpoint, graphql::Field, references::Scope};

/// A part of MLflow that rights are given on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Experiments, their tags and datasets.
    Experiments,
    /// Runs, their metrics, parameters, tags and inputs.
    Runs,
    /// Files of runs and of everything else in the artifact store. The files
    /// behind a registered model version are there, too.
    Artifacts,
    /// Logged models of MLflow 3.
    LoggedModels,
    /// Registered models and their versions. Prompts are registered models
    /// with a tag, and a request does not say which it is about.
    RegisteredModels,
    /// Traces, their tags and assessments.
    Traces,
    /// Evaluation datasets.
    Datasets,
    /// Scorers and the schedule they run by.
    Scorers,
    /// Label schemas and review queues.
    Reviews,
    /// Issues found in traces.
    Issues,
    /// Registered MCP servers.
    McpServers,
    /// Registered skills.
    Skills,
    /// Models of other providers, called in the server's name: to write is to
    /// spend money.
    Gateway,
    /// Work that the server does: evaluation, prompt optimization, detection of
    /// issues.
    Jobs,
    /// The assistant, which runs commands on the server's host.
    Assistant,
    /// Webhooks, whose addresses are secrets.
    Webhooks,
    /// Workspaces.
    Workspaces,
    /// Users, roles and permissions of MLflow's own basic-auth application.
    Users,
    /// The user interface, the version, and what else belongs to no other area.
    Server,
}

/// What is done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Access {
    /// Nothing changes.
    Read,
    /// Something changes, or work is done.
    Write,
    /// What only an administrator should do.
    Manage,
}

/// What one request does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// It calls this endpoint.
    Endpoint(&'static Endpoint),
    /// It asks for these fields of MLflow's GraphQL schema.
    GraphQl(Vec<&'static Field>),
    /// Nothing is known of it: for administrators only.
    Unknown,
}

impl Area {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Experiments,
        Self::Runs,
        Self::Artifacts,
        Self::LoggedModels,
        Self::RegisteredModels,
        Self::Traces,
        Self::Datasets,
        Self::Scorers,
        Self::Reviews,
        Self::Issues,
        Self::McpServers,
        Self::Skills,
        Self::Gateway,
        Self::Jobs,
        Self::Assistant,
        Self::Webhooks,
        Self::Workspaces,
        Self::Users,
        Self::Server,
    ];

    /// Its name in a policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Experiments => "experiments",
            Self::Runs => "runs",
            Self::Artifacts => "artifacts",
            Self::LoggedModels => "logged-models",
            Self::RegisteredModels => "registered-models",
            Self::Traces => "traces",
            Self::Datasets => "datasets",
            Self::Scorers => "scorers",
            Self::Reviews => "reviews",
            Self::Issues => "issues",
            Self::McpServers => "mcp-servers",
            Self::Skills => "skills",
            Self::Gateway => "gateway",
            Self::Jobs => "jobs",
            Self::Assistant => "assistant",
            Self::Webhooks => "webhooks",
            Self::Workspaces => "workspaces",
            Self::Users => "users",
            Self::Server => "server",
        }
    }

    /// What rights to it are limited by.
    pub fn scope(self) -> Scope {
        match self {
            Self::RegisteredModels => Scope::Models,
            Self::Workspaces => Scope::Workspaces,
            Self::Experiments
            | Self::Runs
            | Self::Artifacts
            | Self::LoggedModels
            | Self::Traces
            | Self::Datasets
            | Self::Scorers
            | Self::Reviews
            | Self::Issues
            | Self::McpServers
            | Self::Skills
            | Self::Gateway
            | Self::Jobs
            | Self::Assistant
            | Self::Webhooks
            | Self::Users
            | Self::Server => Scope::Experiments,
        }
    }

    /// What there is in it, as a person calls it.
    pub(super) fn nouns(self) -> &'static str {
        match self {
            Self::LoggedModels => "logged models",
            Self::RegisteredModels => "registered models",
            Self::McpServers => "MCP servers",
            Self::Gateway => "models of the AI gateway",
            Self::Assistant => "sessions of the assistant",
            Self::Server => "pages of MLflow",
            Self::Experiments
            | Self::Runs
            | Self::Artifacts
            | Self::Traces
            | Self::Datasets
            | Self::Scorers
            | Self::Reviews
            | Self::Issues
            | Self::Skills
            | Self::Jobs
            | Self::Webhooks
            | Self::Workspaces
            | Self::Users => self.as_str(),
        }
    }
}

impl Access {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Manage];

    /// Its name in a policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Manage => "manage",
        }
    }

    /// What is done to what is in `area`, as a person calls it.
    pub(super) fn verb(self, area: Area) -> &'static str {
        match (self, area) {
            (Self::Read, _) => "view",
            (Self::Write, Area::Gateway) => "call",
            (Self::Write, Area::Jobs) => "start",
            (Self::Write, _) => "change",
            (Self::Manage, _) => "manage",
        }
    }
}

impl Operation {
    /// The rights that it takes, all of them. Empty if the endpoint is not in the
    /// table, which takes the right to everything.
    pub fn demands(&self) -> Vec<(Area, Access)> {
        match self {
            Self::Endpoint(endpoint) => vec![(endpoint.area, endpoint.access)],
            Self::GraphQl(fields) => fields.iter().flat_map(|field| field.demands()).collect(),
            Self::Unknown => Vec::new(),
        }
    }

    /// Whether it is about this area alone.
    pub fn is_of(&self, area: Area) -> bool {
        matches!(self, Self::Endpoint(endpoint) if endpoint.area == area)
    }

    /// What it is called in logs: the endpoint's path, with names in braces in
    /// place of what differs.
    pub fn template(&self) -> &str {
        match self {
            Self::Endpoint(endpoint) => &endpoint.path,
            Self::GraphQl(_) => "graphql",
            Self::Unknown => "unknown",
        }
    }

    /// The strongest access of it.
    pub fn access(&self) -> Access {
        let demands = self.demands().into_iter();
        demands
            .map(|(_, access)| access)
            .max()
            .unwrap_or(Access::Manage)
    }
}
