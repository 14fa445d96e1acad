//! What a `REQUEST` authorizer is told: every field that AWS documents
//! (`api-gateway-lambda-authorizer-input`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::{Call, spelling};

/// Whose API it is.
pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const API: &str = "abcdef1234";
pub(super) const REGION: &str = "eu-central-1";

/// The method ARN of a request: as the client spelt the path.
pub(super) fn arn(stage: &str, verb: &str, path: &str) -> String {
    let path = path.trim_start_matches('/');
    format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{API}/{stage}/{verb}/{path}")
}

/// The event for a request to `resource`, whose parameter is `proxy`; empty if
/// it has none.
pub(super) fn of(call: &Call, resource: &str, proxy: &str) -> Value {
    let host = format!("{API}.execute-api.{REGION}.amazonaws.com");
    let parameters = if proxy.is_empty() {
        json!({})
    } else {
        json!({ "proxy": proxy })
    };
    let (headers, all_headers) = grouped(headers(&call.headers, &host));
    let query = call.query.iter().cloned();
    let (query, all_of_query) = grouped(query);
    json!({
        "type": "REQUEST",
        "methodArn": arn(&call.stage, &call.verb, &call.path),
        "resource": resource,
        "path": call.path,
        "httpMethod": call.verb,
        "headers": headers,
        "multiValueHeaders": all_headers,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": all_of_query,
        "pathParameters": parameters,
        "stageVariables": {},
        "requestContext": context(call, resource, &host),
    })
}

fn context(call: &Call, resource: &str, host: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default();
    let agent = call.headers.get("user-agent");
    let agent = agent.and_then(|value| value.to_str().ok());
    json!({
        "resourceId": "05c7jb",
        "resourcePath": resource,
        "httpMethod": call.verb,
        "extendedRequestId": format!("{}=", call.id.replace('-', "")),
        "requestTime": common_log_format(now),
        "path": format!("/{}{}", call.stage, call.path),
        "accountId": ACCOUNT,
        "protocol": "HTTP/1.1",
        "stage": call.stage,
        "domainPrefix": API,
        "requestTimeEpoch": u64::try_from(now.as_millis()).unwrap_or_default(),
        "requestId": call.id,
        "identity": {
            "cognitoIdentityPoolId": null,
            "apiKey": null,
            "sourceIp": "127.0.0.1",
            "userAgent": agent,
            "user": null,
        },
        "domainName": host,
        "apiId": API,
    })
}

/// Names and values; the host is API Gateway's own.
fn headers(headers: &HeaderMap, host: &str) -> impl Iterator<Item = (String, String)> {
    headers.iter().map(move |(name, value)| {
        let value = match name.as_str() {
            "host" => host.to_owned(),
            // Not all that is in a header is text to everybody.
            _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        (capitalised(name.as_str()), value)
    })
}

/// As HTTP/1.1 clients write header names.
fn capitalised(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

/// By name: the last value, and all.
fn grouped(pairs: impl Iterator<Item = (String, String)>) -> (Value, Value) {
    let (mut last, mut all) = (Map::new(), Map::new());
    for (name, value) in pairs {
        let values = all.entry(name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(json!(value));
        }
        last.insert(name, json!(value));
    }
    (last.into(), all.into())
}

/// Such as `01/Jul/2026:09:30:00 +0000`.
fn common_log_format(since_1970: Duration) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = since_1970.as_secs();
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    let mut month = 0;
    while days >= length(year, month) {
        days -= length(year, month);
        (year, month) = if month == 11 {
            (year + 1, 0)
        } else {
            (year, month + 1)
        };
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let (day, month) = (days + 1, MONTHS[month]);
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// The days of a month, counted from 0.
fn length(year: u64, month: usize) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 if is_leap => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

/// A request's query, taken apart; `None` if it has what must be encoded.
pub(super) fn query(query: &str) -> Option<Vec<(String, String)>> {
    let is_spelt_well = !query.contains(['|', '{', '}']);
    is_spelt_well.then(|| spelling::pairs(query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        let table = [
            (0, "01/Jan/1970:00:00:00 +0000"),
            (951_782_400, "29/Feb/2000:00:00:00 +0000"),
            (1_782_898_200, "01/Jul/2026:09:30:00 +0000"),
            (4_107_542_399, "28/Feb/2100:23:59:59 +0000"),
            (4_107_542_400, "01/Mar/2100:00:00:00 +0000"),
        ];
        for (seconds, text) in table {
            assert_eq!(common_log_format(Duration::from_secs(seconds)), text);
        }
    }
}
