"""Jobs that share: locks, keys, workers, queues and plans, beside what people use instead."""

from workloads import find_gnu


class Sharing:
    """The workloads. The current directory holds the programs and takes the inputs."""

    def __init__(self, prun, quick):
        self.prun = prun
        self.quick = quick
        self.gnu = find_gnu()

    def workloads(self):
        return {}
