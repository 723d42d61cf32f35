//! Where a value is read again as code, and where it only looks so.

use super::*;

fn warnings(line: &str) -> Vec<String> {
    let bash = Options {
        shell: Shell::named("/bin/bash"),
        ..options(&[line], 1)
    };
    Template::parse(bash).unwrap().warnings().to_vec()
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
        let gnu = Template::parse(gnu(&[line], 1)).unwrap();
        assert!(gnu.warnings().is_empty());
    }
    let refused = Options {
        strictness: Strictness::Refuse,
        ..options(&["sh -c 'echo <>' | b"], 1)
    };
    assert!(Template::parse(refused).is_err());
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
    let template = Template::parse(words).unwrap();
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
    for strictness in [Strictness::Warn, Strictness::Refuse] {
        let plain = Options {
            strictness,
            plain_values: true,
            ..options(&["sh -c 'echo <>'"], 1)
        };
        let template = Template::parse(plain).unwrap();
        assert!(template.warnings().is_empty());
        assert!(template.work(&row(&["a.b-c"]), PLACE).is_ok());
        assert!(template.work(&row(&["a;b"]), PLACE).is_err());
    }
}

#[test]
fn options_of_shells_and_interpreters_are_read_as_they_read_them() {
    let shells = [
        "bash -euo pipefail -c \"a <>\"",
        "bash -eu -o pipefail -c \"a <>\"",
        "bash -c -e 'a <>'",
        "bash -c -- 'a <>'",
        "bash -ceo pipefail 'a <>'",
        "bash +e -c 'a <>'",
        "bash +O extglob -c 'a <>'",
        "bash --rcfile F -ic 'a <>'",
        "bash --init-file F -i -c 'a <>'",
        "bash --norc --noprofile -c 'a <>'",
        "bash -O extglob -c 'a <>'",
        "zsh -f -o extendedglob -c 'a <>'",
    ];
    for before in [
        "",
        "find . -exec ",
        "xargs ",
        "xargs -n 1 -P 4 ",
        "env A=1 ",
        "env -u A ",
        "timeout 5 ",
        "timeout -s KILL 5 ",
        "nice -n 5 ",
        "sudo -u me ",
    ] {
        for shell in shells {
            let line = format!("{before}{shell}");
            assert_eq!(warnings(&line).len(), 1, "{line}: {:?}", warnings(&line));
        }
    }
    for line in [
        "perl -I lib -e 'print \"<>\"'",
        "perl -Ilib -MFoo -ne 'print \"<>\"'",
        "perl -0777 -i.bak -pe 's/<>//' f",
        "perl -lane 'print \"<>\"'",
        "ruby -I lib -r json -ne 'puts \"<>\"'",
        "python3 -X dev -W ignore -Ic 'print(\"<>\")'",
        "sed -i.bak -Ee 's/<>//' f",
        "sed -nE 's/<>//p' f",
        "awk -F : -v x=1 '/<>/' f",
        "echo 'a <>' | bash -euo pipefail",
        "echo 'a <>' | bash -euo pipefail -s x",
        "echo 'a <>' | timeout --signal KILL 5 bash -o pipefail",
    ] {
        assert_eq!(warnings(line).len(), 1, "{line}: {:?}", warnings(line));
    }
    for line in [
        "bash -euo pipefail -c 'echo \"$1\"' sh <>",
        "bash -euo pipefail script.sh 'a <>'",
        "bash -c -- 'echo \"$1\"' sh 'a <>'",
        "bash --rcfile 'a <>' -i",
        "perl -I 'lib <>' script.pl",
        "perl -i.<> -pe 's/a/b/' f",
        "sed -f script.sed 'data <>'",
        "awk -f x.awk 'data <>'",
        "echo 'a <>' | bash -euo pipefail script",
    ] {
        assert!(warnings(line).is_empty(), "{line}: {:?}", warnings(line));
    }
}

#[test]
fn more_programs_that_run_a_value() {
    for line in [
        "split --filter='gzip > <>' f",
        "split -l 5 f x --filter 'gzip > <>'",
        "ssh -o 'ProxyCommand nc <> 22' host",
        "scp -o ProxyCommand='nc <> 22' a b:",
        "git -c core.fsmonitor='echo <>' status",
        "git -c diff.external='echo <>' diff",
        "git -c credential.helper='!echo <>' fetch",
        "GIT_SSH_COMMAND='ssh -p <>' git fetch",
        "EDITOR=\"vi <>\" crontab -e",
        "env EDITOR='vi <>' crontab -e",
        "export PAGER='less <>'; man x",
        "BASH_ENV=<> bash x.sh",
        "PS4='<> '; set -x",
        "vim -c 'e <>' -c q",
        "vim '+e <>' f",
        "nvim --cmd 'e <>'",
        "ed f <<E\nr <>\nE",
        "printf '%s <>\\n' r | ed f",
        "gdb -ex 'run <>' prog",
        "gdb --batch --ex 'run <>' prog",
        "sqlite3 db '.shell echo <>'",
        "sqlite3 db \"select '<>'\"",
        "echo \"select '<>'\" | sqlite3 db",
        "sqlite3 -cmd '.shell echo <>' db",
        "hyperfine 'gzip -k <>'",
        "hyperfine -w 3 'gzip -k <>'",
        "hyperfine --prepare='rm <>' ls",
        "compgen -W '<>'",
        "compgen -W \"a <>\"",
        "zip -T -TT 'unzip -t <>' a.zip f",
        "make X=<>",
        "make -j4 all CFLAGS=-D<>",
    ] {
        assert_eq!(warnings(line).len(), 1, "{line}: {:?}", warnings(line));
    }
    let words = options(&["BASH_ENV=<>", "bash", "x.sh"], 1);
    assert_eq!(Template::parse(words).unwrap().warnings().len(), 1);
    for line in [
        "split -l 5 <> x-<>",
        "git -C <> log",
        "git -c user.email=<> commit",
        "vim <>",
        "gdb <>",
        "sqlite3 db-<> .dump",
        "sqlite3 <> 'select 1'",
        "hyperfine ls -n <>",
        "zip <>.zip <>",
        "make <>",
        "make -j4 -C <> all",
        "make -f <>.mk",
        "X=<> make all",
        "scp <> host:",
        "compgen -f <>",
    ] {
        assert!(warnings(line).is_empty(), "{line}: {:?}", warnings(line));
    }
}

#[test]
fn values_are_followed_to_where_a_shell_calculates() {
    let mut missed = Vec::new();
    for line in [
        "n=<>; (( n > 3 ))",
        "n=<>; (( $n > 3 )) && x",
        "n=<>; echo $(( n + 1 ))",
        "n=<>; echo $(( ${n} + 1 ))",
        "n=<>; echo $[ n + 1 ]",
        "n=<>; m=$n; echo $(( m ))",
        "n=<>; [[ $n -eq 1 ]]",
        "n=<>; [[ 1 -lt n ]]",
        "n=<>; echo ${a[n]}",
        "n=<>; echo \"${a[$n]}\"",
        "n=<>; echo ${x:n:2}",
        "n=<>; echo ${x:$n}",
        "n=<>; echo ${!n}",
        "n=<>; a[n]=1",
        "n=<>; a[$n]=1",
        "n=<>; let n+1",
        "n=<>; let \"x = $n\"",
        "declare -i n; n=<>",
        "local -ri n; n=<>",
        "declare -n r; r=<>",
        "n=<>; declare -i m=$n",
        "x=<>; trap \"echo $x\" EXIT",
        "x=<>; unset \"$x\"",
        "x=<>; printf -v \"$x\" y",
        "x=<>; [[ -v $x ]]",
        "x=<>; read \"$x\"",
        "f(){ echo $(( $1 )); }; f <>",
        "f() { local n=$1; (( n > 3 )); }; f <>",
        "for i in <>; do (( i > 3 )); done",
        "read -r n <<< <>; (( n ))",
        "printf -v n %s <>; (( n ))",
        "a=(<>); (( a[0] ))",
        "a=(<>); eval \"${a[0]}\"",
        "a=(x); a+=(<>); eval \"${a[@]}\"",
        "n=$(echo <> | tr a b); (( n ))",
        "echo $(( $(echo <>) + 1 ))",
    ] {
        if warnings(line).is_empty() {
            missed.push(line);
        };
    }
    for line in [
        "n=<>; echo $n",
        "n=<>; echo \"${n%.c}\" \"${n:-x}\" \"${#n}\"",
        "n=<>; echo \"${n:0:3}\"",
        "n=<>; echo $(( ${#n} + 1 ))",
        "n=$(wc -l < <>); (( n > 3 ))",
        "n=$(echo <> | wc -c); (( n > 3 ))",
        "n=$(stat -c %s <>); (( n > 3 )) && echo <>",
        "(( <> > 3 ))",
        "[[ <> -eq 3 ]]",
        "n=<>; [[ $n == 3 ]]",
        "n=<>; [ $n -eq 3 ]",
        "i=0; for f in <>; do ((i++)); echo \"$i $f\"; done",
        "for i in <>; do echo \"$i\"; done",
        "declare -A m; k=<>; m[$k]=1; echo \"${m[$k]}\"",
        "f() { local -r x=$1; echo \"$x\"; }; f <>",
        "declare -r x=<>; echo \"$x\"",
        "a=(<>); echo \"${a[0]}\" \"${#a[@]}\"",
        "x=<>; trap 'echo \"$x\"' EXIT",
        "awk '{print $1}' <>",
        "find <> -name x",
        "git -C <> log",
        "x=<>; [[ -n $x && -f $x ]]",
    ] {
        if !warnings(line).is_empty() {
            missed.push(line);
        };
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn values_are_followed_through_files_pipes_and_functions() {
    let mut missed = Vec::new();
    for line in [
        "echo \"echo <>\" > s; sh s",
        "echo \"echo <>\" > s; sh < s",
        "echo \"echo <>\" > ./s; bash -x s",
        "echo \"echo <>\" > s; cat s | sh",
        "echo \"echo <>\" | tee s; sh s",
        "echo \"echo <>\" | tee s >/dev/null; sh < s",
        "cat > s <<E\necho <>\nE\nsh s",
        "g() { echo \"echo <>\"; }; g | sh",
        "g() { echo \"echo $1\"; }; g <> | sh",
        "g() { echo \"echo $1\"; echo x; }; g <> | sort | sh",
        "echo <> | sed 's/^/echo /' | sh",
        "echo <> | awk '{print \"echo\", $0}' | bash",
        "echo <> | xargs echo echo | sh",
        "echo <> | xargs -n1 printf 'echo %s\\n' | sh",
        "sh < <(echo \"echo <>\")",
        "x=<>; sh < <(echo \"echo $x\")",
        "x=<>; source <(echo \"y=$x\")",
        "a=(\"echo <>\"); echo \"${a[@]}\" | sh",
    ] {
        if warnings(line).is_empty() {
            missed.push(line);
        };
    }
    for line in [
        "echo \"echo <>\" > s; cat s",
        "echo \"a <>\" > s; wc < s",
        "echo \"echo 1\" > s; sh s <>",
        "g() { echo \"$1\"; }; g <>",
        "g() { echo \"a $1\"; }; g <> | sort",
        "echo <> | sed 's/a/b/' | xargs -n1 gzip",
        "while read -r x; do echo \"$x\"; done < <(echo \"a <>\")",
        "diff <(echo \"a <>\") <(echo b)",
    ] {
        if !warnings(line).is_empty() {
            missed.push(line);
        };
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
