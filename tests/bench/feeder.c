// The limit for --pipe: reads standard input in blocks, cuts each at its last newline, and
// starts a job for each, at most so many at once, with the block in a pipe as its standard
// input. Usage: feeder BLOCK JOBS COMMAND [ARGUMENT]... <input
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct job {
	pid_t pid; // 0: free
	int exit;  // pidfd
	int pipe;  // -1: all is written
	char *block;
	size_t length, written;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void finish_input(struct job *job)
{
	close(job->pipe);
	job->pipe = -1;
}

static void feed(struct job *job)
{
	ssize_t count = write(job->pipe, job->block + job->written, job->length - job->written);
	if (count < 0 && errno == EAGAIN)
		return;
	if (count < 0 && errno != EPIPE)
		fail("write");
	if (count >= 0)
		job->written += count;
	if (count < 0 || job->written == job->length)
		finish_input(job);
}

static void start(struct job *job, char **argv)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		fail("pipe");
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
	job->pipe = ends[1];
	job->written = 0;
	feed(job);
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
	if ((errno = posix_spawnp(&job->pid, argv[0], &actions, NULL, argv, environ)))
		fail(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	job->exit = syscall(SYS_pidfd_open, job->pid, 0);
	if (job->exit < 0)
		fail("pidfd_open");
}

// Waits until something can be done, and does it. Returns the number of jobs that ended.
static int turn(struct job *jobs, int count)
{
	struct pollfd polled[2 * count];
	for (int at = 0; at < count; at++) {
		struct job *job = &jobs[at];
		polled[2 * at] = (struct pollfd){job->pid ? job->pipe : -1, POLLOUT, 0};
		polled[2 * at + 1] = (struct pollfd){job->pid ? job->exit : -1, POLLIN, 0};
	}
	if (poll(polled, 2 * count, -1) < 0)
		fail("poll");
	int ended = 0;
	for (int at = 0; at < count; at++) {
		struct job *job = &jobs[at];
		if (polled[2 * at].revents)
			feed(job);
		if (polled[2 * at + 1].revents) {
			waitpid(job->pid, NULL, 0);
			close(job->exit);
			if (job->pipe >= 0)
				finish_input(job);
			job->pid = 0;
			ended++;
		}
	}
	return ended;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	size_t size = strtoull(argv[1], NULL, 10);
	int count = atoi(argv[2]), running = 0;
	struct job *jobs = calloc(count, sizeof *jobs);
	char *rest = malloc(size);
	size_t left = 0;
	if (!size || count < 1 || !jobs || !rest)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	fcntl(0, F_SETPIPE_SZ, 1 << 20);
	for (int at = 0; at < count; at++)
		if (!(jobs[at].block = malloc(size)))
			fail("malloc");
	for (int ended = 0; !ended;) {
		while (running == count)
			running -= turn(jobs, count);
		struct job *job = jobs;
		while (job->pid)
			job++;
		memcpy(job->block, rest, left);
		size_t length = left;
		while (length < size) {
			ssize_t got = read(0, job->block + length, size - length);
			if (got < 0)
				fail("read");
			if (!got) {
				ended = 1;
				break;
			}
			length += got;
		}
		char *last = memrchr(job->block, '\n', length);
		job->length = ended || !last ? length : (size_t)(last + 1 - job->block);
		left = length - job->length;
		memcpy(rest, job->block + job->length, left);
		if (job->length) {
			start(job, argv + 3);
			running++;
		}
	}
	while (running)
		running -= turn(jobs, count);
	return 0;
}
