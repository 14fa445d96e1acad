//! Elements of the page, made one by one.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Element};

use crate::page::window;

/// An element that is being made.
#[derive(Debug, Clone)]
pub struct Node(Option<Element>);

/// Makes an empty element.
pub fn element(tag: &str) -> Node {
    // Fails only for a name that is none.
    Node(document().and_then(|document| document.create_element(tag).ok()))
}

/// Replaces what is in the element called `id`.
pub fn fill(id: &str, content: &[Node]) {
    let place = find(id);
    place.edit(Element::replace_children_with_node_0);
    content.iter().fold(place, Node::child);
}

/// The element called `id`, which is there.
pub fn find(id: &str) -> Node {
    Node(document().and_then(|document| document.get_element_by_id(id)))
}

/// What the keyboard speaks to.
pub fn focused() -> Node {
    Node(document().and_then(|document| document.active_element()))
}

impl Node {
    /// Gives it an attribute.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.edit(|element| {
            // Fails only for a name that is none.
            let _ = element.set_attribute(name, value);
        });
        self
    }

    /// Gives it an attribute without a value, or takes it away.
    pub fn mark(self, name: &str, marked: bool) {
        self.edit(|element| {
            let _ = element.toggle_attribute_with_force(name, marked);
        });
    }

    /// Puts text into it, in place of everything else.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.edit(|element| element.set_text_content(Some(text)));
        self
    }

    /// Puts an element into it, after everything else.
    #[must_use]
    pub fn child(self, child: &Self) -> Self {
        self.edit(|element| {
            if let Some(child) = &child.0 {
                // Fails only for an element that contains this one.
                let _ = element.append_child(child);
            }
        });
        self
    }

    /// Calls `act` at every event of this kind.
    #[must_use]
    pub fn on(self, event: &str, act: impl FnMut() + 'static) -> Self {
        self.edit(|element| {
            let act = Closure::<dyn FnMut()>::new(act).into_js_value();
            let _ = element.add_event_listener_with_callback(event, act.unchecked_ref());
        });
        self
    }

    /// What a person typed or chose.
    pub fn value(&self) -> String {
        let value = |element: &Element| js_sys::Reflect::get(element, &"value".into()).ok();
        let value = self.0.as_ref().and_then(value).unwrap_or(JsValue::NULL);
        value.as_string().unwrap_or_default()
    }

    /// Lets the keyboard speak to it.
    pub fn focus(&self) {
        self.edit(|element| {
            let _ = element.unchecked_ref::<web_sys::HtmlElement>().focus();
        });
    }

    fn edit(&self, edit: impl FnOnce(&Element)) {
        if let Some(element) = &self.0 {
            edit(element);
        }
    }
}

fn document() -> Option<Document> {
    window().document()
}
