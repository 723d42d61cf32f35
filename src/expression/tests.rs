//! The language as a whole.

use proptest::prelude::*;

use crate::input::ByteStrings;

use super::{
    Expression, ExpressionContext, ExpressionOutcome, Shorthand, ShorthandTable, TagBrackets,
};

fn context(values: &ByteStrings) -> ExpressionContext<'_> {
    ExpressionContext {
        seq: 7,
        slot: 2,
        slots: 12,
        total: Some(1234),
        values,
    }
}

fn applied(expression: &Expression, value: &[u8]) -> ExpressionOutcome {
    expression.apply(value, &context(&[value, b"b"].iter().collect()))
}

fn result(text: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    let expression = Expression::parse(text.as_bytes(), &[]);
    match applied(
        &expression.unwrap_or_else(|error| panic!("{text}: {error}")),
        value.as_ref(),
    ) {
        ExpressionOutcome::Text(text) => text,
        other => panic!("{text}: {other:?}"),
    }
}

fn error(text: &str) -> String {
    match Expression::parse(text.as_bytes(), &[]) {
        Ok(expression) => panic!("{text}: {expression:?}"),
        Err(error) => error.to_string(),
    }
}

/// Perl's output for the same.
#[test]
fn expressions_have_results() {
    let table = [
        ("s/_/-/g", "a_b_c", "a-b-c"),
        (r"s:.*/::; s:\.[^/.]*$::", "d/a.tar.gz", "a.tar"),
        ("s/(.)(.)/$2$1/", "ab", "ba"),
        ("s/a$//", "aa", "a"),
        (r"s/\w+/\u\L$&/g", "fOO bAR", "Foo Bar"),
        ("$_ = uc", "aé", "AÉ"),
        ("$_ = substr($_, 1, 1)", "aéb", "é"),
        ("$_++", "41", "42"),
        ("$_ += 0.1", "0.2", "0.3"),
        ("$_ = sprintf('%03d', $_)", "7", "007"),
        ("$_ = seq() % 2 ? 'odd' : 'even'", "", "odd"),
        ("$_ = \"$arg[2]-@arg\"", "x", "b- x b"),
        ("tr/a-y/b-z/", "hal", "ibm"),
        ("$_ = 'neg' if $_ < 0", "-3", "neg"),
        ("", "same", "same"),
    ];
    for (text, value, expected) in table {
        assert_eq!(
            result(text, value),
            expected.as_bytes(),
            "{text} of {value:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_edited_as_bytes() {
    assert_eq!(result("s/a/b/", b"a\xff\n"), b"b\xff\n");
    assert_eq!(result("s/./-/g", b"\xff\xfe"), b"--");
    assert_eq!(result("$_ = uc", b"a\xff"), b"A\xff");
    assert_eq!(result("$_ = length", b"\xc3\xff"), b"2");
    assert_eq!(result("$_ = substr($_, 1)", b"\xff\xfe"), b"\xfe");
    assert_eq!(result("s/[[:alpha:]é]/x/g", b"a\xff"), b"x\xff");
    assert_eq!(result("tr/a/b/", b"a\xff"), b"b\xff");
    assert_eq!(result("$_ = reverse", b"a\xff"), b"\xffa");
}

#[test]
fn the_end_is_the_very_end() {
    assert_eq!(result("s/x$//", "x\n"), b"x\n");
    assert_eq!(result("s/x$//m", "x\ny"), b"\ny");
}

#[test]
fn other_perl_is_refused_by_name() {
    let table = [
        ("system('ls')", "'system' is not known"),
        ("$_ = `ls`", "'`' cannot be read"),
        ("open(F, 'x')", "'open' is not known"),
        ("-e $_", "'-e' is not known"),
        ("$_ = $ENV{HOME}", "'$ENV' is never set"),
        ("$_ = ++$count", "'$count' is never set"),
        ("s/@example//", "'@example' is not known"),
        ("$_ = ~$_", "'~' cannot be read"),
        ("$_ = 1 &", "'&' cannot be read"),
        ("s/(?=a)//", "patterns have no look-around here"),
        (r"s/(a)\1//", "patterns have no back-references here"),
        ("s/a++//", "patterns have no possessive quantifiers here"),
        ("s/a/b/q", "the flag 'q' is not known"),
        ("s/a/b", "the '/' is not closed"),
        ("s{a}", "its second part is missing"),
        ("s/(//", "the pattern '(' cannot be read: unclosed group"),
        ("uc($_", "a ')' is missing"),
        ("$_ =", "its end is missing"),
        ("1 = 2", "only a variable can be changed"),
        ("$_ = 'a' 'b'", "''' cannot be read"),
        ("seq(1)", "'seq' cannot take these arguments"),
        ("eval $_", "'eval' is not known"),
        ("s/a/system(1)/e", "'system' is not known"),
        ("$_ = \"$0\"", "'$0' is not known"),
        ("s/a/$1[b]/", "'$1[' cannot be read"),
        ("$_ = \"$_{x}\"", "'$_{' cannot be read"),
        ("-d $_ and skip()", "'-d' is not known"),
        ("$_ = 1 < $_ < 5", "comparisons cannot be chained"),
        ("for (1..3) { skip() }", "'for' is not known"),
        ("<STDIN>", "'<' cannot be read"),
    ];
    for (text, expected) in table {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn what_has_no_result_is_told() {
    let table = [
        ("$_ = 1 / 0", "division by zero"),
        ("$_ = 1 % 0.5", "division by zero"),
        ("$_ = 'ab' x 1e9", "a text is longer than 1 MiB"),
        (
            "$_ = sprintf('%9999999d', 1)",
            "a text is longer than 1 MiB",
        ),
        (
            "$_ = sprintf('%.*f', 9e18, 1)",
            "a text is longer than 1 MiB",
        ),
        ("$_ = join(',', 1..1e9)", "a range is too long"),
        ("$_ x= 1e6; $_ .= $_", "a text is longer than 1 MiB"),
        (
            "$_ = 'a' x 1e4; s/./s|.|length()|gre/ge",
            "it takes too long",
        ),
        ("$_ = 1..3", "a range is no single value"),
        ("$_ = sqrt(-1)", "square root of a negative number"),
        ("$_ = log(0)", "logarithm of zero or less"),
        ("substr($_, 9) = 'x'", "substr() outside of the text"),
    ];
    for (text, expected) in table {
        let expression = Expression::parse(text.as_bytes(), &[]).expect(text);
        assert_eq!(
            applied(&expression, b"a"),
            ExpressionOutcome::Error(expected.to_owned()),
            "{text}"
        );
    }
    let total = Expression::parse(b"$_ = total_jobs()", &[]).expect("it is known");
    let none = ByteStrings::default();
    let unknown = ExpressionContext {
        total: None,
        ..context(&none)
    };
    let expected = "the number of jobs is not known".to_owned();
    assert_eq!(
        total.apply(b"", &unknown),
        ExpressionOutcome::Error(expected)
    );
}

#[test]
fn jobs_are_skipped() {
    let skip = Expression::parse(b"skip() if $_ eq 'a'", &[]).expect("it is known");
    assert_eq!(applied(&skip, b"a"), ExpressionOutcome::Skip);
    assert_eq!(applied(&skip, b"b"), ExpressionOutcome::Text(b"b".to_vec()));
}

#[test]
fn an_expression_tells_what_it_needs() {
    let needs = |text: &str| {
        let expression = Expression::parse(text.as_bytes(), &[]).expect(text);
        [
            expression.can_skip(),
            expression.needs_total(),
            expression.needs_slot(),
        ]
    };
    assert_eq!(needs("s/a/b/"), [false, false, false]);
    assert_eq!(needs("if (/a/) { $job->skip() }"), [true, false, false]);
    assert_eq!(needs("s/a/total_jobs()/e"), [false, true, false]);
    assert_eq!(needs("$_ = 1 + $job->slot"), [false, false, true]);
}

#[test]
fn nesting_has_a_limit() {
    for text in [
        "(".repeat(5000),
        "!".repeat(5000),
        "-".repeat(301) + "1",
        "$_ = 1".to_owned() + &" + 1".repeat(100),
        "s/a/".repeat(50) + &"/e".repeat(50),
        "$_ = ".repeat(60) + "1",
        "if (1) {".repeat(60),
        r#""\u"#.to_owned() + &r"\u".repeat(500) + "\"",
    ] {
        assert!(Expression::parse(text.as_bytes(), &[]).is_err(), "{text}");
    }
}

/// Jobs are made on threads with 256 KiB.
#[test]
fn the_deepest_expressions_fit_on_small_stacks() {
    let texts = [
        "$_ = 1".to_owned() + &" . 1".repeat(28),
        "!".repeat(29) + "1",
        "s{a}{".repeat(28) + "1" + &"}re".repeat(28),
        r#"$_ = ""#.to_owned() + &r"\u".repeat(12) + r#"$_""#,
        "$_ = join(1, ".repeat(10) + "1" + &")".repeat(10),
        "if (1) {".repeat(10) + "s/a/b/" + &"}".repeat(10),
    ];
    for text in texts {
        let expression = Expression::parse(text.as_bytes(), &[]).expect(&text);
        let small = std::thread::Builder::new().stack_size(192 << 10);
        let thread = small.spawn(move || applied(&expression, b"a"));
        thread.expect("it starts").join().expect("it fits");
    }
}

#[test]
fn expressions_are_equal_by_their_text() {
    let parse = |text: &str| Expression::parse(text.as_bytes(), &[]).expect(text);
    assert_eq!(parse("s/a/b/"), parse("s/a/b/ ;"));
    assert_ne!(parse("s/a/b/"), parse("s/a/b/i"));
}

/// Parts of odd expressions.
const FRAGMENTS: &str = r#"
    $_ $1 $& = .= =~ s/(.)/$1x/g s{a}{uc}e tr/a-z/b/ /a*/ ( ) [ ] { } ; , + - * / % ** x .. ?
    : ! && || // ++ -- < == eq and not if unless else uc length substr index sprintf join
    reverse chop int chr oct @arg $arg[ $#arg @arg[1..2] '%5s%*d' "$_\U$1" 99999999999 1e9
    0x1f -1 my $x $$1 $$?1 seq() skip() {,3} \ é
"#;

fn fragments() -> impl Strategy<Value = String> {
    let words: Vec<&str> = FRAGMENTS.split_whitespace().collect();
    let word = prop::sample::select(words);
    prop::collection::vec(word, 0..14).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_is_too_odd(
        text in prop::collection::vec(any::<u8>(), 0..60),
        value in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        if let Ok(expression) = Expression::parse(&text, &[]) {
            applied(&expression, &value);
        }
        let _ = Shorthand::parse(&text).map(|shorthand| shorthand.at_start(&value));
    }

    #[test]
    fn no_expression_is_too_odd(text in fragments(), value in ".{0,12}") {
        if let Ok(expression) = Expression::parse(text.as_bytes(), &[b"b+".to_vec()]) {
            applied(&expression, value.as_bytes());
        }
    }

    #[test]
    fn no_pattern_is_too_odd(pattern in r"[\[\](){}ab+*?|^$\\.\-&~,1:é ]{0,12}", value in ".{0,12}") {
        let text = format!("s!{pattern}!<$&$1>!gx; tr!{pattern}!a-z!; $_ .= sprintf('%{pattern}d', 3)");
        if let Ok(expression) = Expression::parse(text.as_bytes(), &[]) {
            applied(&expression, value.as_bytes());
        }
    }
}

mod perl;

mod shorthands;
