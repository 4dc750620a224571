//! What `u` restores.

use svpki_types::Status;

use crate::harness::{Harness, command, row};

#[test]
fn marks_and_filter_come_back() {
    let mut tui = Harness::estate();
    tui.press("space space /")
        .type_in("host-2")
        .press("enter")
        .wait(1);
    let marks = tui.model.marks.clone();
    assert_eq!(marks.len(), 2);
    tui.press("A esc u").wait(1);
    assert_eq!(tui.model.filter.field.text(), "host-2");
    tui.press("esc u").wait(1);
    tui.press("u");
    assert_eq!(tui.model.marks, marks);
    let mut tui = Harness::estate();
    tui.press("space space A");
    assert!(tui.model.marks.is_empty());
    tui.press("u");
    assert_eq!(tui.model.marks.len(), 2);
}

/// Wherever a filter came from, `u` restores the state before it.
#[test]
fn u_goes_back_over_every_filter() {
    let leads_back = |open: &dyn Fn(&mut Harness)| {
        let mut tui = Harness::estate();
        tui.press("space space");
        let marks = tui.model.marks.clone();
        open(&mut tui);
        tui.wait(1);
        assert_ne!(tui.model.filter.field.text(), "", "{}", tui.text());
        tui.press("A u u").wait(1);
        assert_eq!(tui.model.filter.field.text(), "", "{}", tui.text());
        assert_eq!(tui.model.marks, marks);
    };
    leads_back(&|tui| {
        tui.press("/").type_in("host-2").press("enter");
    });
    leads_back(&|tui| {
        tui.press("b enter");
    });
    leads_back(&|tui| {
        tui.press("5").wait(1).press("enter");
    });
    leads_back(&|tui| {
        for n in 0..60 {
            let name = format!("late-{n}.example.com");
            let mut one = row(200 + n, &name, Status::Expiring, 2);
            one.renew_at = None;
            tui.server.mounts[0].1.push(one);
        }
        tui.press("1").wait(30);
        // Finds the line that says how many more there are.
        for below in 0..60 {
            tui.press("1 g");
            (0..below).for_each(|_| {
                tui.press("j");
            });
            tui.press("enter");
            if !tui.model.filter.field.text().is_empty() {
                return;
            }
        }
    });
}

#[test]
fn pressing_u_again_and_again_loses_nothing() {
    let mut tui = Harness::estate();
    tui.press("space space A j space");
    let marks = tui.model.marks.clone();
    assert_eq!(marks.len(), 1);
    tui.press("u");
    assert_eq!(tui.model.marks.len(), 2);
    tui.press("u");
    assert_eq!(tui.model.marks, marks);
}

#[test]
fn columns_sort_and_folding_come_back_one_by_one() {
    let mut tui = Harness::estate();
    let state = |tui: &Harness| {
        let model = &tui.model;
        (
            model.columns.clone(),
            model.store.sort(),
            model.store.folds(),
        )
    };
    let first = state(&tui);
    tui.press("s");
    let sorted = state(&tui);
    tui.press("S");
    let reversed = state(&tui);
    tui.press("z");
    let unfolded = state(&tui);
    tui.press("c j j space esc");
    assert!(unfolded != reversed && state(&tui) != unfolded);
    for (before, words) in [
        (unfolded, "brought back: columns"),
        (reversed, "brought back: folded certificates"),
        (sorted, "brought back: sort by common_name"),
        (first, "brought back: sort by status"),
    ] {
        tui.press("u");
        assert_eq!(state(&tui), before, "{words}");
        assert!(tui.sees(words), "{words}:\n{}", tui.text());
    }
    // Typed commands, and the line of Today that sorts the certificates, are steps, too.
    command(&mut tui, "columns common_name,left");
    command(&mut tui, "sort -expires");
    tui.press("u u").wait(1);
    assert_eq!(state(&tui), state(&Harness::estate()));
}
