/* clone_loop WIDTH JOBS PROGRAM ARG...: what a job runner does for each job, and no
 * more, in one thread: both streams captured, an own process group, the death signal,
 * and a start by clone3 that copies neither memory nor signal handlers. Linux. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT, ERR, END, FDS };

struct slot {
    pid_t pid;
    struct pollfd *fds; /* its three in the array for poll; closed ones are -1 */
    char *text[END];
    size_t length[END];
};

struct start {
    char **argv;
    int out, err;
};

static char stack[64 * 1024] __attribute__((aligned(16)));

static void fail(const char *what) {
    perror(what);
    exit(2);
}

/* The child's side. It shares our memory and has its own stack until it executes. */
static void child(struct start *start) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && setpgid(0, 0) == 0 &&
        dup2(start->out, 1) >= 0 && dup2(start->err, 2) >= 0)
        execv(start->argv[0], start->argv);
    _exit(127);
}

/* clone3 with CLONE_VM needs a new stack, which C cannot switch to. */
static long clone_child(struct clone_args *args, struct start *start) {
#if defined(__x86_64__)
    long pid;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "mov %[start], %%rdi\n\t"
                     "call *%[child]\n\t"
                     "1:"
                     : "=a"(pid)
                     : "a"(SYS_clone3), "D"(args), "S"(sizeof *args),
                       [child] "r"(child), [start] "r"(start)
                     : "rcx", "r11", "memory");
    return pid;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = SYS_clone3;
    register long x0 __asm__("x0") = (long)args;
    register long x1 __asm__("x1") = sizeof *args;
    __asm__ volatile("svc 0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x0, %[start]\n\t"
                     "blr %[child]\n\t"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), [child] "r"(child), [start] "r"(start)
                     : "x30", "memory");
    return x0;
#else
#error "no clone3 for this processor here"
#endif
}

static void start_job(struct slot *slot, char **argv) {
    int out[2], err[2], pidfd;
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        fail("pipe2");
    struct start start = {argv, out[1], err[1]};
    struct clone_args args = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        .pidfd = (uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    long pid = clone_child(&args, &start);
    if (pid < 0) {
        fprintf(stderr, "clone3: %s\n", strerror((int)-pid));
        exit(2);
    }
    close(out[1]);
    close(err[1]);
    slot->pid = (pid_t)pid;
    int fds[FDS] = {out[0], err[0], pidfd};
    for (int i = 0; i < FDS; i++)
        slot->fds[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
}

static void capture(struct slot *slot, int stream) {
    char buffer[1 << 16];
    ssize_t n = read(slot->fds[stream].fd, buffer, sizeof buffer);
    if (n < 0)
        fail("read");
    if (n == 0) {
        close(slot->fds[stream].fd);
        slot->fds[stream].fd = -1;
        return;
    }
    slot->text[stream] = realloc(slot->text[stream], slot->length[stream] + (size_t)n);
    if (!slot->text[stream])
        fail("realloc");
    memcpy(slot->text[stream] + slot->length[stream], buffer, (size_t)n);
    slot->length[stream] += (size_t)n;
}

/* Passes on what a job printed; returns whether it failed. */
static int end_job(struct slot *slot) {
    int status;
    struct rusage usage;
    if (wait4(slot->pid, &status, 0, &usage) != slot->pid)
        fail("wait4");
    slot->pid = 0;
    for (int stream = OUT; stream <= ERR; stream++) {
        for (size_t done = 0; done < slot->length[stream];) {
            ssize_t n = write(stream + 1, slot->text[stream] + done, slot->length[stream] - done);
            if (n < 0)
                fail("write");
            done += (size_t)n;
        }
        slot->length[stream] = 0;
    }
    return status != 0;
}

/* Takes what is ready; returns 1 if the job is over and failed, 0 if it is over, else -1. */
static int advance(struct slot *slot) {
    for (int stream = OUT; stream <= ERR; stream++)
        if (slot->fds[stream].fd >= 0 && slot->fds[stream].revents)
            capture(slot, stream);
    if (slot->fds[END].fd >= 0 && slot->fds[END].revents) {
        close(slot->fds[END].fd);
        slot->fds[END].fd = -1;
    }
    for (int i = 0; i < FDS; i++)
        if (slot->fds[i].fd >= 0)
            return -1;
    return end_job(slot);
}

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    size_t width = (size_t)atol(argv[1]);
    long jobs = atol(argv[2]), started = 0, ended = 0, failed = 0;
    struct slot *slots = calloc(width, sizeof *slots);
    struct pollfd *fds = calloc(width * FDS, sizeof *fds);
    if (!slots || !fds)
        fail("calloc");
    for (size_t i = 0; i < width; i++) {
        slots[i].fds = fds + i * FDS;
        for (int fd = 0; fd < FDS; fd++)
            slots[i].fds[fd].fd = -1;
    }
    while (ended < jobs) {
        for (size_t i = 0; i < width && started < jobs; i++)
            if (slots[i].pid == 0) {
                start_job(&slots[i], argv + 3);
                started++;
            }
        if (poll(fds, width * FDS, -1) < 0)
            fail("poll");
        for (size_t i = 0; i < width; i++) {
            int over = slots[i].pid ? advance(&slots[i]) : -1;
            ended += over >= 0;
            failed += over > 0;
        }
    }
    return failed != 0;
}
