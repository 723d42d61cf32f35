"""What is measured: the commands of each runner for the same work."""

import os
import shutil
import subprocess
from pathlib import Path

from measure import Contender, Failed, Result, result_of, run_once

CPUS = len(os.sched_getaffinity(0))
WIDTH = 4 * CPUS
SLOTS = f"-j{WIDTH}"
SHELL_LINE = 'echo "$1" | wc -c'
MEGABYTE = 10**6


class Bench:
    """The workloads. The current directory holds the programs and the inputs."""

    def __init__(self, prun, quick):
        self.prun = prun
        self.divisor = 10 if quick else 1
        self.gnu = find_gnu()
        self.moreutils = find_moreutils()
        self.rust = find_rust_parallel()

    def workloads(self):
        return {
            "noop": self.noop,
            "true": self.true,
            "shell": self.shell,
            "bash": self.bash,
            "single": self.single,
            "output": lambda: self.output(tag=False),
            "tag": lambda: self.output(tag=True),
            "dry-run": self.dry_run,
            "batched": self.batched,
            "fill": lambda: self.batches(["-X"], []),
            "thousands": lambda: self.batches(["-n1000"], ["-n1000"]),
        }

    def inputs(self, count):
        """A file of lines of one width, so that results do not depend on their order."""
        name = f"inputs.{count}"
        if not os.path.exists(name):
            Path(name).write_text("".join(f"{n}\n" for n in range(MEGABYTE, MEGABYTE + count)))
        return name

    def jobs(self, name, count, program, build, repeat=1):
        """A contender whose jobs print nothing; build(program, inputs) is its command.

        That all of them run is checked with a program that leaves a line.
        """
        inputs = self.inputs(count)
        contender = Contender(name, build(program, inputs), count, Result(), inputs, repeat)
        contender.check_argv = build("./mark", inputs)
        contender.check_expected = result_of(b".\n", count)
        return contender

    def runners(self, count, program, repeat=1):
        """Every job runner, on one program."""
        builders = {
            "prun": lambda program, _: [self.prun, SLOTS, program],
            "xargs -P -n1": lambda program, _: ["xargs", f"-P{WIDTH}", "-n1", program],
        }
        if self.rust:
            builders["rust-parallel"] = lambda program, _: [self.rust, SLOTS, program]
        if self.moreutils:
            builders["moreutils parallel"] = lambda program, inputs: [
                *(self.moreutils, SLOTS, program, "--"),
                *Path(inputs).read_text().split(),
            ]
        for name, build in builders.items():
            yield self.jobs(name, count, program, build, repeat)
        if self.gnu:
            few = max(count // 10, 1)
            gnu = lambda program, _: [self.gnu, SLOTS, program]
            yield self.jobs("GNU parallel", few, program, gnu, repeat)

    def loops(self, count, program):
        """What starting the processes costs without a job runner."""
        for loop in ("./spawn_loop", "./clone_loop"):
            if os.path.exists(loop):
                build = lambda program, _: [loop, WIDTH, count, program]
                yield self.jobs(loop.removeprefix("./"), count, program, build)

    def noop(self):
        count = 20_000 // self.divisor
        contenders = [*self.runners(count, "./noop"), *self.loops(count, "./noop")]
        return f"{count:,} jobs of a static no-op", "jobs", contenders

    def true(self):
        count = 5_000 // self.divisor
        true = shutil.which("true")
        contenders = [*self.runners(count, true), *self.loops(count, true)]
        return f"{count:,} jobs of {true}", "jobs", contenders

    def shell(self):
        count = 5_000 // self.divisor
        inputs = self.inputs(count)
        lines = Path(inputs).read_text().split()
        Path("lines").write_text("".join(f"echo {line} | wc -c\n" for line in lines))
        expected = result_of(b"8\n", count)
        words = ["sh", "-c", SHELL_LINE, "sh"]

        def contender(name, argv, stdin=inputs):
            return Contender(name, argv, count, expected, stdin)

        contenders = [
            contender("prun", [self.prun, SLOTS, "echo <> | wc -c"]),
            contender("xargs -P -n1 sh -c", ["xargs", f"-P{WIDTH}", "-n1", *words]),
        ]
        if self.rust:
            shell = [self.rust, SLOTS, "-s", "--shell-path", "/bin/sh"]
            contenders.append(contender("rust-parallel -s", shell, "lines"))
        if self.moreutils:
            argv = [self.moreutils, SLOTS, *words, "--", *lines]
            contenders.append(contender("moreutils parallel sh -c", argv))
        if self.gnu:
            few = max(count // 10, 1)
            argv = [self.gnu, SLOTS, "echo {} | wc -c"]
            expected = result_of(b"8\n", few)
            contenders.append(Contender("GNU parallel", argv, few, expected, self.inputs(few)))
        return f"{count:,} shell lines `echo <> \\| wc -c`", "jobs", contenders

    def bash(self):
        """A line that needs a shell, by the shell that is usual at the prompt."""
        count = 5_000 // self.divisor
        inputs = self.inputs(count)
        lines = Path(inputs).read_text().split()
        Path("bash-lines").write_text("".join(f"x={line}; echo ${{x#1}}\n" for line in lines))
        expected = result_of("".join(f"{line[1:]}\n" for line in lines).encode())

        def contender(name, argv, stdin=inputs):
            # Not all keep the order: the results are checked one by one.
            one_by_one = [word.replace(str(WIDTH), "1") for word in argv]
            return Contender(name, argv, count, expected, stdin, 1, one_by_one)

        ours = [self.prun, SLOTS, "x=<>; echo ${x#1}"]
        words = ["bash", "-c", "x=$1; echo ${x#1}", "bash"]
        contenders = [
            contender("prun", ours),
            contender("prun --shell sh", [self.prun, "--shell", "sh", *ours[1:]]),
            contender("xargs -P -n1 bash -c", ["xargs", f"-P{WIDTH}", "-n1", *words]),
        ]
        if self.rust:
            shell = [self.rust, SLOTS, "-s", "--shell-path", "/bin/bash"]
            contenders.append(contender("rust-parallel -s", shell, "bash-lines"))
        return f"{count:,} lines for bash `x=<>; echo ${{x#1}}`", "jobs", contenders

    def single(self):
        return "one job (start-up)", "runs", list(self.runners(1, "./noop", repeat=50))

    def output(self, tag):
        """Two files of lines through `cat`, in order."""
        size = 200 * MEGABYTE // self.divisor
        lines = MEGABYTE // 64

        def contender(name, argv, size, tagged=tag):
            files = {f"a.{size}": b"." * 63 + b"\n", f"b.{size}": b"-" * 63 + b"\n"}
            expected = Result()
            for file, line in files.items():
                if not os.path.exists(file):
                    Path(file).write_bytes(line * lines * (size // MEGABYTE))
                shown = f"{file}\t".encode() + line if tagged else line
                for _ in range(size // MEGABYTE):
                    expected.add(shown * lines)
            return Contender(name, argv(files), 2 * size // MEGABYTE, expected)

        options = ["-k", "--tag", "-j2", "cat", ":::"] if tag else ["-k", "-j2", "cat", ":::"]
        contenders = [contender("prun", lambda files: [self.prun, *options, *files], size)]
        if self.gnu:
            few = max(size // 10, MEGABYTE) if tag else size
            gnu = contender("GNU parallel", lambda files: [self.gnu, *options, *files], few)
            contenders.append(gnu)
        both = 'cat "$@" | cat'
        cat = contender("`cat a b \\| cat`", lambda f: ["sh", "-c", both, "sh", *f], size, False)
        contenders.append(cat)
        title = " ".join(options[:-3])
        return f"2 jobs × {size // MEGABYTE} MB of output, {title}", "MB", contenders

    def dry_run(self):
        count = MEGABYTE // self.divisor

        def contender(name, program, count):
            inputs = self.inputs(count)
            lines = Path(inputs).read_text().split()
            expected = result_of("".join(f"true {line}\n" for line in lines).encode())
            return Contender(name, [program, "-k", "--dry-run", "true"], count, expected, inputs)

        contenders = [contender("prun", self.prun, count)]
        if self.gnu:
            contenders.append(contender("GNU parallel", self.gnu, max(count // 1000, 1)))
        return f"--dry-run of {count:,} lines", "lines", contenders

    def batched(self):
        """One process for a thousand inputs is another bargain than one for each."""
        count = 20_000 // self.divisor
        inputs = self.inputs(count)
        echoed = result_of(Path(inputs).read_text().encode())
        echo = ["printf", "%s\\n"]
        prun = [self.prun, "-k", SLOTS, *echo]
        batch = ["xargs", "-P2", "-n1000", *echo]
        one_by_one = Contender("prun", prun, count, echoed, inputs)
        # xargs does not keep the order: its whole result is checked with one process.
        check = ["xargs", "-P1", "-n1000", *echo]
        xargs = Contender("xargs -P2 -n1000", batch, count, echoed, inputs, 1, check)
        return f"{count:,} inputs, one job each, against batches", "inputs", [one_by_one, xargs]

    def batches(self, ours, theirs):
        """Few processes for many short lines: what reading and collecting them costs."""
        count = 10 * MEGABYTE // self.divisor
        inputs = self.inputs(count)
        result = result_of(Path(inputs).read_bytes())

        def contender(name, *words):
            # A program without output is started; that all lines arrive is checked by one
            # that prints them, in whatever order.
            run = Contender(name, [*words, shutil.which("true")], count, Result(), inputs)
            run.check_argv, run.check_expected = [*words, "printf", "%s\\n"], result
            return run

        # In order only where one process after the other prints.
        prun = contender("prun", self.prun, "-j2", *ours)
        prun.check_argv.insert(1, "-k")
        xargs = contender("xargs -P2", "xargs", "-P2", *theirs)
        xargs.check_argv[1] = "-P1"
        title = " ".join(ours)
        return f"{count:,} short lines, {title} true", "lines", [prun, xargs]

    def memory(self):
        """Peak memory of prun, as rows."""
        million = MEGABYTE // self.divisor
        size = 512 * 2**20 // self.divisor
        Path("job.sh").write_text(
            f"[ $1 != first ] || until [ -e last ]; do sleep .05; done\n"
            f"head -c {size} /dev/zero\n"
            f"[ $1 != 8 ] || : >last\n"
        )
        jobs = ["sh", "job.sh", ":::", *range(1, 9)]
        behind = ["sh", "job.sh", ":::", "first", *range(2, 9)]
        zeros = Result(8 * size)
        noops = 20_000 // self.divisor
        dry = Result(million * len("true 1000000\n"))
        gib = f"{8 * size / 2**30:.1f} GiB of output"
        yield f"{million:,} inputs, --dry-run", ["--dry-run", "true"], self.inputs(million), dry
        yield f"{noops:,} jobs of one line", [SLOTS, "./mark"], self.inputs(noops), Result(2 * noops)
        yield gib, ["-j2", *jobs], "/dev/null", zeros
        yield f"{gib}, -k, slow first job", ["-k", "-j4", *behind], "/dev/null", zeros

    def peak(self, argv, stdin, expected):
        if os.path.exists("last"):
            os.remove("last")
        result, _ = run_once(["./peak", "peak.kib", self.prun, *argv], stdin, checksum=False)
        if result.size != expected.size:
            raise Failed(f"{result.size} bytes of output for {expected.size}")
        return int(Path("peak.kib").read_text()) / 1024


def first_line(argv):
    try:
        found = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError:
        return ""
    return (found.stdout.splitlines() or [""])[0]


def find_gnu():
    for name in ("parallel", "parallel.gnu"):
        if first_line([name, "--version"]).startswith("GNU parallel"):
            return shutil.which(name)
    return None


def find_moreutils():
    for name in ("parallel.moreutils", "parallel-moreutils", "parallel"):
        path = shutil.which(name)
        if path and "GNU" not in first_line([path, "--version"]):
            return path
    return None


def find_rust_parallel():
    return shutil.which("rust-parallel") or shutil.which(
        "rust-parallel", path=os.path.expanduser("~/.cargo/bin")
    )
