//! Answers that list everything, and what a user with limited rights gets of them.
//!
//! 1. Of the listed entities only those stay whose name or tags a rule of the user
//!    covers. What has no readable name goes.
//! 2. A list of versions goes by the names of their models: a rule that is limited by a
//!    tag shows none of them.
//! 3. If the user's rules have one pattern, MLflow is asked for that alone, so that
//!    its pages are full; its `LIKE` takes `_` and `%` for wildcards, which is wider,
//!    and the answer is filtered all the same.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    limits::Pattern,
    references::Scope,
    resources::{Labels, labels},
};

/// What an answer lists.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    /// The member of the answer that is the list.
    pub key: &'static str,
    /// What is listed.
    pub scope: Scope,
    /// Whether the list may stand anywhere in the answer, as in one of GraphQL.
    pub is_nested: bool,
    /// Whether the request has a `filter` that takes names and tags.
    pub has_filter: bool,
    /// Whether what is listed has no tags of what rights are limited to: a version has
    /// tags of its own, and not its model's.
    pub is_untagged: bool,
}

/// What a user may see of an answer that lists everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub(super) listing: &'static Listing,
    pub(super) patterns: Vec<Pattern>,
}

impl Filter {
    /// Removes from MLflow's `answer` what the user may not see.
    ///
    /// # Errors
    /// If the list is something else than a list.
    pub fn apply(&self, answer: &mut Value) -> Result<(), NotAList> {
        if self.listing.is_nested {
            return self.apply_within(answer);
        }
        let Some(list) = answer.get_mut(self.listing.key) else {
            return Ok(());
        };
        self.retain(list)?;
        // As protobuf does: an empty list would tell that there was something in it.
        if list.as_array().is_some_and(Vec::is_empty)
            && let Some(fields) = answer.as_object_mut()
        {
            fields.remove(self.listing.key);
        }
        Ok(())
    }

    /// As [`apply`](Self::apply), to every list of the name, however deep.
    fn apply_within(&self, answer: &mut Value) -> Result<(), NotAList> {
        match answer {
            Value::Array(items) => items
                .iter_mut()
                .try_for_each(|item| self.apply_within(item)),
            Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
                if name == self.listing.key && !value.is_null() {
                    self.retain(value)
                } else {
                    self.apply_within(value)
                }
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn retain(&self, list: &mut Value) -> Result<(), NotAList> {
        let list = list.as_array_mut().ok_or(NotAList)?;
        list.retain(|item| {
            self.labels(item)
                .is_some_and(|labels| self.patterns.iter().any(|pattern| pattern.covers(&labels)))
        });
        Ok(())
    }

    fn labels(&self, item: &Value) -> Option<Labels> {
        let labels = labels(item)?;
        Some(if self.listing.is_untagged {
            Labels {
                tags: BTreeMap::new(),
                ..labels
            }
        } else {
            labels
        })
    }

    /// What MLflow's `filter` has to say besides `given`; `None` if it cannot be
    /// said there.
    pub fn query(&self, given: Option<&str>) -> Option<String> {
        let [pattern] = self.patterns.as_slice() else {
            return None;
        };
        let is_tag = matches!(pattern, Pattern::Tag(..));
        if !self.listing.has_filter || (is_tag && self.listing.is_untagged) {
            return None;
        }
        let own = pattern.filter()?;
        Some(match given.map(str::trim) {
            None | Some("") => own,
            Some(given) => format!("{given} AND {own}"),
        })
    }
}

/// An answer is not the list that it was expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAList;

/// `experiments/search` and `list`.
pub(super) static EXPERIMENTS: Listing = listing("experiments", Scope::Experiments, true);
/// `experiments/list` of MLflow 1, which takes no filter.
pub(super) static EXPERIMENTS_UNFILTERED: Listing =
    listing("experiments", Scope::Experiments, false);
/// `registered-models/search`.
pub(super) static MODELS: Listing = listing("registered_models", Scope::Models, true);
/// `registered-models/list` of MLflow 1.
pub(super) static MODELS_UNFILTERED: Listing = listing("registered_models", Scope::Models, false);
/// `model-versions/search`.
pub(super) static VERSIONS: Listing = Listing {
    is_untagged: true,
    ..listing("model_versions", Scope::Models, true)
};
/// `workspaces`.
pub(super) static WORKSPACES: Listing = listing("workspaces", Scope::Workspaces, false);
/// The versions in an answer of GraphQL, those of a run among them.
pub(super) static GRAPHQL_VERSIONS: Listing = Listing {
    is_nested: true,
    is_untagged: true,
    ..listing("modelVersions", Scope::Models, false)
};

const fn listing(key: &'static str, scope: Scope, has_filter: bool) -> Listing {
    Listing {
        key,
        scope,
        is_nested: false,
        has_filter,
        is_untagged: false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filter(listing: &'static Listing, patterns: &[&str]) -> Filter {
        let patterns = patterns.iter().map(|text| Pattern::parse(text).unwrap());
        Filter {
            listing,
            patterns: patterns.collect(),
        }
    }

    #[test]
    fn only_what_a_rule_covers_stays_in_a_list() {
        let mut answer = json!({"experiments": [
            {"name": "team-a-1", "experiment_id": "1"}, {"name": "team-b-1"}, {"id": "3"}, 7
        ], "next_page_token": "t"});
        filter(&EXPERIMENTS, &["team-a-*"])
            .apply(&mut answer)
            .unwrap();
        let expected = json!({"experiments": [{"name": "team-a-1", "experiment_id": "1"}],
                              "next_page_token": "t"});
        assert_eq!(answer, expected);

        for (mut answer, expected) in [
            (json!({}), Ok(())),
            (json!({"experiments": []}), Ok(())),
            (json!({"experiments": {}}), Err(NotAList)),
            (json!({"experiments": null}), Err(NotAList)),
        ] {
            assert_eq!(
                filter(&EXPERIMENTS, &["a"]).apply(&mut answer),
                expected,
                "{answer}"
            );
        }
    }

    #[test]
    fn versions_go_wherever_they_stand_in_an_answer_of_graphql() {
        let run =
            |versions| json!({"data": {"mlflowGetRun": {"run": {"modelVersions": versions}}}});
        let mut answer = run(json!([{"name": "a"}, {"name": "b"}, {"source": "s"}]));
        let filter = filter(&GRAPHQL_VERSIONS, &["a"]);
        filter.apply(&mut answer).unwrap();
        assert_eq!(answer, run(json!([{"name": "a"}])));

        let mut none = run(Value::Null);
        filter.apply(&mut none).unwrap();
        assert_eq!(none, run(Value::Null));
    }

    #[test]
    fn the_tags_of_a_version_are_not_its_models() {
        let tag = Pattern::Tag("team".into(), "a".into());
        let tagged = json!({"name": "m", "tags": [{"key": "team", "value": "a"}]});
        for (listing, left) in [(&MODELS, 1), (&VERSIONS, 0)] {
            let mut answer = json!({ listing.key: [tagged] });
            let patterns = vec![tag.clone()];
            Filter { listing, patterns }.apply(&mut answer).unwrap();
            let list = answer.get(listing.key).and_then(Value::as_array);
            assert_eq!(list.map_or(0, Vec::len), left, "{}", listing.key);
        }
    }

    #[test]
    fn one_pattern_is_asked_for_in_mlflows_own_filter() {
        let table: [(&[&str], Option<&str>, Option<&str>); 7] = [
            (&["team-a-*"], None, Some("name LIKE 'team-a-%'")),
            (&["team-a"], Some(" "), Some("name = 'team-a'")),
            (
                &["team-a-*"],
                Some("tags.x = 'y'"),
                Some("tags.x = 'y' AND name LIKE 'team-a-%'"),
            ),
            (&["a*", "b*"], None, None),
            (&["it's*"], None, None),
            (&["a\\*"], None, None),
            (&[], None, None),
        ];
        for (patterns, given, expected) in table {
            let found = filter(&EXPERIMENTS, patterns).query(given);
            assert_eq!(found.as_deref(), expected, "{patterns:?} {given:?}");
        }
        assert_eq!(
            filter(&VERSIONS, &["a*"]).query(None).as_deref(),
            Some("name LIKE 'a%'")
        );
        assert_eq!(filter(&GRAPHQL_VERSIONS, &["a"]).query(None), None);
        let patterns = vec![Pattern::Tag("team".into(), "a".into())];
        let tagged = |listing| Filter {
            listing,
            patterns: patterns.clone(),
        };
        let asked = tagged(&EXPERIMENTS).query(None);
        assert_eq!(asked.as_deref(), Some("tags.`team` = 'a'"));
        assert_eq!(tagged(&VERSIONS).query(None), None);
    }
}
