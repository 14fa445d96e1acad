//! Glue, as wasm-bindgen writes it.

use crate::fold::glue::{self, Kind};

/// The parts that are read, in their places.
pub(super) const GLUE: &str = "\
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg_now_aa4ccb83129e9e55: function() {
            const ret = Date.now();
            return ret;
        },
        __wbg_post_0fc53dead14b3b42: function() { return handleError(function (arg0) {
            arg0.post({
            });
        }, arguments); },
    };
    return {
        \"./shell-app_bg.js\": import0,
    };
}
async function __wbg_load(module, imports) {
}
";

#[test]
fn comments_and_indentation_go() {
    let given = "/**\n * @param {X} x\n */\nfunction f() {\n    // why\n    return a / b;\n\n}\n";
    assert_eq!(glue::slim(given), "function f() {\nreturn a / b;\n}\n");
}

#[test]
fn unused_imports_go() {
    let [now, post] = ["__wbg_now_aa4ccb83129e9e55", "__wbg_post_0fc53dead14b3b42"];
    for (used, unused) in [(now, post), (post, now)] {
        let kept = glue::with_imports(GLUE, &[used.to_owned()]);
        assert!(kept.contains(used) && !kept.contains(unused), "{kept}");
        assert_eq!(
            kept.matches("},").count(),
            1 + usize::from(used == post),
            "{kept}"
        );
        assert!(kept.ends_with("(module, imports) {\n}\n"), "{kept}");
    }
}

#[test]
fn exported_classes_go_with_all_that_is_theirs() {
    let class = "\
export class Sink {
    free() {
    }
}
if (Symbol.dispose) Sink.prototype[Symbol.dispose] = Sink.prototype.free;
const SinkFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_sink_free(ptr, 1));
";
    assert_eq!(glue::without_classes(&format!("{class}{GLUE}")), GLUE);
}

#[test]
fn whole_names_are_changed() {
    let names = [("__wbg_a".to_owned(), "_a".to_owned())];
    let written = glue::renamed("__wbg_a: wasm.__wbg_a(__wbg_ab, 'é')", &names);
    assert_eq!(written, "_a: wasm._a(__wbg_ab, 'é')");
}

#[test]
fn an_export_is_used_where_it_is_called() {
    let script = "wasm.on_fetch(event); on_message(wasm);";
    let used = ["on_fetch", "on", "on_message"].map(|name| glue::uses(script, name));
    assert_eq!(used, [true, false, false]);
}

#[test]
fn one_way_to_start_is_left() {
    let page = glue::with_one_start(GLUE, Kind::Page).unwrap();
    assert!(page.contains("export default"), "{page}");
    let worker = glue::with_one_start(GLUE, Kind::Worker).unwrap();
    assert!(worker.contains("exports.initSync"), "{worker}");
    for script in [page, worker] {
        assert!(!script.contains("__wbg_load"), "{script}");
    }
    assert!(glue::with_one_start("", Kind::Page).is_err());
}

#[test]
fn imports_are_offered_under_the_name_the_module_asks_for() {
    let offered = glue::offering(GLUE).unwrap();
    assert!(offered.contains("\"a\": import0"), "{offered}");
    assert!(glue::offering("").is_err());
}
