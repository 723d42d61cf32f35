"""Streams cut into blocks, beside other runners, and the limits of pipes and files."""

import os
import shlex
import shutil

from measure import Contender, Result
from workloads import CPUS, find_gnu, find_rust_parallel

MEGABYTE = 10**6
LINE = b"%015d %063d\n"  # 80 bytes
SINK = "cat >/dev/null"


class Streams:
    """The workloads. The current directory holds the programs and takes the inputs."""

    def __init__(self, prun, quick):
        self.prun = prun
        self.size = (200 if quick else 2000) * MEGABYTE
        self.gnu = find_gnu()
        self.rust = find_rust_parallel()

    def workloads(self):
        return {
            "pipe-1m": lambda: self.sink("1M", 2**20),
            "pipe-10m": lambda: self.sink("10M", 10 * 2**20),
            "pipe-wc": self.count,
            "pipe-gzip": self.gzip,
            "pipe-records": self.records,
            "round-robin": self.round_robin,
            "pipepart": self.pipepart,
            "pipe-grep": self.grep,
            "pipe-zstd": self.zstd,
        }

    def lines(self, size):
        """A file of lines of 80 bytes, and what it holds."""
        name, content = f"stream.{size}", Result()
        per_chunk = MEGABYTE // 80
        with open(name, "r+b" if os.path.exists(name) else "wb") as file:
            is_new = file.seek(0, os.SEEK_END) == 0
            for first in range(0, size // 80, per_chunk):
                chunk = b"".join(LINE % (n, n * n) for n in range(first, first + per_chunk))
                content.add(chunk)
                if is_new:
                    file.write(chunk)
        return name, content

    def streamed(self, name, command, size, checked=None):
        """A contender that reads the lines from a pipe; `checked` prints what it has read."""
        file, content = self.lines(size)
        shell = lambda line: ["sh", "-c", f"cat {file} | {line}"]
        contender = Contender(name, shell(command), size // MEGABYTE, Result())
        if checked:
            contender.check_argv, contender.check_expected = shell(checked), content
        return contender

    def runner(self, name, program, options, size, in_order="-k"):
        run = f"{shlex.quote(str(program))} {options}"
        checked = f"{run} {in_order} cat"
        return self.streamed(name, f"{run} {shlex.quote(SINK)}", size, checked)

    def sink(self, block, bytes):
        """Blocks to jobs that only read them."""
        slow = self.size // 4
        pipe = f"--pipe -j{CPUS} --block {block}"
        feeder = f"./feeder {bytes} {CPUS} sh -c"
        contenders = [self.runner("prun", self.prun, pipe, self.size)]
        contenders.append(self.streamed("C feeder", f"{feeder} '{SINK}'", self.size))
        contenders.append(self.streamed("`cat \\| cat`", SINK, self.size, "cat"))
        if self.gnu:
            contenders.append(self.runner("GNU parallel", self.gnu, pipe, slow))
        if self.rust:
            options = f"--pipe -j{CPUS} --block-size {bytes} --keep-order"
            contenders.append(self.runner("rust-parallel --pipe", self.rust, options, slow, ""))
        return f"stream, blocks of {block}, `{SINK}`", "MB", contenders

    def summed(self, name, command, size, expected):
        file, _ = self.lines(size)
        line = f"cat {file} | {command} | awk '{{n += $1}} END {{print n}}'"
        return Contender(name, ["sh", "-c", line], size // MEGABYTE, result(expected))

    def count(self):
        options = f"--pipe -j{CPUS} --block 10M wc -l"
        contenders = [self.summed("prun", f"{self.prun} {options}", self.size, self.size // 80)]
        if self.gnu:
            size = self.size // 4
            contenders.append(self.summed("GNU parallel", f"{self.gnu} {options}", size, size // 80))
        contenders.append(self.summed("`wc -l`", "wc -l", self.size, self.size // 80))
        return "stream, blocks of 10M, `wc -l`", "MB", contenders

    def gzip(self):
        size = self.size // 10
        options = f"--pipe -j{CPUS} --block 1M -k gzip -1"
        commands = {"prun": f"{self.prun} {options}"}
        if self.gnu:
            commands["GNU parallel"] = f"{self.gnu} {options}"
        if shutil.which("pigz"):
            commands["pigz -1"] = f"pigz -1 -p{CPUS}"
        return "stream, blocks of 1M, `gzip -1`", "MB", list(self.filters(commands, "gzip -dc", size))

    def zstd(self):
        options = f"--pipe -j{CPUS} --block 10M -k"
        commands = {
            "prun": f"{self.prun} {options} @zstd",
            "zstd -T": f"zstd -T{CPUS} -3",
        }
        size = self.size // 2
        return "stream, blocks of 10M, `@zstd`", "MB", list(self.filters(commands, "zstd -dc", size))

    def filters(self, commands, inverse, size):
        """Programs whose output another one turns back into the lines."""
        _, content = self.lines(size)
        for name, command in commands.items():
            contender = self.streamed(name, f"{command} >/dev/null", size)
            contender.check_argv = ["sh", "-c", f"cat stream.{size} | {command} | {inverse}"]
            contender.check_expected = content
            yield contender

    def records(self):
        """A thousand records of four lines for each job."""
        few = self.size // 100
        options = f"--pipe -j{CPUS} -L4 -N1000"
        contenders = [self.runner("prun", self.prun, options, self.size)]
        if self.gnu:
            contenders.append(self.runner("GNU parallel", self.gnu, options, few))
        return f"stream, -L4 -N1000, `{SINK}`", "MB", contenders

    def round_robin(self):
        options = "--pipe --block 1M --round-robin -j"
        run = lambda name, program, size: self.dealt(name, f"{program} {options}", size)
        contenders = [run("prun", self.prun, self.size)]
        contenders.append(self.streamed("`cat \\| cat`", SINK, self.size, "cat"))
        if self.gnu:
            contenders.append(run("GNU parallel", self.gnu, self.size // 4))
        return f"stream, blocks of 1M, --round-robin, `{SINK}`", "MB", contenders

    def dealt(self, name, run, size):
        """All of the stream comes in order where there is one job alone."""
        return self.streamed(name, f"{run}{CPUS} '{SINK}'", size, f"{run}1 cat")

    def pipepart(self):
        file, content = self.lines(self.size)
        options = f"--pipepart -a {file} --block 20M -j{CPUS}"
        dd = f"dd if={file} bs=1M iflag=skip_bytes,count_bytes count=20M status=none skip="
        offsets = " ".join(str(n) for n in range(0, self.size, 20 * 2**20))

        def contender(name, line, checked):
            made = Contender(name, ["sh", "-c", line], self.size // MEGABYTE, Result())
            made.check_argv, made.check_expected = ["sh", "-c", checked], content
            return made

        def runner(name, program):
            return contender(name, f"{program} {options} '{SINK}'", f"{program} {options} -k cat")

        own = lambda slots, sink: f"echo {offsets} | xargs -n1 -P{slots} sh -c '{dd}$0{sink}'"
        contenders = [runner("prun", self.prun)]
        contenders.append(
            contender("jobs that read their ranges", own(CPUS, f" | {SINK}"), own(1, ""))
        )
        contenders.append(contender("`cat file`", f"cat {file} >/dev/null", f"cat {file}"))
        if self.gnu:
            contenders.append(runner("GNU parallel", self.gnu))
        return f"file, --pipepart, blocks of 20M, `{SINK}`", "MB", contenders

    def grep(self):
        """Few lines of many."""
        size = self.size // 2
        file, _ = self.lines(size)
        found = "".join(
            (LINE % (n, n * n)).decode() for n in range(size // 80) if b"123454321" in LINE % (n, n * n)
        )
        expected = result(None, found.encode())
        commands = {
            "prun": f"{self.prun} --pipe --quiet -j{CPUS} --block 10M -k '@grep 123454321'",
            "grep": "LC_ALL=C grep 123454321",
        }
        if shutil.which("rg"):
            commands["rg"] = "rg 123454321"
        contenders = [
            Contender(name, ["sh", "-c", f"cat {file} | {command}"], size // MEGABYTE, expected)
            for name, command in commands.items()
        ]
        return "stream, blocks of 10M, `@grep`", "MB", contenders


def result(number, text=None):
    made = Result()
    made.add(f"{number}\n".encode() if text is None else text)
    return made

