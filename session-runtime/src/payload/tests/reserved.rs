//! The derive and the runtime refuse the same names.

use crate::payload::RESERVED_NAMES;

#[test]
fn the_macro_crate_has_the_same_list() {
    let source = include_str!("../../../../session-macros/src/check/names.rs");
    let (_, after) = source.split_once("const RESERVED: &[&str] = &[").expect("the list is there");
    let (list, _) = after.split_once("];").expect("the list ends");
    let names: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(names, RESERVED_NAMES);
}
