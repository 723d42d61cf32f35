//! Where a value is read again as code, and where it only looks so.

use super::*;

pub(super) fn warnings(line: &str) -> Vec<String> {
    let bash = TemplateOptions {
        shell: ShellProgram::named("/bin/bash"),
        ..options(&[line], 1)
    };
    CommandTemplate::parse(bash).unwrap().warnings().to_vec()
}

#[test]
fn second_parsers_are_told() {
    let warned = [
        "sh -c \"echo <>\"",
        "sudo bash -ec 'x <>'",
        "/bin/sh -c 'a <>'",
        "sh -o pipefail -c 'a <>'",
        "eval echo <>",
        "x; eval \"<>\"",
        "a | xargs sh -c 'b <>'",
        "xargs -n1 sh -c 'b <>' <f",
        "find . -exec sh -c 'a <>' \\;",
        "docker exec c sh -c 'a <>'",
        "let x=<>",
        "declare -i x=<>",
        "export <>",
        "read <>",
        "unset <>",
        "printf -v <> x",
        "test -v <>",
        "[[ -v <> ]]",
        "trap <> EXIT",
        "source <>",
        ". <>",
        "ssh host ls <>",
        "ssh -p 22 host \"ls <>\"",
        "ssh <1> ls <1>",
        "ssh -o ProxyCommand='nc <> 22' host",
        "ssh -oProxyCommand='nc <> 22' host",
        "sudo -u me ssh host ls <>",
        "python3 -c 'print(\"<>\")'",
        "python3.11 -c'print(\"<>\")'",
        "perl -ne 'print if /<>/'",
        "perl -e'print \"<>\"'",
        "ruby -e 'puts \"<>\"'",
        "node -e 'f(\"<>\")'",
        "node --eval='f(\"<>\")'",
        "php -r 'echo \"<>\";'",
        "awk '/<>/ { print }' f",
        "awk -F: -v x=1 '/<>/' f",
        "sed 's/a/<>/' f",
        "sed -n -e 's/a/<>/p' f",
        "sed -es/a/<>/ f",
        "su x -c 'ls <>'",
        "runuser -u x -c 'ls <>'",
        "sg root -c 'ls <>'",
        "sg root 'ls <>'",
        "script -qec 'echo <>' /dev/null",
        "flock . -c 'echo <>'",
        "flock -n f sh -c 'echo <>'",
        "watch 'ls <>'",
        "watch -n 5 ls <>",
        "env -S 'echo <>'",
        "sbatch --wrap 'echo <>'",
        "sbatch --wrap='echo <>'",
        "bsub -q short 'echo <>'",
        "bsub -n 4 echo <>",
        "tmux new 'echo <>'",
        "tmux send-keys -t x 'echo <>' Enter",
        "parallel 'echo <> \\{}' ::: 1",
        "parallel -j 4 echo <>",
        "prun 'echo <> \\{}' ::: 1",
        "tar xf f --to-command='cat >x<>'",
        "tar cf f --checkpoint-action=exec='echo <>' d",
        "git -c alias.x='!echo <>' x",
        "git -c core.sshCommand='ssh -p <>' pull",
        "a=$(sh -c 'b <>')",
        "command eval <>",
        "A=1 eval <>",
        "sh -c 'x $y <>'",
        "timeout 5 ssh host ls <>",
        "timeout -k 3 5 nice -n 3 ssh host ls <>",
    ];
    for line in warned {
        assert_eq!(warnings(line).len(), 1, "{line}: {:?}", warnings(line));
        let gnu = CommandTemplate::parse(gnu(&[line], 1)).unwrap();
        assert!(gnu.warnings().is_empty());
    }
    let refused = TemplateOptions {
        strict: true,
        ..options(&["sh -c 'echo <>' | b"], 1)
    };
    assert!(CommandTemplate::parse(refused).is_err());
}

#[test]
fn values_are_followed_to_what_reads_them() {
    let warned = [
        "echo 'echo <>' | sh",
        "echo echo <> | bash -s x",
        "printf 'echo %s\\n' <> | dash -e",
        "echo 'x <>' | sudo sh",
        "echo 'x <>' | zsh",
        "echo 'x <>' | ssh host",
        "echo 'x <>' | ssh -p 2 host bash -s",
        "echo 'x <>' | docker exec -i c sh",
        "echo 'x <>' | at now",
        "echo 'x <>' | batch",
        "echo 'x <>' | qsub",
        "echo 'x <>' | qsub -q short",
        "echo 'x <>' | bsub",
        "echo 'x <>' | parallel -j 4",
        "echo 'x <>' | prun",
        "echo 'print(<>)' | python3",
        "echo 'print(<>)' | python3 -",
        "echo 'x: <>' | make -f -",
        "echo 'x <>' | tr a b | tee log | sh",
        "sed 's/X/<>/' f | sh",
        "for i in 1 2; do echo \"x $i <>\"; done | sh",
        "{ echo 'x <>'; } | sh",
        "sh <<X\necho <>\nX",
        "cat <<X | sh\necho <>\nX",
        "sh -s a <<X\necho <>\nX",
        "bash <<< 'echo <>'",
        "bash <(echo 'echo <>')",
        "echo <> | xargs -I% sh -c 'echo %'",
        "echo <> | xargs -n1 -I % bash -c 'echo %'",
        "bash -c \"$(echo echo <>)\"",
        "bash -c \"$(cat <<X\necho <>\nX\n)\"",
        "bash -c $'echo <>'",
        "x='echo <>'; eval $x",
        "x=<>; eval \"echo $x\"",
        "x=<>; y=\"echo $x\"; sh -c \"$y\"",
        "y=\"echo $x\"; x=<>; sh -c \"$y\"",
        "x=<>; sh -c \"$x\"",
        "x=<>; sh -c \"echo ${x%.c}\"",
        "x=$(basename <>); sh -c \"echo $x\"",
        "export x=<>; eval \"echo $x\"",
        "f(){ eval \"$1\"; }; f 'echo <>'",
        "function f { eval \"$@\"; }; f 'echo <>'",
        "f() { eval 'echo <>'; }; f",
        "set -- <>; eval \"echo $1\"",
        "for i in <>; do eval \"echo $i\"; done",
        "echo 'x <>' | while read -r l; do eval \"$l\"; done",
        "x=<>; ssh host \"ls $x\"",
        "echo 'echo <>' >> j.sh; sh j.sh",
        "echo 'echo <>' >> job; sh job",
        "echo 'echo <>' >job; chmod +x job; ./job",
        "echo 'echo <>' >job && . ./job",
        "cat >job-<>.sh <<X\necho <>\nX",
    ];
    for line in warned {
        assert!(!warnings(line).is_empty(), "{line}");
    }
}

#[test]
fn what_only_looks_like_a_second_parser_is_fine() {
    let fine = [
        "sh -c <>",
        "sh -c 'echo \"$1\"' sh 'a <>'",
        "sh script.sh -c 'a <>'",
        "sh script <>",
        "rsync -e ssh <> host:<>",
        "which ssh <>",
        "sh -c 'echo \"$1\"' _ <>",
        "echo eval <>",
        "ssh <> uptime",
        "ssh -p <> host ls",
        "ssh -i key-<> -o Port=<> host uptime",
        "ssh user@<> 'cat > x'",
        "cat <> | ssh host 'cat > x'",
        "echo 'x <>' | ssh host 'cat > x'",
        "export X=<>; y",
        "export X=<>; sh -c 'echo \"$X\"'",
        "x=<>; eval 'echo \"$x\"'",
        "X=<> sh -c 'echo \"$X\"'",
        "f() { echo \"$1\"; }; f 'a <>'",
        "printf %s <>",
        "test -f <>",
        "sh -c 'echo <#>'",
        "python3 x.py <>",
        "python3 -m http.server <>",
        "grep -c 'a<>'",
        "local x=<>",
        "awk '{print $1}' <>",
        "awk -v x='a <>' '{ print x }' f",
        "awk -f prog.awk f-<>",
        "awk -F, '{print $1}' data/<>.csv",
        "sed s/a/b/ <>",
        "sed -n 1p data/<>",
        "sed -i.bak -e s/a/b/ data/<>",
        "perl -ne 'print' <>",
        "perl -pe 's/a/b/' data/<>",
        "perl script.pl -e 'a <>'",
        "node app.js 'x <>'",
        "echo <> | xargs -n1 cmd",
        "echo <> | sh",
        "x=<>; sh \"$x\"",
        "echo <> | xargs -I% cp % d",
        "echo <> | xargs -I% sh -c 'echo \"$1\"' sh %",
        "cat <> | xargs -I% sh -c 'echo %'",
        "bash <(cat <>)",
        "echo <> | parallel gzip",
        "printf '%s\\n' <> | sh",
        "printf 'echo %q\\n' <> | bash",
        "echo 'echo \"$1\"' | sh -s <>",
        "sh -s <> <<'X'\necho \"$1\"\nX",
        "cat <> | sh",
        "bash -c \"$(cat <>)\"",
        "echo 'a <>' | grep x | wc -l",
        "echo 'a <>' | sh script",
        "cat <<X\nvalue <>\nX",
        "cat <<X | python3 x.py\nvalue <>\nX",
        "echo 'a <>' >> log.txt",
        "echo 'a <>' >> log; cat log",
        "sort <> > data-<>.sh",
        "tmux new -s job-<>",
        "watch -x ls <>",
        "flock lock-<> gzip <>",
        "timeout 5 gzip <>",
        "env A=<> printenv A",
        "env A='x <>' sh -c 'echo \"$A\"'",
        "sbatch job.sh <>",
        "sbatch --job-name=x-<> job.sh",
        "parallel echo ::: <>",
        "parallel --joblog log-<> -j <> echo ::: a",
        "prun echo ::: 'a <>'",
        "tar czf <>.tar.gz <>",
        "tar -C 'dir <>' -xf f",
        "git -c user.name='a <>' commit -m 'b <>'",
        "git log --grep='a <>'",
        "make -C dir-<> all",
        "docker run img echo 'a <>'",
        "convert <> -resize 50% out/<>",
        "ffmpeg -i <> -vf 'scale=<>:-1' <.>.mp4",
        "curl -H 'X: <>' http://host/<>",
    ];
    for line in fine {
        assert!(warnings(line).is_empty(), "{line}: {:?}", warnings(line));
    }
}

#[test]
fn the_warning_says_what_to_type() {
    let words = options(&["sh", "-c", "echo {}"], 1);
    let template = CommandTemplate::parse(words).unwrap();
    assert_eq!(
        template.warnings(),
        [r#"the value is read again as code by 'sh -c'
hint: prun sh -c 'printf "%s\n" "$1"' sh {}; --plain-values lets only plain words in"#]
    );
    assert_eq!(
        warnings("source <>"),
        ["the value is read again as code by 'source'\n\
          hint: run the file by a shell of its own: prun sh -- '<>'; \
          --plain-values lets only plain words in"]
    );
}

#[test]
fn plain_values_may_be_read_again() {
    for strict in [false, true] {
        let plain = TemplateOptions {
            strict,
            plain_values: true,
            ..options(&["sh -c 'echo <>'"], 1)
        };
        let template = CommandTemplate::parse(plain).unwrap();
        assert!(template.warnings().is_empty());
        assert!(template.work(&row(&["a.b-c"]), PLACE).is_ok());
        assert!(template.work(&row(&["a;b"]), PLACE).is_err());
    }
}
