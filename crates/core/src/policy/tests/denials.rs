use super::*;

#[test]
fn a_denial_says_who_may_not_do_what_and_who_may() {
    let table: [(&str, &str, &str); 7] = [
        (
            "readers",
            "POST /ajax-api/2.0/mlflow/experiments/delete",
            "a@example.com may view experiments, but not change them (experiments/delete). \
             Members of these groups may: admins.",
        ),
        (
            "readers",
            "PATCH /api/2.0/mlflow/registered-models/update",
            "a@example.com may view registered models, but not change them \
             (registered-models/update). Members of these groups may: admins, model-approvers.",
        ),
        (
            "model-approvers",
            "DELETE /api/2.0/mlflow/registered-models/delete",
            "a@example.com may view registered models, but not manage them \
             (registered-models/delete). Members of these groups may: admins.",
        ),
        (
            "readers",
            "POST /gateway/openai/v1/responses",
            "a@example.com may view models of the AI gateway, but not call them \
             (gateway/openai/v1/responses). Members of these groups may: admins.",
        ),
        (
            "readers",
            "GET /api/2.0/mlflow/webhooks",
            "a@example.com may not manage webhooks (webhooks). \
             Members of these groups may: admins.",
        ),
        (
            "readers",
            "GET /unheard-of",
            "a@example.com asks for something that the access policy does not know, which is \
             for administrators (unknown). Members of these groups may: admins.",
        ),
        (
            "nobody",
            "GET /api/2.0/mlflow/runs/get",
            "a@example.com is signed in but in none of the groups that may use MLflow. Ask an \
             administrator to add you to one of them, then sign in again: admins, readers, \
             model-approvers.",
        ),
    ];
    for (group, request, message) in table {
        let verdict = Policy::built_in().decide(&claims(&[group]), &read_request(request));
        assert_eq!(verdict.unwrap_err().message(), message);
    }
}
