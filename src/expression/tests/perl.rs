//! The language of `{= =}` beside Perl itself.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use super::super::{Expression, ExpressionContext, ExpressionOutcome};

const VALUES: [&str; 20] = [
    "",
    "0",
    "abc",
    "a b  c",
    "dir.d/file.tar.gz",
    "12abc",
    "-7",
    "3.75",
    "1e3",
    "Az",
    "zz",
    "a9",
    "ABCabcABC",
    "x\ny\n",
    "naïve Éa",
    "ß straße ΑΣ",
    "$1 \\1 @x {}",
    "9007199254740993",
    "  42 ",
    "a.b|c*d",
];

const EXPRESSIONS: [&str; 227] = [
    "s/a/X/",
    "s/a/X/g",
    "s/[a-c]+/<$&>/gi",
    r"s/(\w+) (\w+)/$2 $1/",
    r"s/(.)(.)/\2\1/g",
    "s{.*/}{}",
    r"s:.*/::; s:\.[^/.]*$::",
    r"s/\.[^.]+$//;",
    r"s|\.|/|g",
    "s(a)(b)",
    "s{a} {b}",
    "s<a>[<&>]; tr/<>/()/",
    "s/.*/x/g",
    "s/x*/-/g",
    r"s/\b/|/g",
    r"s/(\d+)/$1+1/e",
    r#"s/(\d+)/sprintf("%05d",$1)/e"#,
    "s/[a-z]/uc($&)/ge",
    r"s/\w+/\u\L$&\E!/g",
    r"s/(\w)(\w*)/\U$1\E\L$2/g",
    "s/b/[$_]/",
    "s/ /_/g; s/_+/_/",
    "s/a b/X/x",
    "s/a #comment/X/x",
    "s/[ ]b/X/x",
    "s/^./Q/mg",
    "s/a.*c/Q/s",
    "s/[[:upper:]]//g",
    "s/[^]a]/-/g",
    "s/[]b]/-/g",
    "s/a{1}/Z/",
    "s/{}/Z/",
    "s/a{/Z/",
    r"s/\$1/dollar/",
    "s/(x)?a/[$1]/",
    r#"$_ = s/a/b/r . "!""#,
    "my $n = s/[abc]//g; $_ .= $n",
    r"s/\Qa.b|c\E/Q/",
    r#"my $x = "a."; s/\Q$x\E/Q/"#,
    r#"my $x = "[ab]"; s/$x/Q/g"#,
    r#"my $x = "b"; s/a$x/Q/"#,
    "s/a$//",
    "s/é|É/E/g",
    "s/./x/g",
    r"s/\d//g; s/\s+/ /g",
    "tr/a-z/A-Z/",
    "tr/a-c/x/",
    "tr/a-c//d",
    "tr/a-zA-Z//cd",
    "y/abc/xyz/",
    "$_ = tr/a-c//",
    "$_ = tr/a-z//c",
    "tr/a-z//s",
    "tr/a-zA-Z/ /cs",
    "tr/a-z/A-C/d",
    r#"$_ = tr/a-c/A-C/r . ".""#,
    "tr/é/e/",
    r"tr/\/.//d",
    r#"(my $t = $_) =~ tr/a/b/; $_ = "$t$_""#,
    "(my $t = $_) =~ s/a/b/; $_ = $t",
    "$_ = uc",
    "$_ = uc($_)",
    "$_ = lc $_",
    "$_ = ucfirst lc",
    "$_ = lcfirst(uc $_)",
    "$_ = length",
    r#"$_ = length($_) > 3 ? "long" : "short""#,
    "$_ = length > 3",
    "$_ = substr($_, 1)",
    "$_ = substr($_, 1, 2)",
    "$_ = substr($_, -2)",
    "$_ = substr($_, -3, -1)",
    "$_ = substr $_, 0, 1",
    r#"substr($_, 0, 0) = "new""#,
    r#"substr($_, 0, 0, "new")"#,
    r#"$_ = index($_, "b")"#,
    r#"$_ = index($_, "c", 3)"#,
    r#"$_ = rindex($_, "a")"#,
    r#"$_ = rindex $_, "a", 1"#,
    "$_ = reverse",
    "$_ = reverse $_",
    r#"$_ = join "-", reverse 1..3, "x""#,
    r#"$_ = join ",", @arg[1..$#arg]"#,
    r#"$_ = "@arg[1,2]""#,
    r#"$_ = $#arg . "/" . @arg"#,
    r#"$_ = $arg[1] . $arg[-1] . "$arg[2]""#,
    "$_ = defined($arg[0]) ? 1 : 0",
    "$_ = defined $arg[9] ? 1 : 2",
    "chop",
    "chop; chop",
    "chomp",
    r#"chomp; $_ .= "|""#,
    "chomp(my $l = $_); $_ = $l",
    "$_ = ord",
    "$_ = chr(65 + length)",
    "$_ = chr 233",
    "s/[^ -~].*//s; $_ = hex",
    r#"$_ = hex "ff""#,
    r#"$_ = oct("0x1F") + oct("755") + oct("0b11")"#,
    "$_ = abs",
    "$_ = int",
    "$_ = int($_ / 2)",
    "$_ = sqrt(abs($_) + 2)",
    "$_ = log(2) / log(10)",
    "$_ += 1",
    "$_ -= 0.5",
    "$_ *= 3",
    "$_ /= 4",
    "$_ **= 2",
    "$_ %= 5",
    "$_ = -$_",
    "$_ = $_ % -4",
    "$_ = 7.9 % 3",
    "$_++",
    "++$_",
    "$_--",
    "--$_",
    "$_ = $_++ + 1",
    "$_ x= 3",
    r#"$_ = "ab" x 2 . "c""#,
    r#"$_ = "=" x length"#,
    r#"$_ .= "z""#,
    r#"$_ ||= "default""#,
    r#"$_ &&= "set""#,
    r#"$_ //= "never""#,
    "$_ = 2 ** 3 ** 2",
    "$_ = -2 ** 2",
    "$_ = 1 + 2 * 3 - 4 / 2",
    "$_ = 10 / 3",
    "$_ = 0x1f + 0b101 + 017 + 1_000",
    "$_ = 1e21 + 1.5e-7",
    "$_ = 0.1 + 0.2",
    "$_ = 9223372036854775807 + 1",
    "$_ = 18446744073709551615 + 1",
    "$_ = 3 <=> 2",
    r#"$_ = "a" cmp "b""#,
    r#"$_ = $_ == 0 ? "zero" : "other""#,
    r#"$_ = $_ eq "abc""#,
    "$_ = !$_",
    "$_ = not $_",
    r#"$_ = ($_ lt "b") . ($_ ge "b")"#,
    r#"$_ = "in" if /a/"#,
    r#"$_ = "out" unless /a/i"#,
    r"/(\d+)/ and $_ = $1",
    r#"/(\d+)/ or $_ = "none""#,
    r"$_ = $1 if $_ =~ m{(\w+)\.(\w+)}",
    "$_ = $2 . $1 if m#(.)(.)#",
    r#"$_ = "no" if $_ !~ /[a-z]/"#,
    r#"$_ = /b/ ? "b" : /c/ ? "c" : "-""#,
    r#"if (/a/) { $_ = "A" } elsif (/\d/) { $_ = "D" } else { $_ = "E" }"#,
    r#"unless ($_) { $_ = "false" }"#,
    r#"$_ = join "|", /(\w)(\w)/"#,
    r#"$_ = join "|", /\d/g"#,
    r#"$_ = "a\tb\x41\x{e9}\$\@\"\\\n""#,
    r"$_ = 'a\tb\\c'",
    "$_ = q{a{b}c} . qq{<$_>} . q(x)",
    r#"$_ = "${_}x$_""#,
    r#"$_ = "\U$_\E-\u$_-\Qa.b\E""#,
    r#"$_ = sprintf("%05d|%5s|%-5s|%.2s", $_, $_, $_, $_)"#,
    r#"$_ = sprintf "%.2f %e %g %G", $_, $_, $_, $_"#,
    r#"$_ = sprintf("%x %X %#x %o %#o %b %#b", 255, 255, 255, 8, 8, 5, 5)"#,
    r#"$_ = sprintf("%+d % d %+.1f %05.1f %-6d| %06d", 3, 3, 2.5, 2.55, 42, -42)"#,
    r#"$_ = sprintf("%*d|%-*d|%.*f|%%|%c%s", 5, 42, 5, 42, 2, 3.14159, 65, "é")"#,
    r#"$_ = sprintf('%3s|%-3s|%03s', "é", "é", "é")"#,
    r#"$_ = sprintf("%s %s", 1e15, 1e16) . sprintf("%d", "12abc") . sprintf("%d", -3.7)"#,
    r#"$_ = sprintf("%.0f %.0f %.3g %g %g", 0.5, 1.5, 1234.5, 100000, 1000000)"#,
    r#"$_ = sprintf("%.10d|%10.5d|%x|%u", 42, 42, -1, -1)"#,
    r#"$_ = sprintf("%s%y%", 1)"#,
    r#"my $w = length(total_jobs()); $_ = sprintf("%0${w}d", seq())"#,
    r#"$f=1+int("".(log(total_jobs())/log(10))); $_=sprintf("%0${f}d",seq())"#,
    r#"$_ = seq() % 2 ? "odd" : "even""#,
    r#"$_ = seq() - 1 . "-" . slot()"#,
    "$_ = seq + slot * 2",
    "$_ = $job->seq() . $job->slot()",
    "s/a/b/, s/b/c/",
    "$_ = (1, 2, 3)",
    "1; $_ .= 1;",
    "# nothing",
    "$_ = 1 .. 3 if 0",
    r#"$_ = "1.0" == 1 && "1.0" ne "1" || 0"#,
    r#"$_ = "0 but true" + 5"#,
    r#"$_ = " 12 " + "+3" + "-.5" + "1_000""#,
    r#"$_ = 1 <=> "nan""#,
    "$_ = quotemeta",
    r#"$_ = "$&" if /b./"#,
    r#"$_ = 1 - 1 ? "y" : "n""#,
    "$_ = length() - 1",
    "$_ = lc($_) eq lc uc($_) ? 1 : 0",
    r#"$_ = 1000000 * 1000000 . " " . 1e15 * 10"#,
    "$_ = 1/7",
    "$_ = 1e100",
    r#"$_ = 1.10 . """#,
    "$_ = .5 + 1.",
    r#"$_ = int(-3.7) . int("4.9x")"#,
    r"s/\//-/g",
    "s/[.]/,/g",
    r"s/(?<n>\d)/<$1>/",
    "s/(?i)ABC/q/",
    "s/a|b|c/-/g",
    r"s/^\s+|\s+$//g",
    "s/a+?/-/",
    "s/[a-z]{2}/-/g",
    "s/[a-z]{2,}?/-/g",
    r"s/[\w.]+/w/",
    r"s/\x41/q/",
    r"s/\//\\/g",
    r"s/\W/_/g",
    r"s/[^\w]/_/g",
    "s'a'$x'",
    "m/^(.)/ && ($_ = ord $1)",
    r#"$_ = "a" . 1 + 2"#,
    r#"$_ = "x" lt "y" ? 'l' : 'g'"#,
    r#"$_ = !!1 . "|" . !!0"#,
    "$_ = (5 <=> 10) . (10 <=> 5)",
    r#"$_ = "abc" x -1"#,
    r#"$_ = "5" . "6" * 2"#,
    "$_ = ((2 + 3)) * 2",
    r#"$_ = -"foo" . - -1"#,
    r"($_) = /(\w)\z/",
    r#"my ($p, $q) = /(.)(.)/; $_ = "$q$p""#,
    r#"my ($x) = /(\d+)/g; $_ = $x // "none""#,
    r#"my ($x, $y) = @arg[2, 1]; $_ = "$x$y""#,
    r"$_ = (my ($x) = /\d/g)",
    "($_, $x) = ($arg[2], $_); $_ .= $x",
    "if (my ($x) = /b(.)/) { $_ = $x }",
    "$_ .= s/b/[$&]/",
    "$_ = (1 < 2) == (2 < 3) ? 1 : 0",
];

/// What Perl knows of the job.
const PRELUDE: &str = r#"
    use utf8;
    no warnings;
    binmode STDOUT, ":utf8";
    sub seq() { 7 }
    sub slot() { 2 }
    sub total_jobs() { 1234 }
    package Job { sub seq { 7 } sub slot { 2 } }
    my $job = bless {}, "Job";
"#;

/// What stands for an expression that breaks off.
const DIED: &str = "(died)";

#[test]
fn expressions_mean_what_they_mean_in_perl() {
    let Some(expected) = by_perl() else {
        // Past the capture of the test runner.
        let _ = std::io::stderr().write_all(b"skipped: perl is not installed\n");
        return;
    };
    let mut expected = expected.into_iter();
    let mut wrong = Vec::new();
    for text in EXPRESSIONS {
        let expression = Expression::parse(text.as_bytes(), &[]);
        for value in VALUES {
            let expected = expected.next().expect("perl did them all");
            let got = match &expression {
                Ok(expression) => by_prun(expression, value),
                Err(error) => format!("error: {error}"),
            };
            if got != expected {
                wrong.push(format!(
                    "{text}\n  of {value:?}\n  perl {expected:?}\n  prun {got:?}"
                ));
            }
        }
    }
    let count = wrong.len();
    assert!(wrong.is_empty(), "{}\n{count} differ", wrong.join("\n"));
}

fn by_prun(expression: &Expression, value: &str) -> String {
    let values = [value.as_bytes().to_vec(), b"second".to_vec()];
    let context = ExpressionContext {
        seq: 7,
        slot: 2,
        slots: 4,
        total: Some(1234),
        values: &values.iter().collect(),
    };
    match expression.apply(value.as_bytes(), &context) {
        ExpressionOutcome::Text(text) | ExpressionOutcome::Code(text) => {
            String::from_utf8_lossy(&text).into_owned()
        }
        ExpressionOutcome::Skip => "(skipped)".to_owned(),
        ExpressionOutcome::Error(_) => DIED.to_owned(),
    }
}

/// Runs them all in one process; nothing where Perl is not installed.
fn by_perl() -> Option<Vec<String>> {
    let mut script = PRELUDE.to_owned();
    for expression in EXPRESSIONS {
        for value in VALUES {
            let value = value.replace('\\', "\\\\").replace('\'', "\\'");
            script.push_str(&format!(
                "{{ local $_ = '{value}'; our @arg = (undef, $_, 'second');\n\
                 eval {{ no strict;\n{expression}\n; 1 }} or $_ = '{DIED}';\n\
                 print $_, \"\\0\"; }}\n"
            ));
        }
    }
    let mut perl = match Command::new("perl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        perl => perl.expect("perl starts"),
    };
    let mut stdin = perl.stdin.take().expect("it is piped");
    stdin.write_all(script.as_bytes()).expect("perl reads");
    drop(stdin);
    let output = perl.wait_with_output().expect("perl ends");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let mut results: Vec<String> = text.split('\0').map(str::to_owned).collect();
    results.pop();
    let count = EXPRESSIONS.len() * VALUES.len();
    assert_eq!(results.len(), count, "perl could not read a line");
    Some(results)
}
