//! `--rpl` and `--plus`.

use super::*;

/// What is put in for `{}`, then for each form of `--plus`: as GNU parallel does.
const PLUS: &str = r"
{}             d.d/a.b.c.d|abcabc|ABCabc||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{+/}           d.d||||||a/b|//a.b/|||
{+.}           d|||||||e||gz|jpg
{+..}          c.d|||||.||d.e||tar.gz|
{+...}         b.c.d|||||..|||||
{..}           d.d/a.b|abcabc|ABCabc||0|.|a/b/|//a.b//c|noext|x y|img_01.jpg
{...}          d.d/a|abcabc|ABCabc||0||a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{/..}          a.b|abcabc|ABCabc||0|.||c|noext|x y|img_01.jpg
{/...}         a|abcabc|ABCabc||0|||c.d.e|noext|x y.tar.gz|img_01.jpg
{:-def}        d.d/a.b.c.d|abcabc|ABCabc|def|def|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{:2}           d/a.b.c.d|cabc|Cabc|||.|b/|a.b//c.d.e|ext|y.tar.gz|g_01.jpg
{:1:3}         .d/|bca|BCa|||..|/b/|/a.|oex| y.|mg_
{:0:1}         d|a|A||0|.|a|/|n|x|i
{:9}           .d|||||||d.e||z|g
{:9:1}         .|||||||d||z|g
{#a}           d.d/a.b.c.d|bcabc|ABCabc||0|...|/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{#a.*b}        d.d/a.b.c.d|cabc|ABCabc||0|...|/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{##a.*b}       d.d/a.b.c.d|c|ABCabc||0|...|/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{#[a-c]+}      d.d/a.b.c.d|bcabc|ABCabc||0|...|/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{##[a-c]+}     d.d/a.b.c.d||ABCabc||0|...|/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{%c}           d.d/a.b.c.d|abcab|ABCab||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{%b.*}         d.d/a.|abca|ABCa||0|...|a/|//a.|noext|x y.tar.gz|img_01.jpg
{%%b.*}        d.d/a.|a|ABCa||0|...|a/|//a.|noext|x y.tar.gz|img_01.jpg
{%%c}          d.d/a.b.c.d|abcab|ABCab||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{%.jpg}        d.d/a.b.c.d|abcabc|ABCabc||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01
{%.tar.gz}     d.d/a.b.c.d|abcabc|ABCabc||0|...|a/b/|//a.b//c.d.e|noext|x y|img_01.jpg
{/a/b}         d.d/b.b.c.d|bbcabc|ABCbbc||0|...|b/b/|//b.b//c.d.e|noext|x y.tbr.gz|img_01.jpg
{//a/b}        d.d/b.b.c.d|bbcbbc|ABCbbc||0|...|b/b/|//b.b//c.d.e|noext|x y.tbr.gz|img_01.jpg
{/b/}          d.d/a..c.d|acabc|ABCac||0|...|a//|//a.//c.d.e|noext|x y.tar.gz|img_01.jpg
{//b/}         d.d/a..c.d|acac|ABCac||0|...|a//|//a.//c.d.e|noext|x y.tar.gz|img_01.jpg
{//[b-d]/<x>}  <x>.<x>/a.<x>.<x>.<x>|a<x><x>a<x><x>|ABCa<x><x>||0|...|a/<x>/|//a.<x>//<x>.<x>.e|noext|x y.tar.gz|img_01.jpg
{/#a/X}        d.d/a.b.c.d|Xbcabc|ABCabc||0|...|X/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{/%c/Y}        d.d/a.b.c.d|abcabY|ABCabY||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{^a}           d.d/a.b.c.d|Abcabc|ABCabc||0|...|A/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{^^a}          d.d/A.b.c.d|AbcAbc|ABCAbc||0|...|A/b/|//A.b//c.d.e|noext|x y.tAr.gz|img_01.jpg
{^.}           D.d/a.b.c.d|Abcabc|ABCabc||0|...|A/b/|//a.b//c.d.e|Noext|X y.tar.gz|Img_01.jpg
{^^b.}         d.d/a.B.c.d|aBCaBC|ABCaBC||0|...|a/B/|//a.B//c.d.e|noext|x y.tar.gz|img_01.jpg
{,A}           d.d/a.b.c.d|abcabc|aBCabc||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{,,A}          d.d/a.b.c.d|abcabc|aBCabc||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{,.}           d.d/a.b.c.d|abcabc|aBCabc||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{,,[A-C]}      d.d/a.b.c.d|abcabc|abcabc||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{1..}          d.d/a.b|abcabc|ABCabc||0|.|a/b/|//a.b//c|noext|x y|img_01.jpg
{1:1:3}        .d/|bca|BCa|||..|/b/|/a.|oex| y.|mg_
{-1/b/X}       d.d/a.X.c.d|aXcabc|ABCaXc||0|...|a/X/|//a.X//c.d.e|noext|x y.tar.gz|img_01.jpg
{:}            {:}|{:}|{:}|{:}|{:}|{:}|{:}|{:}|{:}|{:}|{:}
{/x}           {/x}|{/x}|{/x}|{/x}|{/x}|{/x}|{/x}|{/x}|{/x}|{/x}|{/x}
{%%}           d.d/a.b.c.d|abcabc|ABCabc||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{:-}           {:-}|{:-}|{:-}|{:-}|{:-}|{:-}|{:-}|{:-}|{:-}|{:-}|{:-}
{:a}           {:a}|{:a}|{:a}|{:a}|{:a}|{:a}|{:a}|{:a}|{:a}|{:a}|{:a}
{^}            {^}|{^}|{^}|{^}|{^}|{^}|{^}|{^}|{^}|{^}|{^}
{+x}           {+x}|{+x}|{+x}|{+x}|{+x}|{+x}|{+x}|{+x}|{+x}|{+x}|{+x}
{1%c}          d.d/a.b.c.d|abcab|ABCab||0|...|a/b/|//a.b//c.d.e|noext|x y.tar.gz|img_01.jpg
{/#/X}         {/#/X}|{/#/X}|{/#/X}|{/#/X}|{/#/X}|{/#/X}|{/#/X}|{/#/X}|{/#/X}|{/#/X}|{/#/X}
";

#[test]
fn plus_is_that_of_gnu_parallel() {
    let plus = ShorthandTable::new(Shorthand::plus(TagBrackets::Braces));
    let mut lines = PLUS.trim().lines().map(|line| line.split_at(15));
    let (_, values) = lines.next().expect("there is a first line");
    for (form, expected) in lines {
        let form = form.trim_end();
        for (value, expected) in values.split('|').zip(expected.split('|')) {
            assert_eq!(
                replaced(&plus, form, value),
                expected,
                "{form} of {value:?}"
            );
        }
    }
}

/// What stands for `form`; itself if nothing does.
fn replaced(shorthands: &ShorthandTable, form: &str, value: &str) -> String {
    let Some(found) = shorthands.at_start(form.as_bytes()) else {
        return form.to_owned();
    };
    let expression = found
        .expression
        .unwrap_or_else(|error| panic!("{form}: {error}"));
    let rest = &form[found.length..];
    match applied(&expression, value.as_bytes()) {
        ExpressionOutcome::Text(text) | ExpressionOutcome::Code(text) => {
            String::from_utf8_lossy(&text).into_owned() + rest
        }
        ExpressionOutcome::Skip => "(skipped)".to_owned(),
        ExpressionOutcome::Error(problem) => panic!("{form}: {problem}"),
    }
}

/// GNU parallel sees bytes here; and to it a dot in a pattern is no newline.
#[test]
fn plus_sees_characters_and_newlines() {
    let plus = ShorthandTable::new(Shorthand::plus(TagBrackets::Braces));
    let table = [
        ("{:1}", "éa", "a"),
        ("{:0:1}", "éa", "é"),
        ("{^.}", "éa", "Éa"),
        ("{+.}", "a\nb.c", "c"),
        ("{+/}", "a\nb/c", "a\nb"),
        ("{/..}", "x\ny/a.b.c", "a"),
        ("{%.c}", "a\nb.c", "a\nb"),
        // A parameter is a group of its own.
        ("{##a|b}", "ba", "a"),
    ];
    for (form, value, expected) in table {
        assert_eq!(
            replaced(&plus, form, value),
            expected,
            "{form} of {value:?}"
        );
    }
}

#[test]
fn plus_knows_the_job() {
    let plus = ShorthandTable::new(Shorthand::plus(TagBrackets::Braces));
    let table = [
        ("{##}", "1234"),
        ("{0#}", "0007"),
        ("{0%}", "02"),
        ("{slot}", "2"),
        ("{host}", ":"),
        ("{sshlogin}", ":"),
    ];
    for (form, expected) in table {
        assert_eq!(replaced(&plus, form, "a"), expected, "{form}");
        let index = plus.at_start(form.as_bytes()).and_then(|found| found.index);
        assert_eq!(index, Some(1), "{form}");
    }
}

#[test]
fn plus_skips_combinations() {
    let plus = ShorthandTable::new(Shorthand::plus(TagBrackets::Braces));
    // The second value is `b`.
    let table = [
        ("{uniq}", "a", "a"),
        ("{uniq}", "b", "(skipped)"),
        ("{uniq}", "c", "c"),
        ("{uniq}", "", ""),
        ("{choose_k}", "a", "a"),
        ("{choose_k}", "b", "(skipped)"),
        ("{choose_k}", "c", "(skipped)"),
    ];
    for (form, value, expected) in table {
        assert_eq!(
            replaced(&plus, form, value),
            expected,
            "{form} of {value:?}"
        );
    }
}

#[test]
fn plus_has_angles_too() {
    let plus = ShorthandTable::new(Shorthand::plus(TagBrackets::Angles));
    let table = [
        ("<..>", "a.b.c", "a"),
        ("<#img_>", "img_1", "1"),
        ("<%.jpg>", "1.jpg", "1"),
        ("<:1:2>", "abcd", "bc"),
        ("<:-x>", "", "x"),
        ("<^a>", "ab", "Ab"),
        ("<1..>", "a.b.c", "a"),
        // Redirections stay.
        ("</dev/null>", "a", "</dev/null>"),
        ("<#a >b", "a", "<#a >b"),
        ("{..}", "a", "{..}"),
    ];
    for (form, value, expected) in table {
        assert_eq!(
            replaced(&plus, form, value),
            expected,
            "{form} of {value:?}"
        );
    }
}

/// What GNU parallel 20221122 made of the same, but for the lines with a reason.
#[test]
fn tags_are_found() {
    // Definition, text, length, position, result for `x_old.txt`.
    let table = [
        ("{up} $_ = uc($_)", "{up}.", 4, None, "X_OLD.TXT"),
        ("{up} $_ = uc($_)", "{1up}", 5, Some(1), "X_OLD.TXT"),
        ("{up} $_ = uc($_)", "{-1up}}", 6, Some(-1), "X_OLD.TXT"),
        ("{up} $_ = uc($_)", "{2 up}", 6, Some(2), "X_OLD.TXT"),
        ("<up> $_ = uc($_)", "<2up>", 5, Some(2), "X_OLD.TXT"),
        ("up $_ = uc", "up2", 2, None, "X_OLD.TXT"),
        ("{a}", "{a}", 3, None, "x_old.txt"),
        ("{a} 2 $_ = uc", "{a}", 3, Some(2), "X_OLD.TXT"),
        ("{drop(.+?)} s/$$1//", "{drop_old}}", 10, None, "x.txt"),
        ("{drop(.+?)} s/$$1//", "{-2drop_old}", 12, Some(-2), "x.txt"),
        (
            "{(.*?)/(.*?)} $_=\"$$2$_$$1\"",
            "{a/b}",
            5,
            None,
            "bx_old.txta",
        ),
        ("{@(.*?)} /$$1/ and $_=$1;", "{@(.)_}", 7, None, "x"),
        ("{r(a|b)} $_ = $$1", "{rb}", 4, None, "b"),
        ("+(\\d+) $_ = $$1", "+12a", 3, None, "12"),
        // There a blank ends the tag even in parentheses.
        ("{a( b)} $_ = 1", "{a b}", 5, None, "1"),
        ("( $_ = 1", "(", 1, None, "1"),
    ];
    for (definition, text, length, index, expected) in table {
        let shorthand = Shorthand::parse(definition.as_bytes()).expect(definition);
        let found = shorthand.at_start(text.as_bytes()).expect(text);
        assert_eq!((found.length, found.index), (length, index), "{definition}");
        let all = ShorthandTable::new(vec![shorthand]);
        let got = replaced(&all, &text[..length], "x_old.txt");
        assert_eq!(got, expected, "{definition}");
    }
}

#[test]
fn other_text_is_no_tag() {
    let table = [
        ("{up} $_ = uc", "{Up}"),
        ("{up} $_ = uc", "x{up}"),
        ("{up} $_ = uc", "{0up}"),
        ("{up} $_ = uc", "{99999999999up}"),
        ("up $_ = uc", "2up"),
        ("{drop(.+?)} s/$$1//", "{drop}"),
        // A tag does not reach into the next.
        ("{drop(.+?)} s/$$1//", "{drop} {dropx}"),
        ("{(\\d)} 1", "{12}"),
    ];
    for (definition, text) in table {
        let shorthand = Shorthand::parse(definition.as_bytes()).expect(definition);
        assert_eq!(shorthand.at_start(text.as_bytes()), None, "{definition}");
    }
}

#[test]
fn the_longest_tag_counts_and_then_the_last() {
    let all = ["% $_ = 1", "%% $_ = 2", "% $_ = 3"];
    let all = all.map(|text| Shorthand::parse(text.as_bytes()).expect(text));
    let all = ShorthandTable::new(all.into());
    assert_eq!(replaced(&all, "%", ""), "3");
    assert_eq!(replaced(&all, "%%", ""), "2");
}

#[test]
fn flaws_of_definitions_are_told() {
    assert!(Shorthand::parse(b" $_ = 1").is_err());
    assert!(Shorthand::parse(b"{x(?=a)} $_ = 1").is_err());
    let unknown = Shorthand::parse(b"{x} $_ = `ls`").expect("it is used first");
    let found = unknown.at_start(b"{x}").expect("it is used");
    let error = found.expression.expect_err("there is no such thing");
    assert_eq!(error.to_string(), "'`' cannot be read");
}
