//! The templates under `deploy`: deployed to an emulator of AWS, as far as that
//! goes, and compared with the rules that they repeat.
//!
//! A deployment takes seconds, so there are two, and many things to look at.

mod access;
mod api;
mod cloud;
mod configuration;
mod database;
mod gateway;
mod headers;
mod identity;
mod manual;
mod network;
mod refusals;
mod routes;
mod store;
mod terraform;
mod upload;
mod versions;

use serde_json::json;
use shell_core::{
    Origin,
    config::{Bar, Bearer},
};

use cloud::{Cloud, FRAMER};

/// From where HTML artifacts may load.
const PAGES: [&str; 2] = ["https://cdn.plot.ly", "https://cdn.example:8443"];

/// Where a store is that the stacks do not tell of.
const STORE: &str = "https://elsewhere.s3.us-east-1.amazonaws.com";

#[test]
fn the_manual_names_what_can_be_set() {
    manual::the_settings_it_names_are_parameters();
}

#[test]
fn behind_cloudfront_the_stacks_are_what_the_product_needs() {
    let Some(cloud) = Cloud::start() else {
        return;
    };
    access::what_the_program_complains_of_is_passed_on(&cloud);
    refusals::settings_that_no_template_has_are_named(&cloud);
    refusals::a_setting_that_is_missing_is_named_before_anything_is_made(&cloud);
    refusals::nobody_is_admitted_who_is_no_role_and_no_user(&cloud);
    refusals::a_configuration_is_not_made_of_stacks_that_are_not_there(&cloud);

    versions::the_templates_and_the_product_agree_on_who_may_evaluate(&cloud);

    let settings = json!({
        "FrameAncestors": FRAMER,
        "PageOrigins": PAGES.join(","),
        "DirectDownloads": "true",
        "LlmGatewayImage": "llm:1",
        "AdminPrincipals": "arn:aws:iam::123456789012:role/ci/training,arn:aws:iam::123456789012:user/ada",
    });
    let deploy = || cloud.deploy(&settings, &["--also", "studio", "--also", "accounts"]);
    let output = deploy();
    assert!(output.succeeded, "{output:?}");
    let config = cloud.configure(&[]);
    let site = format!("the site is at {}: ", config.origin.as_str());
    assert!(output.said.contains(&site), "{output:?}");
    assert!(config.origin.as_str().ends_with(".cloudfront.net"));
    assert_eq!(config.ui.as_deref(), Some("3.18.0"));
    assert!(config.api.is_none() && config.python.is_some());
    assert_eq!(config.bearer, Bearer::Id);
    assert_eq!(config.frame_ancestors[0].as_str(), FRAMER);
    let pages = config.artifacts.page_origins.iter().map(Origin::as_str);
    assert!(pages.eq(PAGES), "{config:?}");
    store::pages_of_the_site_may_read_the_bucket_that_is_listed(&cloud, &config);

    identity::the_site_is_registered_once_its_address_is_known(&cloud, &config);
    identity::people_sign_in_by_code_and_nobody_signs_up(&cloud);
    identity::the_groups_are_those_of_the_policy(&cloud);
    identity::nobody_is_an_administrator_by_a_password_alone(&cloud);
    network::each_endpoint_leads_to_what_this_account_needs(&cloud, false);
    database::mlflow_knows_its_database(&cloud);
    api::tokens_are_asked_for_where_browsers_call_and_signatures_where_programs_do(&cloud);
    api::browsers_reach_it_through_cloudfront_alone(&cloud);
    api::an_answer_of_the_authorizer_is_kept_for_the_request_it_was_for(&cloud, 60);
    api::mlflow_is_told_neither_the_token_nor_another_origin(&cloud, &config);
    api::a_preflight_is_answered_as_the_worker_asks(&cloud);
    api::what_it_answers_itself_can_be_read_by_the_site_and_told_apart(&cloud, &config);
    api::the_log_has_who_asked_and_no_trace_of_what_was_sent(&cloud);
    headers::cloudfront_sends_those_of_the_table(&cloud, &config);
    headers::what_mlflow_answers_is_no_document(&cloud, &config);
    headers::files_are_kept_as_long_as_the_table_says(&cloud, &config);
    routes::addresses_that_are_no_files_lead_to_documents(&cloud);
    upload::each_file_goes_up_with_its_type_and_its_doubles_stay(&cloud);
    upload::a_site_without_mlflows_ui_is_refused(&cloud);
    manual::what_the_emulator_cannot_make_is_listed(&cloud);

    let made = cloud.record().len();
    let again = deploy();
    assert!(again.succeeded, "{again:?}");
    assert_eq!(cloud.record().len(), made);
    assert_eq!(cloud.configure(&[]), config);
    configuration::another_file_is_kept_and_the_same_stays(&cloud);

    let bare = cloud.deploy(&json!({ "LlmGatewayImage": "llm:1" }), &[]);
    assert!(bare.succeeded, "{bare:?}");
    let without = cloud.configure(&[]);
    assert_eq!(without.origin, config.origin);
    assert!(without.frame_ancestors.is_empty(), "{without:?}");
    assert!(without.artifacts.is_empty(), "{without:?}");
}

#[test]
fn on_amplify_the_stacks_are_what_the_product_needs() {
    let Some(cloud) = Cloud::start() else {
        return;
    };
    let hosting = ["--hosting", "amplify"];
    let framers = format!("{FRAMER},https://portal.example");
    let acl = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/b";
    let settings = json!({
        "UiVersion": "2.22.5",
        "SageMakerMlflowEndpointService": "aws.sagemaker.us-east-1.experiments",
        "ApiWebAclArn": acl,
        "AdministratorMfa": "required",
        "FrameAncestors": framers,
        "PageOrigins": PAGES[0],
        "StoreOrigin": STORE,
        "PublicStaticFiles": "true",
        "Policy": include_str!("../../deploy/policy.example.json"),
        "AuthorizerTtl": "300",
        "Bearer": "access",
    });
    let output = cloud.deploy(&settings, &hosting);
    assert!(output.succeeded, "{output:?}");
    let more = cloud.path("more.json");
    let artifacts = json!({ "store_origins": [STORE], "page_origins": [PAGES[0]] });
    let keys = json!({ "bar": "collapsed", "artifacts": artifacts });
    std::fs::write(&more, keys.to_string()).expect("there is room");

    let config = cloud.configure(&[&hosting[..], &["--more", &more]].concat());

    assert!(config.origin.as_str().ends_with(".amplifyapp.com"));
    assert_eq!(config.ui.as_deref(), Some("2.22.5"));
    assert_eq!(config.bearer, Bearer::Access);
    assert_eq!(config.bar, Bar::Collapsed);
    let api = config.api.as_ref().expect("it is on another origin");
    let url = api.url("/version", "");
    assert!(
        url.ends_with(".execute-api.us-east-1.amazonaws.com/prod/mlflow/version"),
        "{url}"
    );

    identity::the_site_is_registered_once_its_address_is_known(&cloud, &config);
    api::mlflow_is_told_neither_the_token_nor_another_origin(&cloud, &config);
    api::what_it_answers_itself_can_be_read_by_the_site_and_told_apart(&cloud, &config);
    identity::administrators_are_asked_for_a_second_factor(&cloud);
    network::each_endpoint_leads_to_what_this_account_needs(&cloud, true);
    api::it_is_public_where_the_site_is_elsewhere(&cloud, acl);
    api::static_files_are_public_only_if_asked_for(&cloud);
    // Its policy may be limited to names, of which a kept answer knows nothing.
    api::an_answer_of_the_authorizer_is_kept_for_the_request_it_was_for(&cloud, 0);
    headers::amplify_sends_those_of_the_table(&cloud, &config);
    store::nobodys_pages_may_read_it_otherwise(&cloud);
    manual::what_the_emulator_cannot_make_is_listed(&cloud);
}
