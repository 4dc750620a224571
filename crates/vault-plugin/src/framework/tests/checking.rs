//! How request data is checked and read.

use proptest::prelude::*;

use super::super::{IgnoredFields, Value, Values};
use super::*;

const NOT_USED: IgnoredFields = IgnoredFields {
    groups: &[&[TITLE, PIN]],
    why: "not here",
};

fn parse(data: Json) -> Result<(Values, Vec<String>), Error> {
    let declared: Vec<_> = SHELF.iter().collect();
    Values::parse(&members(data), &declared, &[NOT_USED])
}

fn values(data: Json) -> Values {
    parse(data).unwrap().0
}

fn refusal(data: Json) -> String {
    match parse(data) {
        Err(Error::BadRequest(text)) => text,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

#[test]
fn every_kind_is_read_from_json_and_from_text() {
    let json = values(json!({
        "shelf_colour": "red", "depth": 30, "labels": ["a", "b"], "extras": {"k": "v"}, "dry": true, "wait": 90,
    }));
    let text = values(json!({
        "colour": "RED", "depth": "30", "labels": "a, b", "extras": "{\"k\":\"v\"}", "dry": "true", "wait": "1m30s",
    }));
    assert!(json.given().eq(text.given()));
    assert_eq!(text.text(&COLOUR).as_deref(), Some("red"));
    assert_eq!(text.integer(&DEPTH), Some(30));
    assert_eq!(text.text_list(&LABELS), Some(vec!["a".into(), "b".into()]));
    assert_eq!(
        text.name_values(&EXTRAS),
        Some(vec![("k".into(), "v".into())])
    );
    assert_eq!(text.boolean(&DRY), Some(true));
    assert_eq!(text.seconds(&WAIT), Some(90));
}

#[test]
fn null_is_not_given() {
    let values =
        values(json!({"colour": null, "shelf_colour": null, "old_size": null, "title": null}));
    assert!(values.is_empty());
    assert_eq!(values.text(&COLOUR).as_deref(), Some("red"));
    assert_eq!(
        parse(json!({"old_size": null, "title": null})).unwrap().1,
        [""; 0]
    );
}

#[test]
fn an_unknown_field_is_refused_with_the_nearest_name() {
    for (given, answer) in [
        ("depht", "unknown field \"depht\": did you mean depth?"),
        ("Colour", "unknown field \"Colour\": did you mean colour?"),
        (
            "shelf-colour",
            "unknown field \"shelf-colour\": did you mean shelf_colour?",
        ),
        (
            "zzz",
            "unknown field \"zzz\": known here are colour, depth, dry, extras, labels, old_size, pin, shelf_colour, wait",
        ),
    ] {
        let mut data = Map::new();
        data.insert(given.into(), Json::Null);
        assert_eq!(refusal(Json::Object(data)), answer);
    }
    // If there are too many known names to list them all, the nearest one is named even if it is not similar.
    let names = [
        "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2", "term", "zone",
    ];
    let many = names.map(|name| Field::text(name, ""));
    let many: Vec<&'static Field> = Vec::from_iter(&*Box::leak(Box::new(many)));
    let far = Values::parse(&members(json!({"ttl": 1})), &many, &[]).unwrap_err();
    assert_eq!(
        far.to_string(),
        "unknown field \"ttl\": path-help lists the fields that are known"
    );
    let nothing = Values::parse(&members(json!({"x": 1})), &[], &[]).unwrap_err();
    assert_eq!(
        nothing.to_string(),
        "unknown field \"x\": this operation takes no fields"
    );
}

#[test]
fn a_wrong_value_is_named_shown_and_explained() {
    for (data, answer) in [
        (
            json!({"depth": "deep"}),
            "depth is \"deep\": a whole number is expected",
        ),
        (json!({"depth": 31}), "depth is 31: use one of 30, 60"),
        (
            json!({"depth": [30]}),
            "depth is a list: a whole number is expected",
        ),
        (
            json!({"colour": "green"}),
            "colour is \"green\": use one of red, Blue",
        ),
        (
            json!({"colour": ""}),
            "colour is empty: use one of red, Blue",
        ),
        (
            json!({"dry": "yes"}),
            "dry is \"yes\": true or false is expected",
        ),
        (
            json!({"pin": {"a": "hunter2"}}),
            "pin is an object: a text is expected",
        ),
        (
            json!({"wait": "500ms"}),
            "wait is \"500ms\": a number of seconds, or a duration such as 90s, 5m, 1h30m or 2d, is expected",
        ),
    ] {
        assert_eq!(refusal(data), answer);
    }
}

#[test]
fn a_field_and_its_alias_must_agree() {
    assert_eq!(
        refusal(json!({"shelf_colour": "red", "colour": "Blue"})),
        "shelf_colour and colour are the same field and are given different values: give one of them"
    );
    let same = values(json!({"shelf_colour": "red", "colour": "RED"}));
    assert_eq!(same.given().count(), 1);
}

#[test]
fn all_problems_are_told_at_once_and_never_too_many() {
    let text = refusal(json!({"depht": 1, "depth": "deep", "colour": 7}));
    assert_eq!(text.matches("; ").count(), 2, "{text}");

    let many: Map<_, _> = (0..5_000).map(|n| (format!("x{n}"), Json::Null)).collect();
    let text = refusal(Json::Object(many));
    assert!(text.ends_with("; and 4992 more"), "{text}");
    assert!(text.len() < 2_000);
}

#[test]
fn a_huge_field_is_refused_and_not_repeated() {
    let huge = "ä".repeat(1 << 19);
    for (data, part) in [
        (json!({"pin": huge}), "pin is 1048576 bytes long"),
        (json!({"colour": huge}), "colour is 1048576 bytes long"),
        (json!({"depth": huge}), "depth is \"ä"),
        (json!({"labels": [huge]}), "labels is 1048576 bytes long"),
        (json!({ huge.as_str(): 1 }), "unknown field \"ä"),
    ] {
        let text = refusal(data);
        assert!(text.contains(part), "{text}");
        assert!(text.len() < 500, "{}", text.len());
    }
}

#[test]
fn a_sensitive_value_is_never_repeated() {
    const CODE: Field = Field::integer("code", "").sensitive();
    const MODE: Field = Field::text("mode", "").allow(&["a"]).sensitive();
    let data = members(json!({"code": "hunter2", "mode": "hunter2"}));
    let text = Values::parse(&data, &[&CODE, &MODE], &[])
        .unwrap_err()
        .to_string();
    assert_eq!(
        text,
        "code is a text: a whole number is expected; mode is a text: use one of a"
    );
}

#[test]
fn what_is_not_used_is_said() {
    let (values, warnings) =
        parse(json!({"old_size": [1], "title": {"any": "thing"}, "pin": "1"})).unwrap();
    assert_eq!(
        warnings,
        [
            "old_size is not used: sizes are gone",
            "not used: title (not here)"
        ]
    );
    assert!(values.has(&PIN), "declared wins over tolerated");
    assert!(!values.has(&OLD));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC{0,12}".prop_map(Json::from),
        "[0-9]{0,22}[dhms]?[0-9]{0,3}[dhms]?".prop_map(Json::from),
        "[\\[{\"a-c:,0-9}\\]]{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map("[a-z]{0,5}|name|value", inner, 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn any_data() -> impl Strategy<Value = Map<String, Json>> {
    let known = SHELF
        .iter()
        .map(|field| field.name)
        .chain(["colour", "title"]);
    let name = prop_oneof![
        9 => prop::sample::select(known.collect::<Vec<_>>()).prop_map(str::to_owned),
        1 => "\\PC{0,9}",
    ];
    prop::collection::hash_map(name, any_json(), 0..6).prop_map(|data| data.into_iter().collect())
}

proptest! {
    #[test]
    fn any_data_gives_values_or_a_refusal(data in any_data()) {
        let declared: Vec<_> = SHELF.iter().collect();
        match Values::parse(&data, &declared, &[NOT_USED]) {
            Ok((values, _)) => {
                let canonical: Map<_, _> =
                    values.given().map(|(name, value)| (name.to_owned(), value.to_json())).collect();
                let (again, _) = Values::parse(&canonical, &declared, &[]).unwrap();
                prop_assert!(values.given().eq(again.given()));
            }
            Err(Error::BadRequest(text)) => prop_assert!(!text.is_empty() && text.len() < 4_000),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn every_kind_is_stable_in_its_canonical_form(json in any_json()) {
        for field in SHELF {
            if let Ok(value) = Value::read(field.kind, &json) {
                prop_assert_eq!(Value::read(field.kind, &value.to_json()).unwrap(), value);
            }
        }
    }

    /// In a query every value is text.
    #[test]
    fn a_canonical_form_may_come_as_text(json in any_json()) {
        for field in SHELF {
            if let Ok(value) = Value::read(field.kind, &json) {
                let text = match value.to_json() {
                    Json::String(text) => text,
                    other => other.to_string(),
                };
                prop_assert_eq!(Value::read(field.kind, &text.into()).unwrap(), value);
            }
        }
    }
}
