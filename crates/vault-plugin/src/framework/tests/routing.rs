//! Which requests reach which handler, and with which fields.

use super::*;

#[tokio::test]
async fn a_write_reaches_its_handler_with_parameters_and_defaults() {
    for operation in [Operation::Create, Operation::Update] {
        let answer = ask(operation, "rooms/East Wing/a-1", json!({"colour": "BLUE"}))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            Json::Object(answer.data),
            json!({"room": "East Wing", "shelf": "a-1", "colour": "Blue", "wait": 60})
        );
        assert!(answer.warnings.is_empty());
    }
}

#[tokio::test]
async fn paths_are_exact() {
    use Operation::{Delete, List, Read, Update};
    for (operation, path, error) in [
        (Read, "", Error::UnsupportedPath),
        (Read, "rooms", Error::UnsupportedPath),
        (Read, "Rooms/a/b", Error::UnsupportedPath),
        (Read, "rooms/a/b/c", Error::UnsupportedPath),
        (Read, "rooms//b", Error::UnsupportedPath),
        (Read, "/rooms/a/b", Error::UnsupportedPath),
        (Read, "nowhere", Error::UnsupportedPath),
        (Delete, "rooms/a/b", Error::UnsupportedOperation),
        (Update, "state", Error::UnsupportedOperation),
        (Read, "rooms/a", Error::UnsupportedOperation),
        (List, "rooms/a", Error::UnsupportedOperation),
        (Read, "rooms/a/b/", Error::UnsupportedOperation),
        (List, "rooms/a/b/", Error::UnsupportedOperation),
        (
            Operation::ResolvePath,
            "rooms/a/b",
            Error::UnsupportedOperation,
        ),
    ] {
        assert_eq!(
            ask(operation, path, Json::Null).await.unwrap_err(),
            error,
            "{operation:?} {path}"
        );
    }
}

#[tokio::test]
async fn a_list_takes_its_query() {
    let answer = ask(Operation::List, "rooms/a/", json!({"limit": "2"}))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.data["keys"], json!(["a1", "a2"]));
}

#[tokio::test]
async fn a_warning_never_turns_a_missing_thing_into_a_success() {
    let read = |shelf: &'static str| {
        ask(
            Operation::Read,
            shelf,
            json!({"title": "Emma", "pin": "1234"}),
        )
    };
    assert!(read("rooms/a/none").await.unwrap().is_none());
    let found = read("rooms/a/b").await.unwrap().unwrap();
    assert_eq!(
        found.warnings,
        ["not used: title, pin (a shelf is read as it is)"]
    );

    let quiet = ask(Operation::Update, "rooms/a/b", json!({"dry": true})).await;
    assert!(quiet.unwrap().is_none());
    let warned = ask(
        Operation::Update,
        "rooms/a/b",
        json!({"dry": true, "old_size": 3}),
    )
    .await;
    assert_eq!(
        warned.unwrap().unwrap().warnings,
        ["old_size is not used: sizes are gone"]
    );
}

#[tokio::test]
async fn an_empty_text_takes_a_field_back_where_the_route_says_so() {
    let data = json!({"wait": "", "colour": "", "shelf_colour": "", "labels": "", "depth": "30"});
    let answer = ask(Operation::Create, "settings", data)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        Json::Object(answer.data),
        json!({"wait": "", "shelf_colour": "", "labels": "", "depth": 30})
    );
    let elsewhere = ask(Operation::Update, "rooms/a/b", json!({"wait": ""})).await;
    assert!(matches!(elsewhere, Err(Error::BadRequest(text)) if text.starts_with("wait is empty")));
}

#[tokio::test]
async fn a_refused_field_never_reaches_the_handler() {
    let library = Arc::new(Library::default());
    let router = router();
    for data in [json!({"colour": "green"}), json!({"depht": 30})] {
        let request = request(Operation::Update, "rooms/a/b", data);
        let answer = router.handle(library.clone(), context(), request).await;
        assert!(matches!(answer, Err(Error::BadRequest(_))));
    }
    assert_eq!(library.writes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn existence_is_asked_of_routes_that_know_it() {
    let exists = async |path: &str| {
        let request = request(Operation::Create, path, json!({"depth": "deep"}));
        router()
            .exists(Arc::new(Library::default()), context(), &request)
            .await
    };
    assert_eq!(exists("rooms/a/old").await, Ok(Some(true)));
    assert_eq!(exists("rooms/a/new").await, Ok(Some(false)));
    for path in ["state", "rooms/a/", "nowhere", ""] {
        assert_eq!(exists(path).await, Ok(None), "{path}");
    }
    assert_eq!(exists("rooms/a/bad").await, Ok(None));
    assert!(matches!(
        exists("rooms/a/broken").await,
        Err(Error::Storage(_))
    ));
}

#[test]
fn mistakes_in_declarations_are_found() {
    assert_eq!(router().lint(), [""; 0]);

    const TWIN: Field = Field::text("twin", "Shares a name.").alias(&["colour"]);
    const LATE: Field = Field::seconds("late", "Has no such default.").default("soon");
    const PALE: Field = Field::text("pale", "Default not allowed.")
        .allow(&["a"])
        .default("b");
    let wrong: Router<Library> = Router::new(
        "",
        "",
        "",
        vec![
            Route::new("a/:x", "A").on(
                Operation::Update,
                "Write",
                &[&[COLOUR, TWIN, LATE, PALE]],
                write_shelf,
            ),
            Route::new("a/:y", "A")
                .param("y", "Y.")
                .param("z", "Z.")
                .on(Operation::Update, "Write", &[], write_shelf),
            Route::new("b", "")
                .on(Operation::List, "List", &[], list_shelves)
                .exists(shelf_exists),
            Route::new("c/", "C")
                .on(Operation::Read, "Read", &[], read_shelf)
                .ignore_fields(Operation::Delete, &[SHELF], "because"),
        ],
    );
    let faults = wrong.lint().join("\n");
    for part in [
        "colour is a name of shelf_colour and of twin",
        "late: its default",
        "pale: its default",
        "parameter x is not documented",
        "a/:y and a/:x are of one form",
        "a/:y has Update twice",
        "parameter z is not in the pattern",
        "b: no synopsis",
        "b List: a list's pattern ends in /",
        "b: an existence check without a write",
        "c/ Read: only a list's pattern ends in /",
        "c/: tolerates fields on Delete",
    ] {
        assert!(faults.contains(part), "{part} is missing in\n{faults}");
    }
}

#[tokio::test]
async fn what_is_tolerated_everywhere_is_taken_by_every_operation() {
    let everywhere = router().ignore_fields(&[&[PIN, LIMIT]], "not on a request");
    for (operation, path, data, warnings) in [
        (Operation::Read, "state", json!({"pin": "hunter2"}), 1),
        (Operation::Read, "rooms/a/b", json!({"limit": "any"}), 1),
        // Declared fields are read as usual.
        (Operation::List, "rooms/a/", json!({"limit": 1}), 0),
        (Operation::Update, "rooms/a/b", json!({"pin": "1"}), 0),
    ] {
        let asked = request(operation, path, data);
        let library = Arc::new(Library::default());
        let answer = everywhere.handle(library, context(), asked).await;
        let told = answer.unwrap().unwrap().warnings;
        assert_eq!(told.len(), warnings, "{operation:?} {path}: {told:?}");
        assert!(!told.join(" ").contains("hunter2"));
    }
    let page = crate::framework::reference_page(&everywhere);
    assert_eq!(page.matches("not on a request").count(), 1, "{page}");
}
