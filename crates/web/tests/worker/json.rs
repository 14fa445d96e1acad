use shell_core::{bounds, json::Value};
use shell_web::json;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_browsers_json_is_read_as_core_wants_it() {
    let text = |text: &str| Value::Text(text.to_owned());
    let table = [
        ("null", Value::Null),
        ("7", Value::Number(7)),
        ("7.5", Value::Other),
        ("-7", Value::Other),
        ("true", Value::True),
        ("false", Value::Other),
        (r#""a\u00e9\n""#, text("aé\n")),
        (r#"["a",null]"#, Value::List(vec![text("a"), Value::Null])),
        (
            r#"{"b":"1","b":"2"}"#,
            Value::Object(vec![("b".to_owned(), text("2"))]),
        ),
    ];
    for (given, expected) in table {
        assert_eq!(json::parse(given), Ok(expected), "{given}");
    }
    assert!(json::parse("<html>").is_err());
}

#[wasm_bindgen_test]
fn what_is_nested_too_deeply_is_refused_and_the_worker_goes_on() {
    let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert!(json::parse(&nested(bounds::JSON_DEPTH)).is_ok());
    let refused = json::parse(&nested(bounds::JSON_DEPTH + 1));
    assert_eq!(
        refused,
        Err("it is nested more than 127 levels deep".into())
    );
    assert_eq!(json::parse("7"), Ok(Value::Number(7)));
}
