"""Contenders of one workload: run in turn, checked, and timed."""

import os
import signal
import time
import zlib
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """A contender did not do its work."""


@dataclass
class Result:
    """What came through a contender's stdout."""

    size: int = 0
    crc: int = 0

    def add(self, chunk, checksum=True):
        self.size += len(chunk)
        if checksum:
            self.crc = zlib.crc32(chunk, self.crc)


def result_of(chunk, times=1):
    result = Result()
    for _ in range(times):
        result.add(chunk)
    return result


@dataclass
class Contender:
    name: str
    argv: list
    units: int  # jobs, lines or MB
    expected: Result
    stdin: str = "/dev/null"
    repeat: int = 1
    # Where the jobs leave no trace: the same command with jobs that do.
    check_argv: list = None
    check_expected: Result = None


@dataclass
class Sample:
    rate: float  # units a second
    cpu: float  # CPU seconds a unit


def run_once(argv, stdin, checksum):
    """Runs a command; returns what it wrote and its CPU seconds."""
    read_end, write_end = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, write_end, 1),
        (os.POSIX_SPAWN_OPEN, 2, "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them
    argv = [str(word) for word in argv]
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions, setsigdef=defaults)
    os.close(write_end)
    result = Result()
    while chunk := os.read(read_end, 1 << 20):
        result.add(chunk, checksum)
    os.close(read_end)
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        message = Path("stderr").read_text(errors="replace").strip().splitlines()
        raise Failed(f"status {code}: {message[0] if message else 'no message'}")
    return result, usage.ru_utime + usage.ru_stime


def check(contender):
    argv = contender.check_argv or contender.argv
    expected = contender.check_expected or contender.expected
    result, _ = run_once(argv, contender.stdin, checksum=True)
    if result != expected:
        raise Failed(f"wrong output: {result.size} bytes for {expected.size}, or other ones")


def measure(contender):
    cpu = 0
    start = time.perf_counter()
    for _ in range(contender.repeat):
        result, seconds = run_once(contender.argv, contender.stdin, checksum=False)
        cpu += seconds
        if result.size != contender.expected.size:
            raise Failed(f"{result.size} bytes of output for {contender.expected.size}")
    wall = time.perf_counter() - start
    units = contender.units * contender.repeat
    return Sample(units / wall, cpu / units)


def compare(contenders, rounds):
    """Returns the samples, or the failure, of each contender by its name."""
    results = {}
    for contender in contenders:
        try:
            check(contender)
            results[contender.name] = []
        except (Failed, OSError) as error:
            results[contender.name] = error
    for _ in range(rounds):
        for contender in contenders:
            samples = results[contender.name]
            if isinstance(samples, list):
                try:
                    samples.append(measure(contender))
                except (Failed, OSError) as error:
                    results[contender.name] = error
        contenders = contenders[1:] + contenders[:1]
    return results
