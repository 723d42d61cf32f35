"""Jobs that share: locks, keys, workers, queues and plans, beside what people use instead."""

import json
import os
import shutil
from pathlib import Path

from measure import Contender, Result, result_of
from workloads import SLOTS, WIDTH, find_gnu

MESSAGE = b"a message\n"


class Sharing:
    """The workloads. The current directory holds the programs and takes the inputs."""

    def __init__(self, prun, quick):
        self.prun = prun
        self.quick = quick
        self.gnu = find_gnu()

    def workloads(self):
        return {
            "semaphore": self.semaphore,
            "worker": self.worker,
            "queue-put": self.queue_puts,
            "queue": self.queue_runs,
            "plan": self.plan,
        }

    def semaphore(self):
        """One command under a lock that nobody else wants."""

        def contender(name, argv, repeat):
            one = Contender(name, [*argv, "./noop"], 1, Result(), repeat=repeat)
            one.check_argv = [*argv, "./mark"]
            one.check_expected = result_of(b".\n")
            return one

        repeat = 20 if self.quick else 100
        options = ["--semaphore", "--id", "bench", "--fg"]
        contenders = [
            contender("prun", [self.prun, *options], repeat),
            contender("flock", ["flock", "lock"], repeat),
        ]
        if self.gnu:
            contenders.append(contender("GNU sem", [self.gnu, *options], max(repeat // 20, 2)))
        return "semaphore, entry and one command", "entries", contenders

    def worker(self):
        """Messages to processes that live on, beside as many processes."""
        count = 20_000 if self.quick else 200_000
        name = f"messages.{count}"
        if not os.path.exists(name):
            Path(name).write_bytes(MESSAGE * count)
        answers = result_of(MESSAGE, count)
        contenders = [
            Contender("prun", [self.prun, SLOTS, "--worker", "./reply"], count, answers, name),
            Contender("worker_loop", ["./worker_loop", WIDTH, "./reply"], count, answers, name),
            self.processes("prun, a process for each", self.prun, count // 10),
        ]
        if self.gnu:
            contenders.append(self.processes("GNU parallel", self.gnu, count // 100))
        return f"{count:,} messages to {WIDTH} workers", "jobs", contenders

    def processes(self, name, program, count):
        """A contender that starts a static no-op for each message."""
        inputs = f"messages.{count}"
        if not os.path.exists(inputs):
            Path(inputs).write_bytes(MESSAGE * count)
        contender = Contender(name, [program, SLOTS, "./noop"], count, Result(), inputs)
        contender.check_argv = [program, SLOTS, "./mark"]
        contender.check_expected = result_of(b".\n", count)
        return contender

    def queue_puts(self):
        """Inputs that are put into a queue on the disk."""
        count = 10_000 if self.quick else 100_000

        def contender(name, command, count):
            fresh = f"rm -rf bench.queue*; exec {command}"
            return Contender(name, ["sh", "-c", fresh], count, Result(), inputs(count))

        contenders = [contender("prun", f"{self.prun} --queue bench.queue --put", count)]
        if self.gnu:
            gnu = f"{self.gnu} --sqlmaster sqlite3:///bench.queue.gnu/jobs ./noop"
            contenders.append(contender("GNU parallel", gnu, 20))
        return f"{count:,} entries put into a queue", "entries", contenders

    def queue_runs(self):
        """Jobs that are put into a queue, taken from it, run and marked."""
        count = 5_000 if self.quick else 20_000

        def contender(name, build, count):
            def argv(program):
                return ["sh", "-c", f"rm -rf bench.queue*; {build(program)}"]

            one = Contender(name, argv("./noop"), count, Result(), inputs(count))
            one.check_argv = argv("./mark")
            one.check_expected = result_of(b".\n", count)
            return one

        def own(program):
            queue = f"{self.prun} --queue bench.queue"
            return f"{queue} --put {program} && exec {queue} {SLOTS}"

        contenders = [contender("prun", own, count)]
        if shutil.which("tsp"):
            # A process puts each job, and nobody sees what jobs print.
            tsp = (
                f"export TS_SOCKET=bench.queue.tsp TS_MAXFINISHED=1000; tsp -S {WIDTH};"
                "for n in $(cat); do tsp -n ./noop $n >&2; done; tsp -w; tsp -K"
            )
            few = count // 50
            argv = ["sh", "-c", tsp]
            contenders.append(Contender("task-spooler", argv, few, Result(), inputs(few)))
        if self.gnu:
            # Its jobs wait for the disk several times each.
            def gnu(program):
                url = "sqlite3:///bench.queue.gnu/jobs"
                return f"exec {self.gnu} {SLOTS} --sqlandworker {url} {program}"

            contenders.append(contender("GNU parallel", gnu, 20))
        return f"{count:,} jobs through a queue", "jobs", contenders

    def plan(self):
        """Jobs that need each other, beside as many that do not, one at a time."""
        count = 1_000 if self.quick else 10_000
        needs = {
            "prun": lambda number: [],
            "a chain": lambda number: [number - 1] if number > 0 else [],
            "a star": lambda number: [0] if number > 0 else [],
        }
        file_of = lambda name: "plan." + name.replace(" ", "-")
        for name, needs_of in needs.items():
            jobs = (
                {"name": str(number), "command": ["./noop"], "needs": list(map(str, needs_of(number)))}
                for number in range(count)
            )
            Path(file_of(name)).write_text("".join(json.dumps(job) + "\n" for job in jobs))
        contenders = [
            Contender(name, [self.prun, "-j1", "--plan", file_of(name)], count, Result())
            for name in needs
        ]
        return f"a plan of {count:,} jobs that need nothing", "jobs", contenders


def inputs(count):
    """A file of lines of one width."""
    name = f"queue.{count}"
    if not os.path.exists(name):
        Path(name).write_text("".join(f"{n}\n" for n in range(10**6, 10**6 + count)))
    return name
