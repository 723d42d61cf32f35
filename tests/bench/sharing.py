"""Jobs that share: locks, keys, workers, queues and plans, beside what people use instead."""

from measure import Contender, Result, result_of
from workloads import find_gnu


class Sharing:
    """The workloads. The current directory holds the programs and takes the inputs."""

    def __init__(self, prun, quick):
        self.prun = prun
        self.quick = quick
        self.gnu = find_gnu()

    def workloads(self):
        return {"semaphore": self.semaphore}

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
