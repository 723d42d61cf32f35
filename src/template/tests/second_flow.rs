//! Options of programs that run code, and the ways that values take to them.

use super::second::warnings;
use super::*;

#[test]
fn options_of_shells_and_interpreters_are_read_as_they_read_them() {
    let shells = [
        "bash -euo pipefail -c \"a <>\"",
        "bash -eu -o pipefail -c \"a <>\"",
        "bash -c -e 'a <>'",
        "bash -c -- 'a <>'",
        "bash -ceo pipefail 'a <>'",
        "bash -oeux pipefail -c 'a <>'",
        "bash -oc pipefail 'a <>'",
        "bash -oOc pipefail extglob 'a <>'",
        "bash +Oc extglob 'a <>'",
        "sh +c 'a <>'",
        "dash -oe errexit -c 'a <>'",
        "zsh -oerrexit -c 'a <>'",
        "zsh -coerrexit 'a <>'",
        "zsh -oec -c 'a <>'",
        "zsh --emulate sh -c 'a <>'",
        "zsh -bc 'a <>'",
        "ksh93 -coerrexit 'a <>'",
        "ksh -oerrexit -c 'a <>'",
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
        "bash -oeux -c script 'a <>'",
        "zsh -oc script 'a <>'",
        "zsh -b -c 'a <>'",
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
        "X=<> make all",
        "env X=<> make -j4 all",
        "export X=<>; make -j4 all",
        "parallel ::: 'echo <>'",
        "prun -j2 ::: 'echo <>'",
        "env_parallel 'echo <>' ::: a",
        "sem -j2 'echo <>'",
        "rush 'echo <>'",
        "rust-parallel -s 'echo <>'",
        "integer n=<>",
        "float n=<>",
    ] {
        assert_eq!(warnings(line).len(), 1, "{line}: {:?}", warnings(line));
    }
    let words = options(&["BASH_ENV=<>", "bash", "x.sh"], 1);
    assert_eq!(CommandTemplate::parse(words).unwrap().warnings().len(), 1);
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
        "X=<> make --eval='x:; echo \"$$X\"' x",
        "X=<> ./configure && make",
        "parallel ::: <>",
        "parallel echo ::: 'a <>'",
        "sem --wait",
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
        "{ echo \"echo <>\" >&2; } 2>s; sh s",
        "echo \"echo <>\" &>s; sh s",
        "echo \"echo <>\" &>> ./s; sh s",
        "echo \"echo <>\" |& sh",
        "f() { \"$@\"; }; f eval \"echo <>\"",
        "f() { $1 \"$2\"; }; f eval \"echo <>\"",
        "f() { echo \"+ $*\"; time \"$@\"; }; f ssh host \"ls <>\"",
        "f() { local -n r=$1; eval \"echo $r\"; }; x=<>; f x",
        "[[ <> =~ (.*) ]]; eval \"echo ${BASH_REMATCH[1]}\"",
        "x=<>; time -p eval \"echo $x\"",
        "x=<>; echo \"${x@P}\"",
        "x=<>; a=(1 2); echo \"${a[@]:x:1}\"",
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
        "g() { echo \"$1\"; }; g read <>",
        "f() { echo \"+ $*\"; \"$@\"; }; f gzip <>",
        "x=<>; echo \"${x@Q}\" \"${y@P}\"",
        "[[ <> =~ (.*) ]] && echo \"${BASH_REMATCH[1]}\"",
        "echo \"a <>\" &>s; cat s",
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

#[test]
fn code_that_is_a_text_of_its_own_is_read_too() {
    let mut missed = Vec::new();
    for line in [
        "sh -c 'eval \"$1\"' sh <>",
        "bash -c '(( $1 > 3 ))' bash <>",
        "bash -c 'n=$1; [[ n -eq 3 ]]' bash <>",
        "bash -c 'for x; do eval \"$x\"; done' bash <>",
        "X=<> sh -c 'echo \"echo $X\" | sh'",
        "export X=<>; bash -c 'eval \"$X\"'",
        "x=<>; eval 'echo $(( x + 1 ))'",
        "x=<>; trap 'eval \"$x\"' EXIT",
        "echo <> | xargs sh -c 'eval \"$1\"' sh",
        "sh -c 'sh -c \"eval \\\"\\$1\\\"\" sh \"$1\"' sh <>",
    ] {
        if warnings(line).is_empty() {
            missed.push(line);
        }
    }
    for line in [
        "sh -c 'gzip \"$1\"' sh <>",
        "bash -c 'x=$1; y=${x%.*}; mv \"$x\" \"$y\"' bash <>",
        "x=<>; bash -c '(( x > 3 ))'",
        "x=<>; eval 'echo \"$x\" | sort'",
    ] {
        if !warnings(line).is_empty() {
            missed.push(line);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    let deep = format!("x=<>; {}", "eval ".repeat(20_000));
    assert!(warnings(&deep).is_empty());
}
