use super::*;
use proptest::prelude::*;

fn separated(separator: &str) -> RecordFormat {
    RecordFormat::Separated(Regex::new(separator).unwrap())
}

fn key(text: &str, format: &RecordFormat, record: &str) -> String {
    let key = ColumnKey::parse("--shard", text.as_bytes(), format).unwrap();
    let value = String::from_utf8(key.of(record.as_bytes()).into_owned()).unwrap();
    key.check().unwrap();
    value
}

#[test]
fn a_key_is_a_column_a_record_or_what_an_expression_makes_of_it() {
    let tabs = RecordFormat::tabs();
    assert_eq!(key("1", &tabs, "a b\tc\n"), "a b");
    assert_eq!(key(" 2 ", &tabs, "a b\tc\n"), "c");
    assert_eq!(key("3", &tabs, "a b\tc\n"), "");
    assert_eq!(key("2", &separated(" "), "a b\tc"), "b\tc");
    assert_eq!(key("3", &separated("[,;]+"), "a,;b;c\n"), "c");
    assert_eq!(key("2", &separated("::"), "a::b::c"), "b");
    assert_eq!(key("1", &RecordFormat::Whole, "a b\n"), "a b");
    assert_eq!(key("2", &RecordFormat::Whole, "a b\n"), "");
    assert_eq!(key("2 s/[ab]/x/", &separated(" "), "id name\n"), "nxme");
    assert_eq!(key("1 $_%=2", &separated(" "), "3 b\n"), "1");
    assert_eq!(key("s/ .*//", &tabs, "3 b\n"), "3");
    assert_eq!(key("$_=1", &tabs, "3 b\n"), "1");
    let csv = RecordFormat::Csv(b',');
    assert_eq!(key("2", &csv, "a,\"b, \"\"c\"\"\nd\"\r\n"), "b, \"c\"\nd");
    assert_eq!(key("3", &csv, "a,\"b,c\",d\r\n"), "d");
}

#[test]
fn a_name_is_looked_up_in_the_header() {
    let named = |text: &str, format: &RecordFormat, header: &str, record: &str| {
        let mut key = ColumnKey::parse("--bin", text.as_bytes(), format).unwrap();
        assert!(key.needs_header());
        key.resolve(header.as_bytes())
            .map_err(|error| error.to_string())?;
        assert!(!key.needs_header());
        Ok::<_, String>(String::from_utf8(key.of(record.as_bytes()).into_owned()).unwrap())
    };
    let space = separated(" ");
    assert_eq!(named("id", &space, "name id\nx y\n", "1 2\n").unwrap(), "2");
    assert_eq!(named("id", &space, "name id\r\n", "1 2\n").unwrap(), "2");
    assert_eq!(
        named("id s/2/3/", &space, "name id\n", "1 2\n").unwrap(),
        "3"
    );
    assert_eq!(
        named("id", &RecordFormat::Whole, "id\n", "1 2\n").unwrap(),
        "1 2"
    );
    let csv = RecordFormat::Csv(b',');
    for name in ["First Name", "user-id", "größe", "lc"] {
        let header = format!("x,\"{name}\"\n");
        assert_eq!(named(name, &csv, &header, "1,2\n").unwrap(), "2");
    }
    let quoted = "\"a\nb\",id\nnext,line\n";
    assert_eq!(named("id", &csv, quoted, "1,2\n").unwrap(), "2");
    assert_eq!(named("a\nb", &csv, quoted, "1,2\n").unwrap(), "1");
    assert_eq!(
        named("nosuch", &csv, "a,\"b c\"\n", "").unwrap_err(),
        "prun: no column is named 'nosuch'\nhint: the columns are: a, b c"
    );
    let error = named("a b", &csv, "a,\"b c\"\n", "").unwrap_err();
    assert!(
        error.starts_with("prun: no column is named 'a b', nor is it an expression: "),
        "{error}"
    );
}

#[test]
fn a_text_that_is_no_key_is_refused() {
    for (text, expected) in [
        ("", "--bin '': a column or an expression is missing"),
        ("0", "--bin '0': columns are counted from 1"),
        (
            "2s/a/b/",
            "--bin '2s/a/b/': a blank is missing after the number of the column",
        ),
        (
            "2/s/a/b/",
            "--bin '2/s/a/b/': a blank is missing after the number of the column",
        ),
        (
            "99999999999999999999999",
            "--bin '99999999999999999999999': the number of the column is too large",
        ),
        (
            "2 $_=seq()",
            "--bin: '$_=seq()' is no expression: a record has no job of its own yet",
        ),
    ] {
        let error = ColumnKey::parse("--bin", text.as_bytes(), &RecordFormat::tabs()).unwrap_err();
        assert_eq!(error.message(), expected);
    }
    let json = RecordFormat::Json(crate::input::columns::JsonColumns::default());
    let error = ColumnKey::parse("--bin", b"1", &json).unwrap_err();
    assert_eq!(error.message(), "--bin cannot be used with --jsonl");
}

#[test]
fn a_record_without_a_key_is_an_error_for_whoever_asks() {
    let tabs = RecordFormat::tabs();
    let key = ColumnKey::parse("--bin", b"2 $_=10/$_", &tabs).unwrap();
    assert_eq!(&*key.of(b"a\t5\n"), b"2");
    assert_eq!(key.check(), Ok(()));
    assert_eq!(&*key.of(b"a\t0\n"), b"");
    assert_eq!(&*key.of(b"a\t0.0\n"), b"");
    let error = key.clone().check().unwrap_err();
    assert_eq!(error.message(), "'0' has no key: division by zero");
    let unresolved = ColumnKey::parse("--bin", b"id", &tabs).unwrap();
    assert_eq!(&*unresolved.of(b"a\n"), b"");
    assert_eq!(
        unresolved.check().unwrap_err().message(),
        "there is no header with the name 'id'"
    );
}

proptest! {
    #[test]
    fn fields_are_those_of_the_csv_crate(record in "[ab\",;\n]{0,12}", number in 0..5_usize) {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).terminator(csv::Terminator::Any(0));
        let read = reader.from_reader(record.as_bytes()).byte_records().next();
        let expected = read.map(|record| record.unwrap()).unwrap_or_else(|| vec![""].into());
        let field = csv_field::csv_field(b',', record.as_bytes(), number);
        prop_assert_eq!(field.as_deref(), expected.get(number));
    }

    #[test]
    fn a_byte_and_a_pattern_separate_alike(record in "[ab,]{0,12}", number in 0..5_usize) {
        let byte = ColumnSeparator::new(&separated(",")).unwrap();
        prop_assert!(matches!(byte, ColumnSeparator::Byte(b',')));
        let pattern = ColumnSeparator::Pattern(Regex::new(",").unwrap());
        prop_assert_eq!(
            byte.column(record.as_bytes(), number),
            pattern.column(record.as_bytes(), number)
        );
    }

    #[test]
    fn any_text_is_a_key_or_an_error(text in any::<Vec<u8>>(), record in any::<Vec<u8>>()) {
        if let Ok(key) = ColumnKey::parse("--bin", &text, &RecordFormat::tabs()) {
            let _ = key.of(&record);
        }
    }
}
