//! The name that API Gateway gives to a method of an API, and matches policies
//! against.

use shell_core::arn::Arn;

/// `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MethodArn {
    text: String,
    /// The partition, which is not always `aws`.
    partition: String,
    api: String,
    pub(crate) stage: String,
    pub(crate) method: String,
    /// Of the request, below the stage and whatever a custom domain puts
    /// before it.
    pub(crate) path: String,
}

impl MethodArn {
    /// Reads the ARN of a method; `None` for anything else, such as a route of
    /// a WebSocket API.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        let parts: Vec<_> = arn.resource.splitn(4, '/').collect();
        let [api, stage, method, path] = parts[..] else {
            return None;
        };
        let has_names = !api.contains(':') && ![api, stage, method].contains(&"");
        (arn.service == "execute-api" && has_names).then(|| Self {
            text: text.to_owned(),
            partition: arn.partition.to_owned(),
            api: api.to_owned(),
            stage: stage.to_owned(),
            method: method.to_owned(),
            path: ["/", path.strip_prefix('/').unwrap_or(path)].concat(),
        })
    }

    /// As API Gateway has it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a policy would take a part of the path for a wildcard.
    pub(crate) fn is_pattern(&self) -> bool {
        self.path.contains(['*', '?'])
    }

    /// The pattern of every method of the API's stage.
    pub(crate) fn every_method(&self) -> String {
        self.of("*", "*")
    }

    /// The pattern of `method` and `path`, which begins without a slash, on the
    /// API's stage. Region and account are wildcards, which makes answers short:
    /// API Gateway asks them about this API only.
    pub(crate) fn of(&self, method: &str, path: &str) -> String {
        let Self {
            partition,
            api,
            stage,
            ..
        } = self;
        format!("arn:{partition}:execute-api:*:*:{api}/{stage}/{method}/{path}")
    }

    /// The pattern of paths that look like the end of an ARN: should wildcards
    /// reach beyond colons, other patterns would match the wrong end.
    pub(crate) fn inside_another(&self) -> String {
        self.of("*", &format!("*:{}/{}/*", self.api, self.stage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_from_everything_else() {
        let table = [
            (
                "arn:aws:execute-api:us-east-1:123456789012:s4x3opwd6i/test/GET/request",
                Some((
                    "test",
                    "GET",
                    "/request",
                    "arn:aws:execute-api:*:*:s4x3opwd6i/test/*/*",
                )),
            ),
            (
                "arn:aws-us-gov:execute-api:us-gov-west-1:1:a/prod/POST/ajax-api/2.0/mlflow/runs:search",
                Some((
                    "prod",
                    "POST",
                    "/ajax-api/2.0/mlflow/runs:search",
                    "arn:aws-us-gov:execute-api:*:*:a/prod/*/*",
                )),
            ),
            (
                "arn:aws-cn:execute-api:cn-north-1:1:a/test-invoke-stage/GET/",
                Some((
                    "test-invoke-stage",
                    "GET",
                    "/",
                    "arn:aws-cn:execute-api:*:*:a/test-invoke-stage/*/*",
                )),
            ),
            (
                "arn:aws:execute-api:us-east-1:1:a/$default/GET//",
                Some((
                    "$default",
                    "GET",
                    "/",
                    "arn:aws:execute-api:*:*:a/$default/*/*",
                )),
            ),
            ("arn:aws:execute-api:us-east-1:1:a/prod/$connect", None),
            ("arn:aws:execute-api:us-east-1:1:a/prod/GET", None),
            ("arn:aws:execute-api:us-east-1:1:a//GET/request", None),
            ("arn:aws:execute-api:us-east-1:1:/test/GET/request", None),
            ("arn:aws:lambda:us-east-1:1:a/test/GET/request", None),
            ("arn:aws:execute-api:a/test/GET/request", None),
            ("arn:aws:execute-api:us-east-1:1:x:a/test/GET/request", None),
            ("*", None),
            ("", None),
        ];
        for (text, expected) in table {
            let arn = MethodArn::parse(text);
            let every = arn
                .as_ref()
                .map(MethodArn::every_method)
                .unwrap_or_default();
            let found = arn
                .as_ref()
                .map(|arn| (&*arn.stage, &*arn.method, &*arn.path, &*every));
            assert_eq!(found, expected, "{text}");
        }
    }
}
